"""Runs of HiGHS whose answer does not rest on its whole presolve.

HiGHS 1.15.1's presolve goes wrong on some small plans: it called a possible one impossible, and never came back from
another. Without two of its rules, 793 that were drawn at random agree with brute force. Its makers know of such cases
(https://github.com/ERGO-Code/HiGHS/issues/1725). Large plans need these rules, or take ten times as long, so they are
only asked again where they are said to be impossible.
"""

from __future__ import annotations

from typing import Any

SMALL_COLUMNS = 1_000
"""Below it a plan takes a tenth of a second without these rules."""
WITHOUT_RULES = 128 + 512
"""Bits of the rules that small plans do without."""


def run(highs: Any, *, whole: bool) -> None:
    """Run HiGHS: small problems in whole numbers without the rules that go wrong, and once more without any presolve
    where nothing is possible. What presolve makes of a linear problem HiGHS checks by itself.

    Its options for presolve are the usual ones after it.
    """
    import highspy

    statuses = highspy.HighsModelStatus
    small = highs.getNumCol() < SMALL_COLUMNS
    highs.setOptionValue("presolve_rule_off", WITHOUT_RULES if whole and small else 0)
    highs.run()
    if highs.getModelStatus() in {statuses.kInfeasible, statuses.kUnboundedOrInfeasible}:
        highs.clearSolver()
        highs.setOptionValue("presolve", "off")
        highs.run()
    highs.setOptionValue("presolve", "choose")
    highs.setOptionValue("presolve_rule_off", 0)
