"""Levers compared by their runs: by the facility's energy for the same work, whatever their PUE."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.problems import InputError
from simulator.results.levers import bottlenecks
from simulator.results.result import Result
from simulator.simulation import simulate

SCENARIO = """\
start: 2023-01-01T00:00:00Z
fleet: {groups: [{name: hall, node: box, count: 10}]}
nodes:
  box:
    cpu_cores: 4
    memory: 64 GiB
    power:
      clock_exponent: {value: 2, source: a test, status: assumption}
      parts: [{name: cpu, follows: processor, idle_power: 500 W, peak_power: 1 kW}]
workload: {kind: list, jobs: [{name: only, duration: 6 h, tasks: 8}]}
facility:
  lighting: 1 kW
  cooling: {air: {kind: crah, plant: {kind: stated, power_share: 0.2}}}
site:
  weather: {kind: constant, dry_bulb: 20 °C}
  tariff: {kind: flat, price: 100 USD/MWh}
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    path = tmp_path_factory.mktemp("levers") / "hall.yaml"
    path.write_text(SCENARIO)
    sets: dict[str, list[str]] = {
        "base": [],
        "warm air, fast fans": ["facility.cooling.supply_air=32 °C"],
        "better plant": ["facility.cooling.air.plant.power_share=0.1"],
        "no idle nodes": ["fleet.groups[0].count=8"],
        "half clock": ["events=[{kind: clock, fraction: 0.5, at: 0 s}]"],
    }
    return {name: simulate(path, sets=given) for name, given in sets.items()}


def test_a_lever_that_lowers_pue_and_wastes_energy_ranks_below(runs: dict[str, Result]) -> None:
    base = runs["base"]
    compared = bottlenecks(base, {name: run for name, run in runs.items() if name != "base"})
    found = {row.lever: row for row in compared.outcomes}
    fans = found["warm air, fast fans"]
    assert fans.pue is not None
    assert fans.pue < (base.kpis["pue"] or 0.0)
    assert fans.saves_kwh < 0.0 < found["better plant"].saves_kwh
    assert fans.rank > found["better plant"].rank
    assert [row.per_task_hour_kwh for row in compared.outcomes] == sorted(
        r.per_task_hour_kwh for r in compared.outcomes
    )


def test_savings_and_costs_are_those_of_the_same_work(runs: dict[str, Result]) -> None:
    base, slow = runs["base"].kpis, runs["half clock"].kpis
    assert base["work_done_task_hours"] == pytest.approx(48.0, rel=1e-9)
    assert slow["work_done_task_hours"] == pytest.approx(48.0, rel=1e-9)
    row = bottlenecks(runs["base"], {"half clock": runs["half clock"]}).outcomes[0]
    saved_kwh = float(base["facility_energy_kwh"] or 0.0) - float(slow["facility_energy_kwh"] or 0.0)
    assert row.saves_kwh == pytest.approx(saved_kwh, rel=1e-9)
    assert row.cost_change_usd == pytest.approx(-0.1 * saved_kwh, rel=1e-9)
    assert row.makespan_change_s == pytest.approx(6 * 3600.0, rel=1e-9)
    assert row.carbon_change_kg is None


def test_each_end_of_energy_names_the_best_lever_against_it(runs: dict[str, Result]) -> None:
    levers = {name: runs[name] for name in ("better plant", "no idle nodes")}
    compared = bottlenecks(runs["base"], levers)
    ends = compared.destinations_table().to_pandas().set_index("destination")
    assert ends["energy_kwh"].sum() == pytest.approx(runs["base"].kpis["facility_energy_kwh"], rel=1e-9)
    assert ends["energy_kwh"].is_monotonic_decreasing
    assert ends["best_lever"]["nodes held by nobody"] == "no idle nodes"
    assert ends["best_lever"]["nodes held by jobs"] == ""
    assert compared.levers_table().num_rows == 2


def test_a_run_without_work_has_nothing_to_compare(tmp_path: Path) -> None:
    path = tmp_path / "hall.yaml"
    path.write_text(SCENARIO.replace("name: only,", "name: only, submit: 2 h,") + "until: 1 h\n")
    with pytest.raises(InputError, match="did no work"):
        bottlenecks(simulate(path), {})
