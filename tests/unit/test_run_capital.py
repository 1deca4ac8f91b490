"""Work, capital, embodied carbon and rows of a run, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from hall import Hall, Job, fleet, node, workload
from simulator.results.result import Result
from simulator.results.work import work_done_s
from simulator.simulation import simulate

# Two nodes of 1 kW with two accelerators each, of which one job keeps one node busy for half of the run.
SCENARIO = """\
start: 2023-01-01T00:00:00Z
until: 2 h
fleet: {groups: [{name: hall, node: box, count: 2}]}
nodes:
  box:
    accelerator: {name: T4}
    accelerators: 2
    cpu_cores: 4
    memory: 64 GiB
    power: {parts: [{name: all, follows: processor, idle_power: 1 kW, peak_power: 1 kW}]}
PRICE
workload: {kind: list, jobs: [{name: only, duration: 1 h}]}
facility: {pue: 1.5}
"""
PRICE = "    price: {value: 100 kUSD, source: a test, status: assumption}\n"
CARBON = "    embodied_carbon: {value: 2000 kg, source: a test, status: assumption}\n"
YEARS = 2 / (365.25 * 24)
PLAIN = "accounting: {capital: {discount_rate: 0, maintenance_share: 0, network_per_accelerator: 1 kUSD}}\n"


def run(folder: Path, more: str = "", price: str = PRICE) -> Result:
    path = folder / "hall.yaml"
    path.write_text(SCENARIO.replace("PRICE\n", price) + more)
    return simulate(path)


def test_an_accelerators_hour_bears_nodes_network_building_and_electricity(tmp_path: Path) -> None:
    result = run(tmp_path, PLAIN + "site: {tariff: {kind: flat, price: 100 USD/MWh}}\n")
    # 200 kUSD of nodes and 4 kUSD of network over five years, 2 kW at 11.7 USD/W over twenty, 6 kWh at 0.1 USD.
    expected = {
        "nodes": 200_000 / 5 * YEARS,
        "network": 4_000 / 5 * YEARS,
        "construction": 2_000 * 11.7 / 20 * YEARS,
        "electricity": 0.6,
    }
    cost = result.frame("cost").set_index("item")["run_usd"]
    assert cost.to_dict() == pytest.approx(expected, rel=1e-12)
    # Four accelerators are there for two hours, and two of them busy for one.
    total = sum(expected.values())
    assert result.kpis["cost_per_accelerator_hour_usd"] == pytest.approx(total / 8, rel=1e-12)
    assert result.kpis["cost_per_busy_accelerator_hour_usd"] == pytest.approx(total / 2, rel=1e-12)


def test_nodes_that_come_half_way_bear_half(tmp_path: Path) -> None:
    late = SCENARIO.replace("PRICE\n", PRICE + CARBON).replace("count: 2}", "count: 2, in_service: 1 h}")
    path = tmp_path / "hall.yaml"
    path.write_text(late + PLAIN)
    result = simulate(path)
    cost = result.frame("cost").set_index("item")
    assert cost["run_usd"]["nodes"] == pytest.approx(100_000 / 5 * YEARS, rel=1e-12)
    embodied = result.frame("embodied").set_index("item")
    assert embodied["run_kg"]["nodes"] == pytest.approx(4_000 / 5 * YEARS / 2, rel=1e-12)


def test_embodied_carbon_is_spread_over_lives(tmp_path: Path) -> None:
    result = run(tmp_path, price=CARBON)
    nodes_kg, building_kg = 4_000 / 5 * YEARS, 2 * 1_000 / 20 * YEARS
    assert result.kpis["carbon_embodied_kg"] == pytest.approx(nodes_kg + building_kg, rel=1e-12)
    assert result.frame("embodied")["run_kg"].sum() == pytest.approx(nodes_kg + building_kg, rel=1e-12)
    assert result.kpis["cost_per_accelerator_hour_usd"] is None


def test_without_any_price_there_is_no_cost(tmp_path: Path) -> None:
    result = run(tmp_path, price="")
    for name in ("cost_per_accelerator_hour_usd", "cost_per_busy_accelerator_hour_usd", "carbon_embodied_kg"):
        assert result.kpis[name] is None
    assert not {"cost", "embodied"} & set(result.tables)
    priced = run(tmp_path, "accounting: {capital: {node: 100 kUSD}}\n", price="")
    assert priced.kpis["cost_per_accelerator_hour_usd"] is not None
    assert any("without electricity: the site has no tariff" in note for note in priced.notes)


def test_work_is_what_jobs_did_and_kept_at_full_clock() -> None:
    # a is done (2 tasks of 100 s); b has done 30 of its 50 s at half clock; c waits.
    hall = Hall(fleet([node()] * 3), workload(Job(0, 100, tasks=2), Job(0, 50), Job(1, 10, tasks=3)))
    hall.at(20, lambda batch: batch.set_job_clock([1], 0.5)).run(until_s=40)
    assert work_done_s(hall.state).tolist() == pytest.approx([80.0, 30.0, 0.0], rel=1e-12)
    ended = Hall(fleet([node()] * 3), workload(Job(0, 100, tasks=2), Job(0, [(10, 1.0), (40, 0.5)]))).run(until_s=200)
    assert work_done_s(ended.state).tolist() == pytest.approx([200.0, 50.0], rel=1e-12)


def test_work_that_was_undone_is_no_work() -> None:
    # At 65 s the job falls back to its checkpoint at 60 s, and waits for its node, which does not come back.
    hall = Hall(fleet([node()]), workload(Job(0, [(50, 1.0), (50, 1.0)], checkpoint_s=20)))
    hall.at(65, lambda batch: batch.shut_down([0], keep_work=True)).run(until_s=80)
    assert work_done_s(hall.state).tolist() == pytest.approx([60.0], rel=1e-12)


def test_energy_is_told_for_each_task_hour(tmp_path: Path) -> None:
    result = run(tmp_path)
    assert result.kpis["work_done_task_hours"] == pytest.approx(1.0, rel=1e-12)
    assert result.kpis["energy_per_task_hour_kwh"] == pytest.approx(6.0, rel=1e-12)
    energy = result.frame("energy").set_index("destination")
    assert energy["per_task_hour_kwh"].to_dict() == pytest.approx(
        {
            "nodes held by jobs": 1.0,
            "nodes held by nobody": 3.0,
            "racks and other IT": 0.0,
            "the building, by its stated PUE": 2.0,
        },
        abs=1e-9,
    )
    assert result.kpis["tokens_per_s_per_mw"] is None


def test_stranded_power_is_what_no_rack_can_use(tmp_path: Path) -> None:
    # A row may draw 0.8 of 2 kW for hours: one rack of 1 kW, and 0.6 kW for nobody, in each of two rows.
    cooling = "facility:\n  cooling: {air: {kind: crah, plant: {kind: stated, power_share: 0.1}}}\n"
    rows = "  power: {rows: {row_capacity: 2 kW}}\nsite: {weather: {kind: constant, dry_bulb: 20 °C}}\n"
    path = tmp_path / "hall.yaml"
    text = SCENARIO.replace("PRICE\n", "").replace("count: 2}", "count: 2, nodes_per_rack: 1}")
    path.write_text(text.replace("facility: {pue: 1.5}\n", cooling + rows))
    result = simulate(path)
    assert result.kpis["stranded_power_kw"] == pytest.approx(1.2, rel=1e-12)
    table = result.frame("rows").set_index("row")
    assert table["stranded_w"].to_dict() == pytest.approx({"row-0": 600.0, "row-1": 600.0, "hall": 1_200.0}, rel=1e-12)
    assert table["racks"].tolist() == [1, 1, 2]
