"""How a plan and its objective react when prices, growth, lead times and dates turn out differently.

Each change is a solve of its own, and every number comes with the interval that the gaps of the two solves leave.
Beside the plan made anew, which knows of the change from the start, stands the plan as it is, kept while the change
comes as a surprise: the truth of a slip lies between the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..diagnosis.amounts import amount_text
from .changes import Change, usual_changes
from .compared import changed_decisions
from .kept import Kept, kept

if TYPE_CHECKING:
    from ..capacity_model import CapacityModel
    from ..instance.instance import Instance
    from ..plan import Plan, Status
    from ..solution import Solution


NO_SAVING = " (less because less runs and is served, which is no saving)"
"""Why a plan that is kept and breaks promises may cost less than it does: what it leaves undone takes no energy and no
upkeep, nodes that come late are younger at the horizon's end, and a promise has no price."""


@dataclass(frozen=True)
class Reaction:
    """What a change does to a plan."""

    what: str
    change: str
    status: Status
    objective: float
    """Of the plan made anew; NaN where there is none."""
    bound: float
    difference: float
    """From the plan as it is, above 0 where the change makes things worse. What stood there before is taken over at the
    same worth in both, though old nodes are worth less where new ones are cheaper: that is no saving."""
    difference_least: float
    difference_most: float
    """Between these two it is, whatever the gaps hide."""
    kept_difference: float
    """Of the plan as it is, kept; NaN where it can not be kept within its limits, or was not asked for."""
    broken: dict[str, float]
    """Share of demand by which the kept plan serves each class less than promised."""
    decisions: tuple[str, ...]
    """What the plan made anew decides differently."""
    unit: str

    @property
    def sentence(self) -> str:
        """What a planner reads."""
        words = f"{self.what} {self.change}: "
        if math.isnan(self.objective):
            words += "no plan keeps all limits"
        else:
            between = f"{signed(self.difference_least, self.unit)} to {signed(self.difference_most, self.unit)}"
            words += f"{signed(self.difference, self.unit)} planned anew (surely {between})"
        if not math.isnan(self.kept_difference):
            words += f", {signed(self.kept_difference, self.unit)} with the plan as it is"
            words += "".join(
                f", {amount_text(share, 'share')} of {work} broken off" for work, share in self.broken.items()
            )
            if self.broken and self.kept_difference < 0.0:
                words += NO_SAVING
        return words + (f"; {'; '.join(self.decisions)}" if self.decisions else "")


@dataclass(frozen=True)
class Sensitivity:
    """How a plan reacts to one change after the other."""

    objective_kind: str
    objective: float
    bound: float
    reactions: tuple[Reaction, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        return tuple(each.sentence for each in self.reactions)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each change, as plain data; numbers that there are not are None."""
        return [plain(asdict(each) | {"sentence": each.sentence}) for each in self.reactions]

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "objective_kind": self.objective_kind,
            "objective": self.objective,
            "bound": self.bound,
            "changes": self.rows(),
        }


def sensitivity(
    model: CapacityModel,
    solution: Solution,
    *,
    changes: Sequence[Change] | None = None,
    keep: bool = True,
) -> Sensitivity:
    """Return how a plan reacts to changes, the usual ones where none are given.

    `model` has found `solution`, minimising its instance's own objective. `keep` asks for the kept plan too.

    Raises
    ------
    ValueError
        The solution has no plan.
    """
    if solution.point is None:
        raise ValueError("a solution without a plan does not react")
    instance = model.instance
    chosen = usual_changes(instance) if changes is None else changes
    before = model.plan(solution)
    return Sensitivity(
        objective_kind=instance.objective,
        objective=solution.objective,
        bound=solution.bound,
        reactions=tuple(_reaction(model, solution, before, each, keep=keep) for each in chosen),
    )


def _reaction(model: CapacityModel, solution: Solution, before: Plan, change: Change, *, keep: bool) -> Reaction:
    from ..capacity_model import CapacityModel
    from ..objectives.objective import objectives

    instance: Instance = change.to(model.instance)
    other = CapacityModel(instance)
    found = other.solve()
    stays = kept(model, solution, instance) if keep else Kept(math.nan)
    # A plan that can be kept whole is one of those to choose from: the new one is at most as dear.
    stay = stays.possible and not stays.broken and stays.objective <= found.objective
    best = stays.objective if stay else found.objective
    shift = _taken_over(other) - _taken_over(model)
    as_it_is, bound = solution.objective + shift, solution.bound + shift
    # A better plan under a restriction is a better one for the world as it is: the gap of the plan at hand, no saving.
    compared = min(as_it_is, best) if change.restricts else as_it_is
    least = max(found.bound - compared, 0.0) if change.restricts else found.bound - compared
    return Reaction(
        what=change.what,
        change=change.change,
        status=found.status,
        objective=best,
        bound=found.bound,
        difference=best - compared,
        difference_least=min(least, best - compared),
        difference_most=max(best - bound, best - compared),
        kept_difference=stays.objective - as_it_is,
        broken=dict(stays.broken),
        decisions=() if stay or found.point is None else changed_decisions(before, other.plan(found)),
        unit=objectives()[instance.objective].unit,
    )


def _taken_over(model: CapacityModel) -> float:
    """Return what an objective has as the worth of what stood there before [USD]; 0 for objectives other than cost."""
    from ..formulation.formulation import START, THOUSAND
    from ..plan import GROUPS

    if model.instance.objective != "cost":
        return 0.0
    cost = model.formulation.cost
    return THOUSAND * sum(cost[group, START].constant for group in GROUPS if (group, START) in cost)


def signed(amount: float, unit: str) -> str:
    """Return a difference with its sign and unit."""
    return ("+" if amount >= 0.0 else "") + amount_text(amount, unit)


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row for JSON: numbers that there are not as None."""
    return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
