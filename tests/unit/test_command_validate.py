"""`datahall validate --data`: what is sized for a building, told before anything runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from simulator.cli import group

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
    air: {kind: crah, unit_capacity: 150 kW, plant: {kind: stated, power_share: 0.1}}
    liquid: {captured: 0.5, plant: {kind: cooling-tower, unit_heat: 300 kW}}
  power:
    ups: {redundancy: N+1, rating: 500 kW}
    utility: {feeds: [{capacity: 2 MW}]}
    rows: {row_capacity: 400 kW}
site:
  weather: {kind: typical}
  design: {dry_bulb: 38 °C, wet_bulb: 26 °C}
overrides: {small: {facility: {design_it_power: 500 kW}}}
scenarios: {small: [small]}
"""


def validate(folder: Path, *arguments: str, text: str = HALL) -> Result:
    """What `validate --data` comes to."""
    (folder / "hall.yaml").write_text(text)
    return CliRunner().invoke(group, ["validate", str(folder / "hall.yaml"), "--data", *arguments])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is sized for the hall as it stands, and its warnings, as JSON."""
    outcome = validate(tmp_path_factory.mktemp("hall"), "--json")
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stderr == ""
    found: dict[str, Any] = json.loads(outcome.stdout)["scenarios"][0]
    return found


def test_the_design_day_is_told_with_its_source(told: dict[str, Any]) -> None:
    day = told["sizing"]["design_day"]
    assert (day["dry_bulb_c"], day["wet_bulb_c"], day["source"]) == (38.0, 26.0, "stated in site.design")


def test_capacity_is_told_with_all_units_and_without_the_spare_ones(told: dict[str, Any]) -> None:
    parts = {(part["path"], part["part"], part["working"]): part for part in told["sizing"]["capacity"]}
    # 500 kW of IT, and losses in the hall, need four units of 150 kW; 500 kW of coolant two cells of 300 kW.
    assert {key for key in parts if key[1] in ("crah", "cooling-tower")} == {
        ("air", "crah", 5), ("air", "crah", 4), ("liquid", "cooling-tower", 3), ("liquid", "cooling-tower", 2),
    }  # fmt: skip
    assert all(part["capacity_w"] >= part["heat_w"] * (1.0 - 1e-6) for part in parts.values())
    assert told["warnings"] == []


def test_the_power_chain_is_told_stage_by_stage(told: dict[str, Any]) -> None:
    power = told["sizing"]["power"]
    stages = {stage["stage"]: stage for stage in power["stages"]}
    assert list(stages) == ["busway", "pdu", "ups", "transformer"]
    ups = stages["ups"]
    assert (ups["units"], ups["spare"], ups["rating_w"]) == (4, 1, 500e3)
    assert ups["load"] == pytest.approx(ups["output_w"] / 2e6)
    assert ups["load_without_spare"] == pytest.approx(ups["output_w"] / 1.5e6)
    assert stages["busway"]["space"] == "hall"
    fed_w = 1e6 + power["on_ups_w"] + power["beside_ups_w"]
    assert power["utility_w"] == pytest.approx(fed_w + sum(stage["loss_w"] for stage in stages.values()), rel=1e-12)


def test_feeds_and_rows_are_told_where_there_are_any(told: dict[str, Any]) -> None:
    power = told["sizing"]["power"]
    assert power["feeds"] == [{"from_s": 0.0, "capacity_w": 2e6, "needed_w": pytest.approx(power["utility_w"])}]
    *rows, hall = power["rows"]
    assert [row["row"] for row in rows] == ["row-0", "row-1", "row-2", "row-3"]
    assert hall["provisioned_w"] == pytest.approx(1e6)
    assert hall["capacity_w"] == pytest.approx(4 * 0.8 * 400e3)


def test_tables_are_printed_for_every_scenario_and_warnings_to_standard_error(tmp_path: Path) -> None:
    outcome = validate(tmp_path)
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout.startswith("ok\n")
    for words in ("design day: 38.0 °C dry bulb, 26.0 °C wet bulb", "plant cooling-tower", "5, 1 spare", "transformer"):
        assert outcome.stdout.count(words) == 2 - (words == "5, 1 spare"), words
    assert "hall.yaml: scenario small" in outcome.stdout
    assert outcome.stderr.splitlines()[0] == (
        "warning: scenario small: facility.design_it_power is 500 kW; nodes and other loads are provisioned for "
        "1.00 MW, 500 kW more"
    )


def test_a_stated_pue_has_nothing_sized(tmp_path: Path) -> None:
    stated = HALL[: HALL.index("facility:")] + "facility: {pue: 1.3}\n"
    assert validate(tmp_path, text=stated).stdout == "ok\n"
    outcome = json.loads(validate(tmp_path, "--json", text=stated).stdout)
    assert [each["sizing"] for each in outcome["scenarios"]] == [None]


def test_a_plant_that_can_not_be_built_is_told_at_its_place(tmp_path: Path) -> None:
    text = HALL.replace("{kind: stated, power_share: 0.1}", "{kind: cooling-tower}")
    outcome = validate(tmp_path, text=text)
    assert outcome.exit_code == 2
    (line,) = set(outcome.stderr.splitlines())
    assert line.startswith(f"{tmp_path / 'hall.yaml'}:11:3: facility.cooling: air: cooling-tower: a supply of ")
    assert line.endswith("; ask for warmer water")
