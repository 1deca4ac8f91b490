"""Ratios and water of a run whose building is simulated, by hand."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.water.sources import WaterSupply
from simulator.facility.ledger import COLUMNS, Ledger
from simulator.results.result import Result
from simulator.results.site_clock import months_of
from simulator.results.water import water_accounts
from simulator.simulation import simulate

# 10 kW of nodes at all times. Shelves in the racks take 12.5 kW for it, distribution 15.625 kW for that.
SCENARIO = """\
start: 2023-07-01T02:00:00Z
until: 8 h
fleet: {groups: [{name: hall, node: box, count: 10}]}
nodes:
  box:
    cpu_cores: 4
    memory: 64 GiB
    power: {parts: [{name: cpu, follows: processor, idle_power: 1 kW, peak_power: 1 kW}]}
workload: {kind: list, jobs: [{name: only, duration: 1 h, tasks: 10}]}
facility:
  lighting: 100 W
  cooling: {air: {kind: crah, plant: {kind: stated, power_share: 0.1}}}
  power:
    rectifiers: {loss: {kind: converter, offset: 0 W, efficiency: 0.8}}
    pdu: {space: plant-room, loss: {kind: converter, offset: 0 W, efficiency: 0.8}}
    busway: none
    ups: none
    transformer: none
site:
  weather: {kind: constant, dry_bulb: 20 °C}
  carbon: {kind: constant, value: 400 g/kWh}
  tariff: {kind: flat, price: 70 USD/MWh, zone: America/New_York}
