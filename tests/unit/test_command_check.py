"""`datahall check`: exit codes and tables."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from simulator.cli import group

# The first job holds one of two nodes for two hours, the second waits for both, the third fits beside the first.
HALL = """\
start: 2023-01-01T00:00:00Z
fleet: {groups: [{name: a, node: dgx-h100, count: 2}]}
workload:
  kind: list
  jobs:
    - {duration: 2 h, estimate: 2 h}
    - {duration: 1 h, estimate: 1 h, tasks: 2}
    - {duration: 1 h, estimate: 1 h}
scheduling: {kind: easy}
facility: {pue: 1.3}
expect:
  jobs_completed: 3
  wait_mean_s: 2400   # (0 + 2 h + 0) / 3
"""


@pytest.fixture
def hall(tmp_path: Path) -> Path:
    """A scenario that comes out as it expects."""
    path = tmp_path / "hall.yaml"
    path.write_text(HALL)
    return path


def check(*arguments: str | Path) -> Result:
    """What a check comes to."""
    return CliRunner().invoke(group, ["check", *map(str, arguments)])


def test_a_scenario_that_comes_out_as_expected_is_ok(hall: Path) -> None:
    outcome = check(hall.parent)
    assert outcome.exit_code == 0
    assert outcome.stdout == f"{hall}: ok, 2 outcomes\n1 as expected, 0 not, 0 skipped\n"


def test_a_broken_policy_exits_with_4_and_a_table(hall: Path) -> None:
    hall.write_text(HALL.replace("kind: easy", "kind: fcfs"))  # the third job no longer passes the second
    outcome = check(hall)
    assert outcome.exit_code == 4
    assert outcome.stdout.startswith(f"{hall}: 1 of 2 outcomes are not as expected\n")
    rows = [line.split() for line in outcome.stdout.splitlines()]
    assert ["outcome", "is", "expected", "difference", "tolerance"] in rows
    assert ["wait_mean_s", "*", "6,000", "2,400", "+3600", "0.0024"] in rows
    assert ["jobs_completed", "3", "3", "+0", "0"] in rows
    assert outcome.stdout.endswith("0 as expected, 1 not, 0 skipped\n")


def test_update_writes_what_the_broken_policy_comes_to(hall: Path) -> None:
    hall.write_text(HALL.replace("kind: easy", "kind: fcfs"))
    outcome = check(hall, "--update")
    assert outcome.exit_code == 0
    assert f"{hall} updated\n" in outcome.stdout
    assert "wait_mean_s: 6000.0   # (0 + 2 h + 0) / 3\n" in hall.read_text()
    assert check(hall).exit_code == 0


def test_an_outcome_that_a_run_does_not_have_fails(hall: Path) -> None:
    hall.write_text(HALL + "  energy_cost_usd: 5\n")
    assert check(hall).exit_code == 4
    updated = check(hall, "--update")
    assert updated.exit_code == 4
    assert ["energy_cost_usd", "*", "none", "5", "none", "5e-06"] in [
        line.split() for line in updated.stdout.splitlines()
    ]


def test_absent_data_is_skipped_with_the_reason(hall: Path) -> None:
    text = HALL.partition("workload:")[0] + "workload: {kind: swf, file: log.swf}\nfacility: {pue: 1.3}\n"
    (hall.parent / "traces").mkdir()
    trace = hall.parent / "traces" / "nasa.yaml"
    trace.write_text(text + "expect: {jobs_completed: 3}\n")
    outcome = check(hall.parent)
    assert outcome.exit_code == 0
    assert f"{trace}: SKIPPED: there is no file 'log.swf' in '" in outcome.stdout
    assert outcome.stdout.endswith("1 as expected, 0 not, 1 skipped\n")


def test_bad_input_in_one_file_runs_none(hall: Path) -> None:
    (hall.parent / "other.yaml").write_text(HALL.replace("1.3", "0.3"))
    outcome = check(hall.parent)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert outcome.stderr.endswith("other.yaml:10:12: facility.pue: 0.3; allowed: 1.0 or more\n")


def test_a_folder_in_which_nothing_is_expected_is_refused(tmp_path: Path) -> None:
    outcome = check(tmp_path)
    assert outcome.exit_code == 2
    assert outcome.stderr == f"{tmp_path}: no scenario or plan here has an `expect:` section\n"
