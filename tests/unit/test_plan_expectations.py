"""`datahall check` and `datahall validate` on plan files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from models.problems import InputError
from plan_text import PLAN, changed
from simulator.cli import group
from simulator.planning.expectations import plan_cases_of, write_plan_outcomes
from simulator.planning.solving import Solved, solve_plan
from simulator.planning.verdicts import judged_plan
from simulator.scenario.plan_file import load_plan

EXPECT = """\
expect:
  objective: [1000, 2000]   # what a solve left open
  groups:
    C: {value: 1, relative_tolerance: 0.01, reason: plans within the gap}
  decisions:
    plains.mode: full, none
    plains.open: from the start
    plains.nodes.h100@2027-Q1: 9
    plains.nodes.h100@2027-Q4: {least: 8, most: 10000}
    plains.modules.air@2027-Q1: 1
"""


def datahall(*arguments: str | Path) -> Result:
    """What a command comes to."""
    return CliRunner().invoke(group, [str(argument) for argument in arguments])


def written(folder: Path, text: str) -> Path:
    """A plan file with this text."""
    path = folder / "growth.yaml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> Solved:
    """The small plan, solved once."""
    return solve_plan(load_plan(written(tmp_path_factory.mktemp("plan"), PLAN)))


@pytest.fixture
def solved_once(solved: Solved, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is solved comes to the small plan."""
    monkeypatch.setattr("simulator.planning.solving.solve_plan", lambda loaded: solved)


def test_what_is_met_and_what_is_not(tmp_path: Path, solved: Solved) -> None:
    (case,) = plan_cases_of([written(tmp_path, PLAN + EXPECT)])
    assert case.loaded is not None
    assert case.loaded.plan_file.expect is not None
    verdicts = {each.name: each for each in judged_plan(case.loaded.plan_file.expect, case.held, solved)}
    assert {name for name, each in verdicts.items() if not each.met} == {
        "objective", "C", "plains.mode", "plains.nodes.h100@2027-Q1",
    }  # fmt: skip
    assert verdicts["plains.nodes.h100@2027-Q1"].outcome == "4"
    assert verdicts["plains.mode"].outcome == "lean, none"


def test_an_expectation_after_the_last_quarter_is_not_met(tmp_path: Path, solved: Solved) -> None:
    text = PLAN + "expect: {decisions: {plains.nodes.h100@2028-Q3: 9}}\n"
    (case,) = plan_cases_of([written(tmp_path, text)])
    assert case.loaded is not None
    assert case.loaded.plan_file.expect is not None
    verdict = judged_plan(case.loaded.plan_file.expect, case.held, solved)[-1]
    assert (verdict.outcome, verdict.met) == ("beyond the plan", False)


def test_intervals_are_met_where_they_meet(tmp_path: Path, solved: Solved) -> None:
    plan = solved.plan
    apart = 1e-3 * plan.objective  # far above the solver's own tolerance
    for least, most, met in (
        (plan.objective, plan.objective + apart, True),
        (plan.bound - apart, plan.bound, True),
        (plan.objective + apart, plan.objective + 2.0 * apart, False),
        (plan.bound - 2.0 * apart, plan.bound - apart, False),
    ):
        expect = load_plan(written(tmp_path, f"{PLAN}expect: {{objective: [{least!r}, {most!r}]}}\n")).plan_file.expect
        assert expect is not None
        _, verdict = judged_plan(expect, [("objective",)], solved)
        assert verdict.met is met


@pytest.mark.usefixtures("solved_once")
def test_update_writes_outcomes_and_leaves_requirements_and_comments(tmp_path: Path) -> None:
    path = written(tmp_path, PLAN + EXPECT)
    before = datahall("check", tmp_path)
    assert before.exit_code == 4
    assert before.stdout.startswith(f"{path}: 4 of 8 outcomes are not as expected\n")
    after = datahall("check", tmp_path, "--update")
    assert after.exit_code == 0, after.output
    text = path.read_text()
    assert "# what a solve left open" in text
    assert "{least: 8, most: 10000}" in text
    assert 'plains.mode: "lean, none"' in text
    assert "plains.nodes.h100@2027-Q1: 4\n" in text
    again = datahall("check", tmp_path)
    assert (again.exit_code, again.stdout) == (0, f"{path}: ok, 8 outcomes\n1 as expected, 0 not, 0 skipped\n")


def test_a_written_interval_holds_what_it_was_written_from(tmp_path: Path, solved: Solved) -> None:
    path = written(tmp_path, f"{PLAN}expect:\n  objective:\n    - 1\n    - 2\n")
    (case,) = plan_cases_of([path])
    assert case.loaded is not None
    assert case.loaded.plan_file.expect is not None
    verdicts = judged_plan(case.loaded.plan_file.expect, case.held, solved)
    assert write_plan_outcomes([(case, verdicts)]) == [path]
    expect = load_plan(path).plan_file.expect
    assert expect is not None
    assert expect.objective is not None
    assert expect.objective[0] <= solved.plan.bound <= solved.plan.objective <= expect.objective[1]


def test_a_named_scenario_is_held_only_to_what_it_expects_itself(tmp_path: Path) -> None:
    overrides = "overrides: {dear: {plan: {discount_rate: 0.1}}, none: {expect: {status: infeasible}}}\n"
    text = f"{PLAN}{EXPECT}{overrides}scenarios: {{a: [dear], b: [none]}}\n"
    cases = plan_cases_of([written(tmp_path, text)])
    assert [(case.name, len(case.held)) for case in cases] == [("", 7), ("b", 1)]


def test_without_expectations_there_is_nothing_to_check(tmp_path: Path) -> None:
    assert datahall("check", written(tmp_path, PLAN)).exit_code == 2
    with pytest.raises(InputError):
        plan_cases_of([written(tmp_path, f"{PLAN}expect: {{objective: [2, 1]}}\n")])
    with pytest.raises(InputError, match="give its 'reason'"):
        plan_cases_of([written(tmp_path, f"{PLAN}expect: {{groups: {{C: {{value: 1, relative_tolerance: 0.1}}}}}}\n")])


def test_validate_takes_plans_and_computes_their_figures_with_data(tmp_path: Path) -> None:
    right = datahall("validate", written(tmp_path, PLAN))
    assert right.stdout == "ok\n"
    assert right.stderr.splitlines()[-1].startswith("not checked without --data: prices and weather from files, ")
    wrong = datahall("validate", written(tmp_path, changed("grid: {2027-Q1: 1 MW, 2027-Q3: 2 MW}", "grid: 1 kW")))
    assert wrong.exit_code == 0
    told = datahall("validate", "--data", tmp_path / "growth.yaml")
    assert told.exit_code == 2
    assert told.stderr.startswith(f"{tmp_path}/growth.yaml:7:7: plan.sites.plains.grid: is 0.001 MW")
    listed = datahall("validate", "--data", "--json", written(tmp_path, PLAN))
    assert json.loads(listed.stdout)["scenarios"][0]["warnings"][0].startswith("plains: electricity counts no")
