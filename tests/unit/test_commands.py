"""The verbs that read and write files: init, schema, show, catalog, validate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import group
from simulator.scenario.examples import example_names, example_path
from simulator.scenario.loading import load_scenario

SMALL = """\
start: 2023-01-01T00:00:00Z
fleet: {groups: [{name: a, node: dgx-h100, count: 2}]}
workload: {kind: list, jobs: [{duration: 1 h}]}
facility: {pue: 1.3}
overrides: {wide: {fleet: {groups: [{name: a, node: dgx-h100, count: 5}]}}}
scenarios: {wide: [wide]}
"""
BUILDING = (
    "{cooling: {air: {kind: crah, plant: {kind: chilled-water}}, "
    "liquid: {captured: 0.7, plant: {kind: dry-cooler}}}, power: {ups: {redundancy: 2N}}}"
)


def datahall(*arguments: str | Path) -> Result:
    """What a command comes to."""
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def test_init_writes_a_scenario_that_is_valid(tmp_path: Path) -> None:
    target = tmp_path / "new" / "starter.yaml"
    assert datahall("init", tmp_path / "new").stdout == f"{target} written; next: datahall run {target}\n"
    assert datahall("validate", target).stdout == "ok\n"
    assert "# A hall to start from." in target.read_text()


def test_init_writes_a_plan_to_start_from(tmp_path: Path) -> None:
    target = tmp_path / "five_groups.yaml"
    written = datahall("init", tmp_path, "--example", "five_groups").stdout
    assert written == f"{target} written; next: datahall plan {target}\n"
    assert datahall("validate", target).stdout == "ok\n"


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "starter.yaml").write_text("mine")
    outcome = datahall("init", tmp_path)
    assert outcome.exit_code == 2
    assert "exists and is not overwritten" in outcome.stderr
    assert (tmp_path / "starter.yaml").read_text() == "mine"


def test_init_refuses_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    outcome = datahall("init", tmp_path / "file")
    assert outcome.exit_code == 2
    assert f"'{tmp_path / 'file'}' exists and is not overwritten" in outcome.stderr


def test_init_names_the_nearest_example(tmp_path: Path) -> None:
    outcome = datahall("init", tmp_path, "--example", "quickstrat")
    assert outcome.exit_code == 2
    assert outcome.stderr.endswith("nearest: 'quickstart'\n")


@pytest.mark.parametrize("name", example_names())
def test_every_example_is_valid(name: str) -> None:
    assert datahall("validate", example_path(name)).exit_code == 0


def test_schema_is_json_and_may_go_into_a_file(tmp_path: Path) -> None:
    printed = json.loads(datahall("schema").stdout)
    assert datahall("schema", "--output", tmp_path / "schema.json").exit_code == 0
    assert json.loads((tmp_path / "schema.json").read_text()) == printed
    assert "fleet" in printed["properties"]
    assert datahall("schema", "--reference").stdout.startswith("# Scenario reference\n")
    assert datahall("schema", "--output", tmp_path / "none" / "schema.json").exit_code == 2


def test_show_resolved_gives_a_scenario_that_is_equal(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    outcome = datahall("show", "--resolved", path, "--scenario", "wide", "--set", "seed=4")
    (tmp_path / "again.yaml").write_text(outcome.stdout)
    again = load_scenario(tmp_path / "again.yaml").scenario
    assert again == load_scenario(path, scenario="wide", sets=["seed=4"]).scenario
    assert len(again.named_nodes().nodes) == 5


def test_show_says_what_a_scenario_is_in_a_few_lines(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    lines = datahall("show", path).stdout.splitlines()
    assert lines[0] == "small: no description"
    assert "  until           the last job ends" in lines
    assert "  scheduling      fcfs" in lines
    assert "  named scenarios wide" in lines


def test_show_names_what_cools_a_building_and_its_power_chain(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    assert "  facility        PUE of 1.3, stated" in datahall("show", path).stdout.splitlines()
    path.write_text(SMALL.replace("{pue: 1.3}", BUILDING))
    lines = datahall("show", path).stdout.splitlines()
    assert (
        "  cooling         air by crah, plant chilled-water; 70% of the heat into a coolant, plant dry-cooler" in lines
    )
    assert "  power chain     busway N, pdu N, ups 2N, transformer N" in lines


def test_catalog_lists_and_shows() -> None:
    assert "  dgx-h100" in datahall("catalog", "list").stdout.splitlines()
    assert "dgx-h100" in datahall("catalog", "list", "nodes").stdout.splitlines()
    assert datahall("catalog", "show", "nodes", "dgx-h100").stdout.startswith("dgx-h100: ")
    refused = datahall("catalog", "show", "nodes", "dgx-h1oo")
    assert refused.exit_code == 2
    assert refused.stderr == "'dgx-h1oo' is not in the catalogue of nodes; nearest: 'dgx-h100'\n"


def test_catalog_lists_at_length_what_one_chooses_a_chiller_by() -> None:
    lines = {line.split()[0]: line for line in datahall("catalog", "list", "chillers", "--long").stdout.splitlines()}
    assert lines["york-yk-2771kw-6.84cop-vsd"].endswith(
        "  York YK 2771 kW, COP 6.84, centrifugal, variable speed; cooled by water; makes 4.44 to 8.89 °C with "
        "12.78 to 29.44 °C"
    )
    assert lines["carrier-19ex-4667kw-6.16cop-vanes"].endswith(
        "; hotter-condenser-less-power, warmer-chilled-water-more-power"
    )
    assert all("  " in line for line in datahall("catalog", "list", "nodes", "--long").stdout.splitlines())


def test_validate_tells_the_problems_of_every_file_at_once(tmp_path: Path) -> None:
    paths = [tmp_path / "a.yaml", tmp_path / "b.yaml", tmp_path / "c.yaml"]
    texts = (SMALL.replace("1.3", "0.3"), SMALL, SMALL.replace("count: 5", "count: 0"))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    outcome = datahall("validate", *paths)
    assert outcome.exit_code == 2
    assert outcome.stdout == f"{paths[1]}: ok\n"
    assert outcome.stderr.replace(f"{tmp_path}/", "").splitlines() == [
        "a.yaml:4:12: facility.pue: 0.3; allowed: 1.0 or more",
        "c.yaml:5:63: fleet.groups[0].count: 0; allowed: above 0",
    ]


def test_validate_reads_contents_only_with_data(tmp_path: Path) -> None:
    (tmp_path / "jobs.csv").write_text("submit_s,duration_s\n0,sixty\n")
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace("{kind: list, jobs: [{duration: 1 h}]}", "{kind: csv, file: jobs.csv}"))
    assert datahall("validate", path).stdout == "ok\n"
    outcome = datahall("validate", path, "--data")
    assert outcome.exit_code == 2
    assert outcome.stdout == ""
    assert outcome.stderr.startswith("jobs.csv:2: duration_s: ")


def test_a_data_root_that_is_not_there_is_told(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    outcome = datahall("validate", path, "--data-root", tmp_path / "none")
    assert outcome.exit_code == 2
    assert outcome.stderr == f"--data-root: there is no folder '{tmp_path / 'none'}'\n"
