"""Hold a plan to what its file expects.

A solve leaves an interval, from its bound to its plan's objective, and the least objective lies in it. Two solves of
one problem have intervals that meet, whichever solver, version or machine they come from: where they do not, the
problem has changed. What changes the least objective by less than the gap goes unseen in the interval; the five groups
and the key decisions are there for that.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..scenario.plan_expect import Between, PlanExpect

if TYPE_CHECKING:
    from ..proof.proving import Proof
    from .solving import Solved

SIGNIFICANT_DIGITS = 10
"""Digits of an interval that is written down, rounded outwards."""

SOLVER_TOLERANCE = 1e-6
"""Share by which intervals may miss each other: HiGHS holds rows, bounds and integrality to 1e-6."""

Leaf = tuple[str, ...]
"""Path of something expected: `("objective",)`, `("decisions", "plains.mode")`."""


@dataclass(frozen=True)
class PlanVerdict:
    """An outcome of a plan beside what is expected of it."""

    leaf: Leaf
    outcome: str
    expected: str
    met: bool
    written: str | None
    """What would stand in the file for it to be met; None where that is a requirement, not an outcome."""

    @property
    def name(self) -> str:
        """What it is about."""
        return self.leaf[-1]


def judged_plan(
    expect: PlanExpect, held: Iterable[Leaf], solved: Solved, proof: Proof | None = None
) -> list[PlanVerdict]:
    """Return what is `held` of expectations with what a plan came to, its status always and first.

    `proof` is the plan's, where something is expected of it.
    """
    others = [leaf for leaf in held if leaf != ("status",)]
    return [_JUDGES[leaf[0]](expect, leaf, solved, proof) for leaf in (("status",), *others)]


def decision_outcome(solved: Solved, key: str) -> str | float:
    """Return what a plan decides for a key such as `plains.mode` or `plains.nodes.h100@2028-Q4`."""
    place, _, rest = key.partition(".")
    what, _, counted = rest.partition(".")
    name, _, quarter = counted.partition("@")
    plan = solved.plan
    mine = [each for each in plan.site_quarters if each.site == place]
    if what == "mode":
        return next((each.mode for each in reversed(mine) if each.mode), "closed")
    if what == "open":
        opened = [each.quarter for each in plan.decisions if (each.site, each.kind) == (place, "open")]
        exists = place in [site.name for site in solved.instance.sites if site.exists]
        return opened[0] if opened else "from the start" if exists else "never"
    if what == "place":
        return _place(solved, place)
    at = next((each for each in mine if each.quarter == quarter), None)
    if at is None:
        return "beyond the plan"
    return float(getattr(at, what).get(name, 0.0))


def _place(solved: Solved, work: str) -> str:
    busy = [key for each in solved.plan.served if each.work == work for key, nodes in each.nodes_busy.items() if nodes]
    places = dict.fromkeys(", ".join(key.split("/", 1)) for key in busy)
    return "; ".join(places) or "nowhere"


def _status(expect: PlanExpect, leaf: Leaf, solved: Solved, _: Any) -> PlanVerdict:
    status = solved.plan.status
    return PlanVerdict(leaf, status, expect.status, status == expect.status, status)


def _objective(expect: PlanExpect, leaf: Leaf, solved: Solved, _: Any) -> PlanVerdict:
    assert expect.objective is not None
    (least, most), plan = expect.objective, solved.plan
    room = SOLVER_TOLERANCE * max(abs(least), abs(most))
    met = plan.bound <= most + room and plan.objective >= least - room  # False for NaN
    written = None
    if math.isfinite(plan.bound) and math.isfinite(plan.objective):
        low, high = _outwards(plan.bound, down=True), _outwards(plan.objective, down=False)
        written = f"{least!r}, {most!r}" if met else f"{low!r}, {high!r}"
    return PlanVerdict(
        leaf, f"{plan.bound:,.6g} to {plan.objective:,.6g}", f"{least:,.6g} to {most:,.6g}", met, written
    )


def _group(expect: PlanExpect, leaf: Leaf, solved: Solved, _: Any) -> PlanVerdict:
    expectation = expect.groups[leaf[1]]  # type: ignore[index]  # the leaf is one of the groups
    outcome = solved.plan.groups.get(leaf[1], math.nan)
    tolerance = expectation.tolerance(leaf[1])
    written = f"{outcome:.{SIGNIFICANT_DIGITS}g}" if math.isfinite(outcome) else None
    expected = f"{expectation.value:,.6g} within {tolerance:,.6g}"
    return PlanVerdict(leaf, f"{outcome:,.6g}", expected, expectation.allows(leaf[1], outcome), written)


def _decision(expect: PlanExpect, leaf: Leaf, solved: Solved, _: Any) -> PlanVerdict:
    expected = expect.decisions[leaf[1]]
    outcome = decision_outcome(solved, leaf[1]) if solved.plan.found else "no plan"
    shown = outcome if isinstance(outcome, str) else f"{outcome:g}"
    if isinstance(expected, Between):
        bounds = [f"{word} {limit:g}" for word, limit in (("least", expected.least), ("most", expected.most))
                  if limit is not None]  # fmt: skip
        inside = not isinstance(outcome, str) and (
            (expected.least is None or outcome >= expected.least - 1e-6)
            and (expected.most is None or outcome <= expected.most + 1e-6)
        )
        return PlanVerdict(leaf, shown, ", ".join(bounds), inside, None)
    if isinstance(expected, str) or isinstance(outcome, str):
        written = json.dumps(outcome, ensure_ascii=False) if isinstance(outcome, str) else f"{outcome:g}"
        return PlanVerdict(leaf, shown, str(expected), outcome == expected, written)
    return PlanVerdict(
        leaf, shown, f"{expected:g}", abs(outcome - expected) <= 1e-6, f"{outcome:.{SIGNIFICANT_DIGITS}g}"
    )


def _proof(expect: PlanExpect, leaf: Leaf, _: Solved, proof: Proof | None) -> PlanVerdict:
    from .solving import largest_difference

    assert expect.proof is not None
    assert proof is not None
    converged, largest = proof.converged, largest_difference(proof)
    limit = expect.proof.largest_difference
    met = converged == expect.proof.converged and (limit is None or largest <= limit)
    words = {True: "converged", False: "not converged"}
    expected = words[expect.proof.converged] + ("" if limit is None else f", at most {100.0 * limit:g} % apart")
    return PlanVerdict(leaf, f"{words[converged]}, {100.0 * largest:.2g} % apart", expected, met, None)


_JUDGES: dict[str, Callable[[PlanExpect, Leaf, Solved, Any], PlanVerdict]] = {
    "status": _status,
    "objective": _objective,
    "groups": _group,
    "decisions": _decision,
    "proof": _proof,
}


def _outwards(value: float, *, down: bool) -> float:
    """Return a number of few digits that is not above the value (`down`), or not below it."""
    rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
    step = 10.0 ** (math.floor(math.log10(abs(value))) + 1 - SIGNIFICANT_DIGITS) if value else 0.0
    if down and rounded > value:
        rounded = float(f"{rounded - step:.{SIGNIFICANT_DIGITS}g}")
    elif not down and rounded < value:
        rounded = float(f"{rounded + step:.{SIGNIFICANT_DIGITS}g}")
    return rounded
