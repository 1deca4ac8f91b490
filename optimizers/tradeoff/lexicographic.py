"""Objectives in order of priority: each is minimised among the plans that are best in all before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..plan import Status
from ..solution import Solution, Solvable
from .front import FrontPoint, counted_value, has_plan

USUAL_SLACK = 1e-6
"""By how much, relative to its value, an objective may give way for those after it. HiGHS takes a constraint for held
and a variable for whole within 1e-6 (`mip_feasibility_tolerance`): with less slack the plan that set a cap may break
it, with much more the order of priority is no order."""


@dataclass(frozen=True)
class Stage:
    """One objective's turn."""

    objective: str
    caps: Mapping[str, float]
    """What the objectives before it, and the caller, allow."""
    solution: Solution

    def holds(self, kinds: Sequence[str]) -> bool:
        """Return whether there is a plan that keeps to the caps on the axes of a front.

        A model may cap the cost alone and minimise it with the price of unserved work: then a plan can keep to a cap by
        leaving work undone, which is no way to keep to a priority.
        """
        return has_plan(self.solution) and all(
            counted_value(self.solution, kind) <= cap + USUAL_SLACK * abs(cap)
            for kind, cap in self.caps.items()
            if kind in kinds
        )


@dataclass(frozen=True)
class Lexicographic:
    """What came of objectives in order. Stages end early where one has no plan."""

    order: tuple[str, ...]
    stages: tuple[Stage, ...]
    """At least one."""

    @property
    def status(self) -> Status:
        """Of the first stage, and `limit` where a later one fell short."""
        first = self.stages[0].solution.status
        return first if all(stage.solution.status == first for stage in self.stages) else "limit"

    @property
    def point(self) -> FrontPoint | None:
        """The last plan that holds all that came before it; None where the first stage has none.

        It is efficient to within the slack and its gap.
        """
        found = [
            stage.solution
            for number, stage in enumerate(self.stages)
            if has_plan(stage.solution) and (number == 0 or stage.holds(self.order[:number]))
        ]
        return FrontPoint.of(found[-1], self.order, *found[:-1]) if found else None


def lexicographic(
    model: Solvable,
    order: Sequence[str],
    *,
    slack: float = USUAL_SLACK,
    caps: Mapping[str, float] | None = None,
    start: Any = None,
    gap: float | None = None,
) -> Lexicographic:
    """Return what minimising the objectives one after the other comes to.

    Each solve begins from the plan before it and holds every earlier objective at (value + slack |value|) of the plan
    that was found, not of the bound, so that there is always a plan to begin from. `gap` replaces the model's.
    Raises ValueError where `order` is empty or names an objective twice or one that the model does not have.
    """
    known(model, order)
    within = dict(caps or {})
    stages: list[Stage] = []
    for kind in order:
        solution = model.minimise({kind: 1.0}, caps=dict(within), start=start, gap=gap)
        stages.append(Stage(kind, dict(within), solution))
        if not has_plan(solution):
            break
        if not stages[-1].holds(order[: len(stages) - 1]):
            continue
        value = counted_value(solution, kind)
        within[kind] = min(value + slack * abs(value), within.get(kind, float("inf")))
        start = solution.point
    return Lexicographic(tuple(order), tuple(stages))


def known(model: Solvable, objectives: Sequence[str]) -> None:
    """Raise ValueError unless the objectives are of the model, each once, at least one."""
    unknown = [kind for kind in objectives if kind not in model.objectives]
    if unknown or not objectives or len(set(objectives)) < len(objectives):
        raise ValueError(
            f"objectives must be some of {', '.join(model.objectives)}, each once, "
            f"not {', '.join(objectives) or 'none'}"
        )
