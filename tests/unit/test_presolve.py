"""Runs of HiGHS that do not rest on its presolve alone."""

from __future__ import annotations

from typing import Any

import highspy
import pytest

from optimizers.presolve import SMALL_COLUMNS, WITHOUT_RULES, run


class Doubted:
    """A solver that calls everything impossible as long as it presolves, and counts its runs."""

    def __init__(self, columns: int, *, wrong: bool) -> None:
        self.columns, self.wrong = columns, wrong
        self.options: dict[str, Any] = {"presolve": "choose", "presolve_rule_off": 0}
        self.runs: list[tuple[str, int]] = []

    def getNumCol(self) -> int:  # noqa: N802
        return self.columns

    def setOptionValue(self, option: str, value: Any) -> None:  # noqa: N802
        self.options[option] = value

    def clearSolver(self) -> None:  # noqa: N802
        pass

    def run(self) -> None:
        self.runs.append((self.options["presolve"], self.options["presolve_rule_off"]))

    def getModelStatus(self) -> Any:  # noqa: N802
        doubtful = self.wrong and self.runs[-1][0] == "choose"
        return highspy.HighsModelStatus.kInfeasible if doubtful else highspy.HighsModelStatus.kOptimal


@pytest.mark.parametrize("columns", [1, SMALL_COLUMNS])
def test_what_presolve_calls_impossible_is_asked_again_without_it(columns: int) -> None:
    highs = Doubted(columns, wrong=True)
    run(highs, whole=True)
    assert [presolve for presolve, _ in highs.runs] == ["choose", "off"]
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    assert highs.options == {"presolve": "choose", "presolve_rule_off": 0}


@pytest.mark.parametrize(
    ("columns", "whole", "rules"),
    [(1, True, WITHOUT_RULES), (1, False, 0), (SMALL_COLUMNS, True, 0)],
)
def test_only_small_problems_in_whole_numbers_do_without_rules(columns: int, whole: bool, rules: int) -> None:
    highs = Doubted(columns, wrong=False)
    run(highs, whole=whole)
    assert highs.runs == [("choose", rules)]
