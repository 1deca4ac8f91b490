"""The reasons of a plan from Python, and `datahall plan --information`."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

import simulator
from plan_text import PLAN, changed
from simulator.cli import group

FUTURES = """  futures:
    - {name: as planned, probability: 0.5}
    - {name: busy, probability: 0.5, demand_factor: 1.4}
"""


def written(folder: Path, text: str) -> Path:
    """A plan file with this text."""
    path = folder / "growth.yaml"
    path.write_text(text)
    return path


def test_the_reasons_of_a_plan_are_public(tmp_path: Path) -> None:
    """As a reader of the README would ask for them."""
    from simulator import explain_plan, load_plan, plan_sensitivity, solve_plan, value_of_information

    solved = solve_plan(load_plan(written(tmp_path, PLAN + FUTURES)))
    assert repr(solved) == "<Solved 'growth': optimal>"
    for told in (explain_plan(solved), plan_sensitivity(solved), value_of_information(solved)):
        assert told is not None
        assert told.sentences
        assert json.loads(json.dumps(told.as_dict(), default=str))
    reactions = plan_sensitivity(solved)
    assert len(reactions.sentences) == len(reactions.sensitivity.reactions) + len(reactions.months.months)
    assert set(simulator.__all__) >= {"explain_plan", "plan_sensitivity", "value_of_information"}


def test_a_plan_that_is_impossible_says_who_tells_why(tmp_path: Path) -> None:
    from simulator import explain_plan, load_plan, solve_plan

    solved = solve_plan(load_plan(written(tmp_path, changed("supply: 10", "supply: 0"))))
    assert not solved.plan.found
    assert repr(solved) == "<Solved 'growth': infeasible; explain_plan(solved) tells why>"
    why = explain_plan(solved)
    assert why is not None
    assert any("of h100 can be ordered" in sentence for sentence in why.sentences)


def test_what_information_is_worth_is_printed_and_in_the_json(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN + FUTURES)
    printed = CliRunner().invoke(group, ["plan", str(path), "--information"])
    assert printed.exit_code == 0, printed.output
    assert "what information is worth\n  knowing the future would be worth " in printed.stdout
    told = json.loads(CliRunner().invoke(group, ["plan", str(path), "--information", "--json"]).stdout)["information"]
    assert told["perfect_least"] <= told["perfect"] <= told["perfect_most"]
    assert told["unit"] == "USD"


def test_information_is_refused_for_a_plan_that_minimises_risk(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN + FUTURES + "  objective: risk\n")
    outcome = CliRunner().invoke(group, ["plan", str(path), "--information"])
    assert outcome.exit_code == 2
    assert "growth.yaml:40:3: plan.objective: what information is worth is a mean over futures" in outcome.stderr