"""


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    path = tmp_path_factory.mktemp("ratios") / "hall.yaml"
    path.write_text(SCENARIO)
    return simulate(path)


def test_losses_of_shelves_in_racks_are_it_and_all_others_are_not(result: Result) -> None:
    kpis = result.kpis
    assert kpis["it_energy_kwh"] == pytest.approx(8 * 12.5, rel=1e-12)
    assert kpis["power_loss_kwh"] == pytest.approx(8 * 3.125, rel=1e-12)
    assert kpis["peak_it_power_kw"] == pytest.approx(10.0, rel=1e-12)
    assert result.power["it_energy_j"].sum() == pytest.approx(8 * 12.5 * 3.6e6, rel=1e-12)


def test_energy_of_it_cooling_power_and_light_is_the_facilitys(result: Result) -> None:
    kpis = {name: float(value or 0.0) for name, value in result.kpis.items()}
    cooling_kwh = kpis["cooling_energy_kwh"]
    # The hall gets the heat of nodes, shelves, light and its own fans; the plant draws a tenth of what it removes.
    fans_kwh = float((result.frame("facility")["air_fan_mean_w"] / 1e3).sum())
    assert cooling_kwh == pytest.approx(fans_kwh + 0.1 * (8 * (12.5 + 0.1) + fans_kwh), rel=2e-3)
    assert kpis["facility_energy_kwh"] == pytest.approx(8 * (12.5 + 3.125 + 0.1) + cooling_kwh, rel=1e-9)
    assert kpis["pue"] == pytest.approx(kpis["facility_energy_kwh"] / 100.0, rel=1e-12)
    assert kpis["cue_kg_per_kwh"] == pytest.approx(0.4 * kpis["pue"], rel=1e-12)
    assert result.frame("energy")["energy_j"].sum() / 3.6e6 == pytest.approx(kpis["facility_energy_kwh"], rel=1e-9)


def test_ratios_come_by_the_month_of_the_sites_clock_and_for_the_run(result: Result) -> None:
    ratios = result.frame("ratios").set_index("month")
    # It is 22:00 in New York when the run starts: two hours of June, six of July.
    assert ratios.index.tolist() == ["2023-06", "2023-07", "run"]
    assert ratios["it_energy_kwh"].tolist() == pytest.approx([25.0, 75.0, 100.0], rel=1e-9)
    for column in ("facility_energy_kwh", "cooling_energy_kwh", "power_loss_kwh"):
        assert ratios[column][:2].sum() == pytest.approx(ratios[column]["run"], rel=1e-12)
        assert ratios[column]["run"] == pytest.approx(result.kpis[column], rel=1e-12)
    assert ratios["pue"]["run"] == pytest.approx(result.kpis["pue"], rel=1e-12)
    assert ratios["partial_pue_power"].tolist() == pytest.approx([1.25] * 3, rel=1e-9)
    light = 0.1 / 12.5
    parts = ratios["partial_pue_power"] + ratios["partial_pue_cooling"] - 1.0 + light
    assert parts.tolist() == pytest.approx(ratios["pue"].tolist(), rel=1e-9)


def test_of_a_stated_pue_no_part_is_known(tmp_path: Path) -> None:
    path = tmp_path / "hall.yaml"
    head, _, tail = SCENARIO.partition("facility:")
    path.write_text(head + "facility: {pue: 1.5}\nsite:" + tail.partition("site:")[2])
    stated = simulate(path)
    ratios = stated.frame("ratios")
    assert ratios["pue"].tolist() == pytest.approx([1.5] * 3, rel=1e-12)
    assert (
        ratios[["partial_pue_cooling", "partial_pue_power", "wue_l_per_kwh", "cooling_energy_kwh"]]
        .isna()
        .all(axis=None)
    )
    assert stated.kpis["it_energy_kwh"] == pytest.approx(80.0, rel=1e-12)


def test_months_follow_a_clock_with_daylight_saving() -> None:
    midnight_utc_s = 1698796800.0  # 1 November 2023 in UTC; October ends four hours later in New York
    names, index = months_of([midnight_utc_s + hours * 3600.0 for hours in (0, 3.9, 4)], ZoneInfo("America/New_York"))
    assert (names, index.tolist()) == (["2023-10", "2023-11"], [0, 0, 1])
    assert months_of([], ZoneInfo("UTC"))[0] == []


def ledger(*rows: tuple[float, float, float, float]) -> Ledger:
    """Rows of from, to [s], evaporation and blowdown [kg/s]."""
    book = Ledger()
    for from_s, to_s, evaporation, blowdown in rows:
        row: dict[str, Any] = dict.fromkeys(COLUMNS, 0.0)
        row |= {"from_s": from_s, "to_s": to_s}
        book.append(row | {"evaporation_kg_per_s": evaporation, "blowdown_kg_per_s": blowdown})
    return book


HOUR = 3600.0
SUPPLY = {
    "sources": [
        {"name": "mains", "share": 0.75, "prices": {"supply": "2 USD/m3", "sewer": "4 USD/m3"}, "daily_limit": "10 m3"},
        {"name": "well", "share": 0.25},
    ]
}


def test_water_costs_what_its_sources_ask_and_what_goes_down_the_drain() -> None:
    # 7,200 L evaporate and 3,600 L are bled in an hour.
    water = water_accounts(ledger((0.0, HOUR, 2.0, 1.0)), 0.0, ZoneInfo("UTC"), WaterSupply.model_validate(SUPPLY))
    assert water.kpis() == pytest.approx(
        {"water_l": 10_800.0, "water_peak_day_l": 10_800.0, "water_cost_usd": 0.75 * (10.8 * 2 + 3.6 * 4)}, rel=1e-12
    )
    lines = water.tables()["water"].to_pandas().set_index("source")
    assert lines["drawn_l"].tolist() == pytest.approx([8_100.0, 2_700.0], rel=1e-12)
    assert lines["discharged_l"].sum() == pytest.approx(3_600.0, rel=1e-12)
    assert lines["cost_usd"].isna().tolist() == [False, True]
    assert water.notes() == ("most water, 10,800 L, was used on 1970-01-01",)


def test_water_without_a_price_has_no_cost() -> None:
    assert water_accounts(ledger((0.0, HOUR, 2.0, 0.0)), 0.0, ZoneInfo("UTC"), None).kpis()["water_cost_usd"] is None
    assert water_accounts(ledger(), 0.0, ZoneInfo("UTC"), None).kpis()["water_peak_day_l"] == 0.0


def test_the_peak_day_is_one_of_the_sites_own_clock() -> None:
    # Twelve hours on either side of midnight in UTC are one day where the clock is twelve hours ahead.
    book = ledger((0.0, 12 * HOUR, 0.0, 0.0), (12 * HOUR, 36 * HOUR, 1.0, 0.0), (36 * HOUR, 48 * HOUR, 0.0, 0.0))
    ahead, utc = (
        water_accounts(book, 0.0, clock, WaterSupply.model_validate(SUPPLY))
        for clock in (timezone(timedelta(hours=12)), ZoneInfo("UTC"))
    )
    assert ahead.peak_l == pytest.approx(86_400.0, rel=1e-12)
    assert utc.peak_l == pytest.approx(43_200.0, rel=1e-12)
    # Of 86.4 m3 the mains would have to give 64.8, and may give 10.
    assert ahead.notes() == (
        "most water, 86,400 L, was used on 1970-01-02",
        "on that day 'mains' lacks 54,800 L",
    )
