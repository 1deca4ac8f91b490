"""A power manager that changes every node's clock every five minutes, for a month."""

from __future__ import annotations

import functools
from collections.abc import Generator, Iterator
from typing import Any

import simpy

from .figure import Figure, median_cpu_s

JOBS = 1000
INTERVAL_S = 300.0
DAYS = 30
WORK_S = 40 * 86_400.0
"""Work of each job: none ends before the month does."""
CLOCKS = (0.9, 0.8)
MOST_CPU_S = 1.0
REFERENCE_DAYS = 1
"""The reference runs for a day, and its time is multiplied: it takes 50 times as long."""


def _run(days: int) -> float:
    """Run 1,000 jobs of one node each under clocks that change every interval; return the energy [J]."""
    import numpy as np

    from models.catalog import entry
    from models.fleet import Fleet
    from models.workload.building import build
    from simulator.assembly.hall import build_state
    from simulator.engine import state as layout
    from simulator.engine.batch import Batch
    from simulator.engine.settlement import Settlement, Timeline
    from simulator.placement.first_fit import FirstFit
    from simulator.scheduling.fcfs import FirstComeFirstServed

    fleet = Fleet(
        node_names=tuple(f"node-{node}" for node in range(JOBS)),
        model_names=("cpu-128-core",),
        models=(entry("nodes", "cpu-128-core"),),
        model=np.zeros(JOBS, np.int64),
        rack_names=tuple(f"rack-{rack}" for rack in range(JOBS // 4)),
        rack_power_w=np.zeros(JOBS // 4),
        rack=np.arange(JOBS) // 4,
        group=("node",) * JOBS,
        commission_s=np.zeros(JOBS),
        retire_s=np.full(JOBS, np.inf),
        retire_drains=np.zeros(JOBS, np.bool_),
    )
    workload = build(where="benchmark", submit_s=np.zeros(JOBS), work_s=np.full(JOBS, WORK_S))
    scheduling, placement = FirstComeFirstServed(), FirstFit()
    state = build_state(fleet, workload, scheduling, placement, start_utc_s=0.0, interval_s=3600, rack_interval_s=3600)
    timeline = Timeline()
    batch = Batch(timeline, state, scheduling.kernel(), placement.kernel())
    settlement = Settlement(timeline, [batch])
    nodes = np.arange(JOBS)

    def manager() -> Generator[simpy.Event, None, None]:
        batch.commission(nodes)
        settlement.mark()
        for step in range(int(days * 86_400.0 / INTERVAL_S)):
            yield timeline.at(step * INTERVAL_S)
            batch.set_node_clock(nodes, CLOCKS[step % 2])
            settlement.mark()

    timeline.process(manager())
    timeline.run(days * 86_400.0)
    batch.close(days * 86_400.0)
    hall: Any = batch.state
    assert int(hall.clock[0]["running"]) == JOBS
    return float(hall.meters["integral"][layout.IT_POWER])


def _timeout_a_job(days: int) -> None:
    """The same with a SimPy process a job that sleeps for what is left of its work and is interrupted."""
    environment = simpy.Environment()
    rate = CLOCKS[0]

    def job() -> Generator[simpy.Event, None, None]:
        remaining_s = WORK_S
        while remaining_s > 0.0:
            since_s, at_rate = environment.now, rate
            try:
                yield environment.timeout(remaining_s / at_rate)
                remaining_s = 0.0
            except simpy.Interrupt:
                remaining_s -= (environment.now - since_s) * at_rate

    def manager(jobs: list[simpy.Process]) -> Generator[simpy.Event, None, None]:
        nonlocal rate
        for step in range(int(days * 86_400.0 / INTERVAL_S)):
            yield environment.timeout(INTERVAL_S)
            rate = CLOCKS[step % 2]
            for process in jobs:
                process.interrupt()

    environment.process(manager([environment.process(job()) for _ in range(JOBS)]))
    environment.run(days * 86_400.0)


def measure(runs: int) -> Iterator[Figure]:
    """Yield the CPU time of a month of re-rating."""
    _run(1)
    cpu_s = median_cpu_s(functools.partial(_run, DAYS), runs)
    reference_s = median_cpu_s(functools.partial(_timeout_a_job, REFERENCE_DAYS), 1) * DAYS / REFERENCE_DAYS
    yield Figure(
        "re-rating 1,000 jobs every 300 s for 30 days",
        cpu_s,
        "CPU-s",
        MOST_CPU_S,
        reference=reference_s,
        reference_name=f"SimPy timeout a job ({REFERENCE_DAYS} day, scaled)",
        covers="building, clocks, rates, power of every node, meters",
    )
