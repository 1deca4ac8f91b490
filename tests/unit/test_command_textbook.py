"""`datahall textbook`: what it prints, and how it refuses."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from simulator import cli


def test_every_way_is_printed_with_its_rates_and_what_tells_them_apart() -> None:
    outcome = CliRunner().invoke(cli.group, ["textbook"])
    assert outcome.exit_code == 0
    assert "10 nodes of 1,000 GFLOP/s, to compute 8,000 together" in outcome.stdout
    assert "2,413,440" in outcome.stdout
    assert "That is no plan." in " ".join(outcome.stdout.split())
    assert max(map(len, outcome.stdout.splitlines())) <= 100
    assert "…" not in outcome.stdout


def test_json_has_every_number() -> None:
    outcome = CliRunner().invoke(cli.group, ["textbook", "--weights", "1", "--json"])
    found = json.loads(outcome.stdout)
    ways = {solution["name"]: solution for solution in found["solutions"]}
    assert found["case"]["total_gflops"] == 8000.0
    assert ways["optimum"]["rates_gflops"] == pytest.approx([800.0] * 10)
    assert ways["projected gradient"]["rates_gflops"] == pytest.approx([800.0] * 10)
    assert ways["linear program"]["cost"] <= 400_000.0 + 2.0 * found["linearization_error"]
    assert [way for way, solution in ways.items() if not solution["plan"]] == [
        "descent, equal pace", "descent, own pace", "descent, other start",
    ]  # fmt: skip


def test_the_five_groups_are_printed_by_mode_and_the_plan_comes_first() -> None:
    outcome = CliRunner().invoke(cli.group, ["textbook", "--demand", "50"])
    rows = [line.split() for line in outcome.stdout.splitlines() if " strict " in line]
    assert [row[0] for row in rows] == ["lean", "staffed"]
    assert rows[0][-1] == "3,468"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--total", "12000"], "the total (12000) must lie between 0 and what all nodes do now (10000)"),
        (["--weights", "1,,2"], "--weights '1,,2' is not a list of numbers such as 1,2,4"),
        (["--weights", "1,0"], "every weight must be above 0"),
        (["--learning-rates", "1"], "sum up to more than 0 and less than 2, not 10"),
        (["--idle-power", "400"], "a node's idle power (400 W) must not be negative, nor exceed its busy power"),
        (["--demand", "0"], "the demand (0 requests a second) must be above 0"),
        (["--demand", "20000"], "no plan serves 20000 requests a second with 1000 nodes at most"),
        (["--rate", "nan"], "the nodes' rate must be above 0"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line(arguments: list[str], said: str) -> None:
    outcome = CliRunner().invoke(cli.group, ["textbook", *arguments])
    assert outcome.exit_code == 2
    assert said in outcome.stderr
    assert outcome.stdout == ""
