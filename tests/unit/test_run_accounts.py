"""What a run costs and emits, from the grid's meter to figures and tables, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.problems import InputError
from simulator.results.result import Result
from simulator.simulation import simulate

# Two boxes work in the first hour (400 W), one in the second (300 W); with the PUE the grid gives 600 W and 450 W.
SCENARIO = """\
start: 2023-01-01T00:00:00Z
until: 2 h
fleet: {groups: [{name: hall, node: box, count: 2}]}
nodes:
  box:
    cpu_cores: 4
    memory: 64 GiB
    power: {parts: [{name: cpu, follows: processor, idle_power: 100 W, peak_power: 200 W}]}
workload:
  kind: list
  jobs: [{name: both, duration: 1 h, tasks: 2}, {name: one, duration: 1 h}]
facility: {pue: 1.5}
"""
MONTH = 2 / 744
"""Share of January that the run covers."""


def run(folder: Path, more: str = "") -> Result:
    path = folder / "hall.yaml"
    path.write_text(SCENARIO + more)
    return simulate(path)


def test_a_price_of_energy_alone_is_the_whole_bill(tmp_path: Path) -> None:
    result = run(tmp_path, "site: {tariff: {kind: flat, price: 100 USD/MWh}}\n")
    assert result.kpis["facility_energy_kwh"] == pytest.approx(1.05, rel=1e-12)
    assert result.kpis["energy_cost_usd"] == pytest.approx(0.105, rel=1e-12)
    assert result.kpis["energy_charge_usd"] == pytest.approx(0.105, rel=1e-12)
    assert result.kpis["demand_charge_usd"] is None
    assert result.kpis["billed_demand_kw"] is None
    assert "demand" not in result.tables
    lines = result.frame("bill")
    assert lines[["month", "component", "unit"]].values.tolist() == [["2023-01", "energy", "kWh"]]
    assert lines["quantity"][0] == pytest.approx(1.05, rel=1e-12)
    assert result.power["energy_cost_usd"].tolist() == pytest.approx([0.06, 0.045], rel=1e-12)


def test_demand_fees_and_taxes_are_lines_that_add_up_to_the_cost(tmp_path: Path) -> None:
    tariff = """\
site:
  tariff:
    kind: flat
    price: 100 USD/MWh
    demand: [{name: peak, price: 10 USD/kW, interval: 15 min}]
    fixed: 372 USD
    taxes: {share: 0.1}
"""
    result = run(tmp_path, tariff)
    energy, demand, fixed = 0.105, 10 * 0.6 * MONTH, 372 * MONTH
    lines = result.frame("bill").set_index("component")
    assert lines["amount_usd"].to_dict() == pytest.approx(
        {"energy": energy, "demand": demand, "fixed": fixed, "tax": 0.1 * (energy + demand + fixed)}, rel=1e-12
    )
    assert result.kpis["energy_cost_usd"] == pytest.approx(lines["amount_usd"].sum(), rel=1e-12)
    assert result.kpis["demand_charge_usd"] == pytest.approx(demand, rel=1e-12)
    assert result.kpis["billed_demand_kw"] == pytest.approx(0.6, rel=1e-12)
    months = result.frame("demand")
    assert months["peak_utc"][0].isoformat() == "2023-01-01T00:00:00+00:00"
    assert months[["measured_w", "billed_w"]].values.tolist() == [pytest.approx([600.0, 600.0], rel=1e-12)]
    assert any("billed in proportion to the time covered" in note for note in result.notes)
    # The table by the interval keeps the price of energy alone.
    assert result.power["energy_cost_usd"].sum() == pytest.approx(energy, rel=1e-12)


def test_the_bill_is_the_same_whatever_the_interval_of_the_tables(tmp_path: Path) -> None:
    tariff = "site: {tariff: {kind: flat, price: 100 USD/MWh, demand: [{price: 10 USD/kW, interval: 1 h}]}}\n"
    hourly, coarse = run(tmp_path, tariff), run(tmp_path, tariff + "results: {interval: 2 h}\n")
    assert len(coarse.power) == 1
    assert coarse.kpis["energy_cost_usd"] == pytest.approx(hourly.kpis["energy_cost_usd"], rel=1e-12)


def test_half_of_the_energy_contracted_for_halves_market_based_carbon_alone(tmp_path: Path) -> None:
    site = "site:\n  carbon: {kind: constant, value: 400 g/kWh}\n"
    result = run(tmp_path, site + "  market_based: {contracts: [{kind: share, share: 0.5}]}\n")
    assert result.kpis["carbon_operational_kg"] == pytest.approx(0.42, rel=1e-12)
    assert result.kpis["carbon_market_based_kg"] == pytest.approx(0.21, rel=1e-12)
    assert run(tmp_path, site).kpis["carbon_market_based_kg"] is None


def test_a_residual_mix_needs_no_intensity_of_the_grid(tmp_path: Path) -> None:
    site = "site: {market_based: {residual_mix: {kind: constant, value: 500 g/kWh}}}\n"
    result = run(tmp_path, site)
    assert result.kpis["carbon_market_based_kg"] == pytest.approx(0.525, rel=1e-12)
    assert result.kpis["carbon_operational_kg"] is None
    with pytest.raises(InputError, match="needs a 'residual_mix', or the grid's 'carbon'"):
        run(tmp_path, "site: {market_based: {contracts: [{kind: share, share: 0.5}]}}\n")
