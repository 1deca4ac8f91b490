"""Training through failures: 54 days of a published run, and a year in a building that is cooled and mended."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .batch import run_one_job
from .figure import Figure, median_cpu_s
from .memory import peak_mb

MOST_REPLICA_CPU_S, MOST_YEAR_CPU_S, MOST_YEAR_MB = 20.0, 60.0, 1000.0
REPLICA = Path(__file__).resolve().parent.parent / "scenarios" / "llama3_54_days.yaml"
YEAR = """
description: 2,048 nodes for a year, of which 2,016 train
seed: 1
start: 2023-01-01T00:00:00Z
until: 365 d
fleet: {groups: [{name: gpu, node: dgx-h100, count: 2048, nodes_per_rack: 4}]}
training:
  - name: model
    accelerators: 16128
    step: {duration: 10 s, tokens: 16.8e6, activity: 0.8}
    duration: 400 d
    checkpoints: {interval: daly, write: 60 s}
"""
FAILURES = """
reliability: {failures: [{kind: published, set: llama-3}]}
operations: {}
facility:
  cooling: {air: {kind: crah, plant: {kind: chilled-water, economizer: {}}}}
  power: {ups: {redundancy: N+1}}
site: {weather: {kind: typical}}
"""
PLAIN = "facility: {pue: 1.2}\n"


def run(source: Path) -> None:
    """Simulate a scenario in which training takes place."""
    from simulator import simulate

    assert (simulate(source).kpis["ettr"] or 0.0) > 0.5


def run_year(folder: Path, *, failing: bool) -> None:
    """Simulate the year, with failures, crews and a building, or without."""
    path = folder / "year.yaml"
    # Without failures Daly's interval has nothing to go by.
    text = YEAR + FAILURES if failing else YEAR.replace("daly", "27 min") + PLAIN
    path.write_text(text, encoding="utf-8")
    run(path)


def _failing_year() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run_year(Path(folder), failing=True)


def measure(runs: int) -> Iterator[Figure]:
    """Yield CPU times and the peak memory; the reference is the same year without failures in a stated PUE."""
    run(REPLICA)
    replica_s = median_cpu_s(functools.partial(run, REPLICA), runs)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_year(folder, failing=False)
        plain_s = median_cpu_s(functools.partial(run_year, folder, failing=False), 1)
        year_s = median_cpu_s(functools.partial(run_year, folder, failing=True), min(runs, 3))
    without = "the year without failures, crews, building"
    covers = "16,384 GPUs, some 400 failures, 6,500 checkpoints"
    yield Figure(
        "54 days of 2,064 nodes, a replica", replica_s, "CPU-s", MOST_REPLICA_CPU_S, False, plain_s, without, covers
    )
    covers = "2,700 failures, 27,000 checkpoints, 105,120 looks at the building"
    yield Figure(
        "a year of 2,048 nodes, failures, crews, cooling", year_s, "CPU-s", MOST_YEAR_CPU_S, False, plain_s, without,
        covers,
    )  # fmt: skip
    yield Figure(
        "its peak memory", peak_mb(_failing_year), "MB", MOST_YEAR_MB, False, peak_mb(run_one_job), "a run of one job"
    )
