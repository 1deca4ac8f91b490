"""What is told before a run: what is too small for its load, and what does not belong together."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from models import catalog
from models.chillers.chiller import Chiller
from simulator.cli import group
from simulator.scenario.loading import load_scenario
from simulator.simulation import read_inputs, simulate

HALL = """\
start: 2023-07-01T00:00:00Z
until: 2 d
nodes:
  box:
    cpu_cores: 32
    memory: 256 GiB
    power: {parts: [{name: cpu, follows: processor, idle_power: 2 kW, peak_power: 10 kW}]}
fleet: {groups: [{name: a, node: box, count: 100}]}
workload: {kind: list, jobs: [{duration: 1 h}]}
facility:
  cooling:
    air: {kind: crah, unit_capacity: 50 kW, plant: {kind: stated, power_share: 0.1}}
    liquid: {captured: 0.5, plant: {kind: stated, power_share: 0.03}}
site:
  weather: {kind: typical}
"""


def warnings(folder: Path, text: str = HALL) -> list[str]:
    """What is told of a scenario before it runs."""
    (folder / "hall.yaml").write_text(text)
    return list(read_inputs(load_scenario(folder / "hall.yaml").scenario).warnings)


def changed(*pieces: tuple[str, str]) -> str:
    """The good hall with pieces of it replaced."""
    text = HALL
    for old, new in pieces:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def chiller(name: str) -> Chiller:
    """A chiller of the catalogue."""
    entry = catalog.entry("chillers", name)
    assert isinstance(entry, Chiller)
    return entry


def test_nothing_is_told_of_a_hall_that_was_sized_for_its_load(tmp_path: Path) -> None:
    assert warnings(tmp_path) == []
    assert warnings(tmp_path, changed(("until: 2 d\n", ""))) == []


def test_a_building_too_small_for_its_fleet_is_told_part_by_part(tmp_path: Path) -> None:
    told = warnings(tmp_path, changed(("facility:\n", "facility:\n  design_it_power: 500 kW\n")))
    assert told[0] == (
        "facility.design_it_power is 500 kW; nodes and other loads are provisioned for 1.00 MW, 500 kW more"
    )
    cooling = [line for line in told if line.startswith("facility.cooling")]
    assert [line.split()[0] for line in cooling] == ["facility.cooling.air", "facility.cooling.liquid"]
    assert cooling[1] == (
        "facility.cooling.liquid takes 250 kW of the 500 kW of heat on the design day with all machines: "
        "250 kW too little"
    )
    # 1 MW needs 1.25 MW at a design load of 0.8; half of that carries 625 kW.
    assert any(line.startswith("facility.power.ups: has to deliver") and "its unit of" in line for line in told)


def test_a_part_that_only_its_spare_unit_makes_enough_is_told_with_its_units(tmp_path: Path) -> None:
    told = warnings(
        tmp_path,
        changed(
            ("facility:\n", "facility:\n  design_it_power: 960 kW\n"),
            ("{kind: stated, power_share: 0.03}", "{kind: cooling-tower, unit_heat: 100 kW, flow_margin: 1}"),
        ),
    )
    (line,) = [line for line in told if "of its cooling-tower" in line]
    assert line.startswith("facility.cooling.liquid takes 4")
    assert "of the 500 kW of heat on the design day with 5 of 6 units of its cooling-tower: " in line


def test_weather_harder_than_the_design_day_is_told_in_hours(tmp_path: Path) -> None:
    design = "{kind: typical}\n  design: {dry_bulb: 20 °C, wet_bulb: 15 °C}"
    plant = "{kind: dry-cooler, spare: 0, rating: {heat: 120 kW, fan_power: 5 kW}}"
    text = changed(("{kind: stated, power_share: 0.03}", plant), ("{kind: typical}", design))
    assert warnings(tmp_path, text.replace("dry_bulb: 20 °C", "dry_bulb: 34 °C")) == []
    (line,) = warnings(tmp_path, text)
    assert line.startswith("facility.cooling.liquid is too small at the design's heat in ")
    assert " of 48.0 h of the run's weather: " in line


def test_a_chiller_whose_curves_go_the_wrong_way_is_told(tmp_path: Path) -> None:
    flagged = next(
        name for name in catalog.names("chillers") if "warmer-chilled-water-more-power" in chiller(name).flags
    )
    plant = f"{{kind: chilled-water, chiller: {flagged}}}"
    told = warnings(tmp_path, changed(("{kind: stated, power_share: 0.1}", plant)))
    assert any("power rises with warmer chilled water, by" in line for line in told), told


def test_feeds_that_deliver_too_little_are_told_with_the_time(tmp_path: Path) -> None:
    feeds = "  power: {utility: {feeds: [{capacity: 100 kW}, {capacity: 3 MW, in_service: 1 d}]}}\n"
    (line,) = warnings(tmp_path, changed(("facility:\n", f"facility:\n{feeds}")))
    assert line.startswith("facility.power.utility.feeds: from the start to 1.00 d the feeds deliver 100 kW of the 1.1")


def test_rows_whose_breakers_are_too_small_are_told(tmp_path: Path) -> None:
    rows = "  power: {rows: {row_capacity: 100 kW, rack_limit: 9 kW}}\n"
    told = warnings(tmp_path, changed(("facility:\n", f"facility:\n{rows}")))
    assert any(line.startswith("facility.power.rows.rack_limit: ") for line in told)


def test_prices_and_weather_of_different_years_are_told(tmp_path: Path) -> None:
    hours = "".join(f"2023-07-{1 + hour // 24:02d}T{hour % 24:02d}:00Z,50\n" for hour in range(72))
    (tmp_path / "price.csv").write_text("time_utc,price_usd_per_mwh\n" + hours)
    told = warnings(tmp_path, HALL + "  tariff: {kind: hourly, file: price.csv}\n")
    assert all("years" in line for line in told), told


def test_a_run_tells_its_warnings_first_and_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "hall.yaml").write_text(changed(("facility:\n", "facility:\n  design_it_power: 900 kW\n")))
    outcome = CliRunner().invoke(group, ["run", str(tmp_path / "hall.yaml"), "--output", str(tmp_path / "results")])
    assert outcome.exit_code == 0, outcome.output
    lines = [line for line in outcome.stderr.splitlines() if line.startswith("warning: ")]
    assert lines[0].startswith("warning: facility.design_it_power is 900 kW; ")
    assert "design_it_power" not in outcome.stdout  # told once
    result = simulate(tmp_path / "hall.yaml")
    assert [f"warning: {note}" for note in result.notes[: len(lines)]] == lines


@pytest.mark.parametrize("verb", ["run", "validate"])
def test_a_hall_without_weather_is_refused_where_it_is_simulated(tmp_path: Path, verb: str) -> None:
    (tmp_path / "hall.yaml").write_text(changed(("site:\n  weather: {kind: typical}\n", "")))
    more = ["--output", str(tmp_path / "results")] if verb == "run" else ["--data"]
    outcome = CliRunner().invoke(group, [verb, str(tmp_path / "hall.yaml"), *more])
    assert outcome.exit_code == 2
    place = f"{tmp_path / 'hall.yaml'}:1:1: site.weather: "
    assert outcome.stderr == f"{place}a building that is simulated stands in weather: give 'site.weather'\n"
