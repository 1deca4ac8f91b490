"""Batch jobs on named nodes, from the scenario file to the tables on disk."""

from __future__ import annotations

import functools
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .figure import Figure, median_cpu_s
from .memory import peak_mb
from .references import Jobs, heap_easy, heap_fcfs, simpy_fcfs

SCENARIO = Path(__file__).with_name("batch.yaml")
FLOORS = {"fcfs": 100_000.0, "easy": 60_000.0, "easy-overload": 40_000.0}
"""Jobs per CPU-second that are to be reached."""
MOST_MEMORY_MB = 400.0
COVERS = "reading the scenario, drawing the jobs, building, running, tables, summary, writing every table"


def run(name: str, folder: str, sets: tuple[str, ...] = ()) -> dict[str, Any]:
    """Simulate a named scenario, write its result, return its figures."""
    from simulator import simulate

    result = simulate(SCENARIO, scenario=name, sets=sets)
    result.save(folder)
    return dict(result.kpis)


def run_in_passing(name: str, *sets: str) -> None:
    """Do the same, and leave no result behind."""
    with tempfile.TemporaryDirectory() as folder:
        run(name, folder, sets)


def run_one_job() -> None:
    """Simulate a single job: hardly more than the imports."""
    run_in_passing("easy", "workload.count=1")


@contextmanager
def _engine_timed() -> Iterator[list[float]]:
    """Collect the CPU time of each call of the compiled engine."""
    from simulator.engine import advance_kernel

    times_s: list[float] = []
    advance: Any = advance_kernel.advance

    def timed(*arguments: Any) -> Any:
        before_s = time.process_time()
        try:
            return advance(*arguments)
        finally:
            times_s.append(time.process_time() - before_s)

    vars(advance_kernel)["advance"] = timed
    try:
        yield times_s
    finally:
        vars(advance_kernel)["advance"] = advance


def _jobs(name: str) -> tuple[Jobs, int]:
    from simulator.scenario.loading import load_scenario
    from simulator.simulation import read_inputs

    given = load_scenario(SCENARIO, scenario=name).scenario
    inputs = read_inputs(given)
    work = inputs.workload
    lists = (work.submit_s.tolist(), work.work_s.tolist(), work.tasks.tolist(), work.estimate_s.tolist())
    return Jobs(*lists), len(inputs.fleet)


def _references(name: str) -> dict[str, Callable[[Jobs, int], list[float]]]:
    if name == "fcfs":
        return {"heap loop, counter": heap_fcfs, "SimPy process a job, counter": simpy_fcfs}
    depth = 100.0 if name == "easy-overload" else float("inf")
    return {"heap loop, counter": functools.partial(heap_easy, depth=depth)}


def measure(runs: int) -> Iterator[Figure]:
    """Yield peak memory, then jobs per CPU-second with the references' own rates beside them.

    Raises AssertionError where a reference's mean wait is not ours: they would not have done the same work.
    """
    imports = min(peak_mb(run_one_job) for _ in range(2))
    yield Figure("batch: memory of imports alone", imports, "MB", covers="a scenario of one job")
    for name in FLOORS:
        run_in_passing(name, "workload.count=1000")
    for name in FLOORS:
        whole = functools.partial(run_in_passing, name)
        peak = min(peak_mb(whole) for _ in range(2))  # the first may find something to compile
        yield Figure(
            f"batch: peak memory, {name}", peak, "MB", MOST_MEMORY_MB, covers="a fresh process with its imports"
        )
    for name in FLOORS:
        yield from _rates(name, runs)


def _rates(name: str, runs: int) -> Iterator[Figure]:
    kpis: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, _engine_timed() as engine_s:
        total_s = median_cpu_s(lambda: kpis.update(run(name, folder)), runs)
    jobs, nodes = _jobs(name)
    count = len(jobs.submit_s)
    assert kpis["jobs_completed"] == count
    rates = {}
    for reference_name, reference in _references(name).items():
        mean_s = sum(reference(jobs, nodes)) / count
        assert abs(mean_s - kpis["wait_mean_s"]) <= 1e-6 * mean_s, (reference_name, mean_s, kpis["wait_mean_s"])
        rates[reference_name] = count / median_cpu_s(functools.partial(reference, jobs, nodes), runs)
    parts: list[tuple[str, float, float | None, str]] = [
        ("all of it", count / total_s, FLOORS[name], COVERS),
        ("engine alone", count * runs / sum(engine_s), None, ""),
    ]
    for part, rate, floor, covers in parts:
        for position, (reference_name, reference_rate) in enumerate(rates.items()):
            first = position == 0  # The target and what is covered are told once.
            yield Figure(
                f"batch: {name}, {part}",
                rate,
                "jobs/CPU-s",
                floor if first else None,
                True,
                reference_rate,
                reference_name,
                covers if first else "",
            )
