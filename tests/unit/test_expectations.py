"""Expectations of scenarios: which are held to what, and how they are written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.problems import InputError
from simulator.results.expectations import Case, cases_of, judged, scenario_files, write_outcomes

KNOWN = ("jobs_completed", "wait_mean_s", "it_energy_kwh")
HALL = """\
# A hall, with remarks that must stay.
start: 2023-01-01T00:00:00Z
fleet: {groups: [{name: a, node: dgx-h100, count: 1}]}
workload: {kind: list, jobs: [{duration: 1 h}]}   # one job
facility: {pue: 1.3}

expect:
  jobs_completed: 1   # the only one
  it_energy_kwh: {value: 5.0, relative_tolerance: 0.1, reason: "depends on the season"}
overrides:
  fast: {scheduling: {kind: easy}, expect: {jobs_completed: 2}}
  other: {seed: 3}
scenarios:
  quick: [fast]
  same: [other]
"""


def written(folder: Path, text: str = HALL, name: str = "hall.yaml") -> Path:
    """A file with this text."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def cases(*paths: Path) -> dict[str, list[str]]:
    """The outcomes that each scenario is held to, by the scenario's name."""
    return {case.name: list(case.expected) for case in cases_of(paths, KNOWN)}


def test_a_named_scenario_is_held_to_its_own_expectations_only(tmp_path: Path) -> None:
    assert cases(written(tmp_path)) == {"": ["jobs_completed", "it_energy_kwh"], "quick": ["jobs_completed"]}


def test_a_scenario_is_not_held_to_what_the_one_it_extends_expects(tmp_path: Path) -> None:
    written(tmp_path)
    child = written(tmp_path, "extends: hall.yaml\nseed: 4\nexpect: {wait_mean_s: 0}\n", "child.yaml")
    assert cases(child)[""] == ["wait_mean_s"]


def test_a_scenario_without_expectations_is_no_case(tmp_path: Path) -> None:
    assert cases(written(tmp_path, HALL.partition("\nexpect:")[0])) == {}


def test_an_unknown_outcome_is_refused_where_it_stands(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        cases(written(tmp_path, HALL.replace("jobs_completed: 1 ", "jobs_complete: 1 ")))
    assert str(caught.value).replace(f"{tmp_path}/", "") == (
        "hall.yaml:8:3: expect.jobs_complete: 'jobs_complete' is not an outcome; allowed: jobs_completed, wait_mean_s, "
        "it_energy_kwh; nearest: 'jobs_completed'"
    )


def test_a_scenario_whose_data_is_not_there_is_skipped_with_the_reason(tmp_path: Path) -> None:
    text = HALL.replace("{kind: list, jobs: [{duration: 1 h}]}", "{kind: swf, file: log.swf}")
    (case,) = cases_of([written(tmp_path, text)], KNOWN)
    assert case.skipped.startswith("there is no file 'log.swf' in '")
    assert case.loaded is None


def test_missing_data_beside_another_fault_is_refused(tmp_path: Path) -> None:
    text = HALL.replace("{kind: list, jobs: [{duration: 1 h}]}", "{kind: swf, file: log.swf}").replace("1.3", "0.3")
    with pytest.raises(InputError, match=r"facility\.pue: 0\.3"):
        cases(written(tmp_path, text))


def test_a_scenario_that_extends_what_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        cases(written(tmp_path, "extends: none.yaml\n"))


def test_files_are_found_at_any_depth_but_hidden_ones(tmp_path: Path) -> None:
    kept = [written(tmp_path, name=name) for name in ("a.yaml", "b.yml", "deep/c.yaml")]
    for name in (".hidden.yaml", ".folder/d.yaml", "notes.txt"):
        written(tmp_path, name=name)
    assert scenario_files([tmp_path]) == kept
    assert scenario_files([kept[0], kept[0]]) == [kept[0]]
    with pytest.raises(InputError, match="there is no file or folder"):
        scenario_files([tmp_path / "none"])


def test_an_outcome_is_met_within_its_tolerance(tmp_path: Path) -> None:
    case = cases_of([written(tmp_path)], KNOWN)[0]
    assert [verdict.met for verdict in judged(case.expected, {"jobs_completed": 1, "it_energy_kwh": 5.4})] == [True] * 2
    assert [verdict.met for verdict in judged(case.expected, {"jobs_completed": 2, "it_energy_kwh": 5.6})] == [
        False
    ] * 2
    assert [verdict.met for verdict in judged(case.expected, {"jobs_completed": None})] == [False] * 2


def update(found: list[Case], kpis: dict[str, float | int | None]) -> list[Path]:
    """Write outcomes as the command does."""
    held = [(case.loaded, judged(case.expected, kpis)) for case in found if case.loaded is not None]
    return write_outcomes(held)


def test_outcomes_are_written_where_they_stand_and_nothing_else_changes(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.chmod(0o640)
    assert update(cases_of([path], KNOWN), {"jobs_completed": 7, "it_energy_kwh": 10.123456789012345}) == [path]
    assert path.read_text() == (
        HALL.replace("jobs_completed: 1 ", "jobs_completed: 7 ")
        .replace("value: 5.0", "value: 10.123456789")
        .replace("{jobs_completed: 2}", "{jobs_completed: 7}")
    )
    assert path.stat().st_mode & 0o777 == 0o640
    assert [file.name for file in tmp_path.iterdir()] == ["hall.yaml"]


def test_what_is_written_is_met_again_and_then_left_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeff" + HALL.replace("tolerance: 0.1", "tolerance: 0").replace("1 h", "1 h, user: ü"))
    kpis: dict[str, float | int | None] = {"jobs_completed": 3, "it_energy_kwh": 1.0 / 3.0}
    assert update(cases_of([path], KNOWN), kpis) == [path]
    again = cases_of([path], KNOWN)
    assert all(verdict.met for case in again for verdict in judged(case.expected, kpis))
    assert update(again, kpis) == []


def test_an_outcome_that_a_run_does_not_have_is_not_written(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert update(cases_of([path], KNOWN), {"it_energy_kwh": 5.0, "jobs_completed": None}) == []
    assert path.read_text() == HALL


def test_a_skipped_scenario_names_one_file_and_counts_the_others(tmp_path: Path) -> None:
    site = "site: {tariff: {kind: hourly, file: price.csv}, carbon: {kind: hourly, file: carbon.csv}}\n"
    swf = HALL.replace("{kind: list, jobs: [{duration: 1 h}]}", "{kind: swf, file: log.swf}")
    (case,) = cases_of([written(tmp_path, swf + site)], KNOWN)
    assert case.skipped.startswith("there is no file 'log.swf' in '")
    assert case.skipped.endswith("; nor are 2 more of its files there")
