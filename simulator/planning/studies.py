"""What is asked of a plan beside itself: what it trades off, how it reacts, and why it is dear or impossible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from optimizers.given.goals import FrontTerms

if TYPE_CHECKING:
    from optimizers.diagnosis.expensive import Expensive
    from optimizers.diagnosis.infeasible import Infeasible
    from optimizers.reactions.information import Information
    from optimizers.reactions.months import Months
    from optimizers.reactions.sensitivity import Sensitivity
    from optimizers.tradeoff.front import Front

    from .solving import Solved


@dataclass(frozen=True, eq=False)
class TracedFront:
    """A front with the five groups of each of its plans."""

    front: Front
    groups: tuple[dict[str, float], ...]
    """Of each point, in order."""
    terms: FrontTerms

    @property
    def stopped(self) -> bool:
        """Whether the search ended at its limit of solves, and not because enough was decided."""
        return self.front.solves >= self.terms.most_solves and self.front.anytime_gap > self.terms.gap

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        points = [
            {"values": dict(point.values), "gap": point.gap, "groups": groups}
            for point, groups in zip(self.front.points, self.groups, strict=True)
        ]
        return {
            "objectives": list(self.front.objectives),
            "points": points,
            "ideal": dict(self.front.ideal),
            "nadir": dict(self.front.nadir),
            "anytime_gap": self.front.anytime_gap,
            "solves": self.front.solves,
            "status": self.front.status,
            "undecided": [{"lower": dict(lower), "upper": dict(upper)} for lower, upper in self.front.undecided],
        }


@dataclass(frozen=True)
class Reactions:
    """How a plan reacts to changes, and what a month's slip costs."""

    sensitivity: Sensitivity
    months: Months

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        return *self.sensitivity.sentences, *self.months.sentences

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {**self.sensitivity.as_dict(), **self.months.as_dict()}


def trace_front(solved: Solved) -> TracedFront:
    """Return the plans that trade a plan file's `front.objectives` off: exact for two, a filtered set for three."""
    from optimizers.tradeoff.box_bisection import box_bisection
    from optimizers.tradeoff.filtered_set import filtered_set

    terms = solved.loaded.plan_file.plan.front or FrontTerms()
    asked: dict[str, Any] = {"gap": terms.gap, "most_solves": terms.most_solves, "start": solved.solution.point}
    if len(terms.objectives) == 2:
        front = box_bisection(solved.model, (terms.objectives[0], terms.objectives[1]), **asked)
    else:
        front = filtered_set(solved.model, terms.objectives, **asked)
    groups = tuple(dict(solved.model.plan(point.solution).groups) for point in front.points)
    return TracedFront(front, groups, terms)


def plan_sensitivity(solved: Solved) -> Reactions:
    """Return how a plan reacts to prices, growth, lead times and slips, and what a month's slip costs.

    Every change is solved anew, about a dozen solves. Raises ValueError where there is no plan.
    """
    from optimizers.reactions.months import price_of_a_month
    from optimizers.reactions.sensitivity import sensitivity

    known = sensitivity(solved.model, solved.solution)
    return Reactions(known, price_of_a_month(solved.model, solved.solution, known))


def value_of_information(solved: Solved) -> Information:
    """Return what knowing the future, and planning for all futures at once, are worth: a solve a future, and two.

    Raises ValueError where there is no plan, or it minimises risk, which has no mean over futures.
    """
    from optimizers.reactions import information

    return information.value_of_information(solved.model, solved.solution)


def explain_plan(solved: Solved) -> Expensive | Infeasible | None:
    """Return which limits make a plan dear, or why there is none: `sentences` for people, `as_dict()` for programs.

    None where the solve ended at its limit before either was known.
    """
    from optimizers.diagnosis.expensive import why_expensive
    from optimizers.diagnosis.infeasible import why_infeasible

    if solved.plan.status == "infeasible":
        return why_infeasible(solved.instance)
    return why_expensive(solved.model, solved.solution) if solved.solution.point is not None else None
