"""A hall that waits for a year: cost follows events, not simulated time."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure, median_cpu_s

MOST_CPU_S = 1.0
SCENARIO = """
description: 1,000 nodes, a year, one job of a minute
start: 2023-01-01T00:00:00Z
until: {until}
fleet: {{groups: [{{name: node, node: cpu-128-core, count: 1000}}]}}
workload: {{kind: list, jobs: [{{submit: 1 h, duration: 1 min}}]}}
facility: {{pue: 1.2}}
"""


def _run(path: Path, folder: Path | None) -> None:
    from simulator import simulate

    result = simulate(path)
    assert result.kpis["jobs_completed"] == 1
    if folder is not None:
        result.save(folder)


def measure(runs: int) -> Iterator[Figure]:
    """Yield the CPU time of the year, without and with writing its tables; the reference is an idle day."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        year, day = folder / "year.yaml", folder / "day.yaml"
        year.write_text(SCENARIO.format(until="365 d"), encoding="utf-8")
        day.write_text(SCENARIO.format(until="1 d"), encoding="utf-8")
        _run(day, folder)
        day_s = median_cpu_s(functools.partial(_run, day, None), runs)
        year_s = median_cpu_s(functools.partial(_run, year, None), runs)
        written_s = median_cpu_s(functools.partial(_run, year, folder), runs)
    covers = "reading, building, running, hourly tables of the hall and of 250 racks"
    yield Figure("idle year of 1,000 nodes", year_s, "CPU-s", MOST_CPU_S, False, day_s, "idle day", covers)
    written = "idle year of 1,000 nodes, tables written"
    yield Figure(written, written_s, "CPU-s", MOST_CPU_S, False, day_s, "idle day, not written")
