"""Every committed scenario comes out as it expects; `datahall check scenarios --update` writes new expectations."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from simulator import simulate
from simulator.results.expectations import cases_of, judged, scenario_files
from simulator.results.kpis import MEANINGS

ROOT = Path(__file__).resolve().parents[2]


def data_root() -> Path | None:
    """The folder of public data, where there is one."""
    given = os.environ.get("DATAHALL_DATA")
    folder = Path(given) if given else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


# Plans are solved by `datahall check scenarios`, which CI runs, and by tests of their own.
FILES = [path for path in scenario_files([ROOT / "scenarios"]) if path.parent.name != "plans"]
CASES = {case.label.removeprefix(f"{ROOT}/"): case for case in cases_of(FILES, MEANINGS, data_root())}


@pytest.mark.parametrize("label", CASES)
def test_a_scenario_comes_out_as_it_expects(label: str) -> None:
    case = CASES[label]
    if case.loaded is None:
        pytest.skip(case.skipped)
    outcome = simulate(case.loaded).kpis
    verdicts = judged(case.expected, outcome)
    table = [
        f"{' ' if verdict.met else '*'} {verdict.name}: is {verdict.outcome}, expected {verdict.expectation.value}"
        f" within {verdict.expectation.tolerance(verdict.name):g}"
        for verdict in verdicts
    ]
    assert all(verdict.met for verdict in verdicts), "\n".join(["", label, *table])
