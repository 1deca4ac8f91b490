"""A hall with its building: cooling looked at every five minutes, jobs that meet its limits."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .figure import Figure, median_cpu_s

MOST_CPU_S = 5.0
SCENARIO = """
description: 1,000 nodes, 30 days, 10,000 jobs
seed: 7
start: 2023-07-10T04:00:00Z
until: 30 d
fleet: {{groups: [{{name: gpu, node: dgx-h100, count: 1000, nodes_per_rack: 4}}]}}
workload:
  kind: synthetic
  count: 10000
  horizon: 29 d
  duration: {{kind: lognormal, median: 90 min, sigma: 1.1, minimum: 5 min, maximum: 2 d}}
  tasks: {{kind: power-of-two, minimum: 1, maximum: 64}}
  activity: 0.85
scheduling: {{kind: easy}}
facility: {facility}
site: {{weather: {{kind: typical}}, tariff: {{kind: flat, price: 70 USD/MWh}}}}
"""
BUILDING = """
  cooling:
    air: {kind: crah, plant: {kind: chilled-water, economizer: {}}}
    liquid: {captured: 0.8, plant: {kind: cooling-tower}}
"""


def _run(path: Path) -> None:
    from simulator import simulate

    result = simulate(path)
    assert (result.kpis["jobs_completed"] or 0) > 9_000


def measure(runs: int) -> Iterator[Figure]:
    """Yield the CPU time of a month; the reference is the same month with a stated PUE."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        simulated, stated = folder / "simulated.yaml", folder / "stated.yaml"
        simulated.write_text(SCENARIO.format(facility=BUILDING), encoding="utf-8")
        stated.write_text(SCENARIO.format(facility="{pue: 1.2}"), encoding="utf-8")
        _run(stated)
        _run(simulated)
        stated_s = median_cpu_s(functools.partial(_run, stated), runs)
        simulated_s = median_cpu_s(functools.partial(_run, simulated), runs)
    covers = "8,640 looks at chilled water, towers, air, coolant, power chain; reading, building, tables"
    figure = "coupled month of 1,000 nodes, 10,000 jobs"
    yield Figure(figure, simulated_s, "CPU-s", MOST_CPU_S, False, stated_s, "the same with a stated PUE", covers)
