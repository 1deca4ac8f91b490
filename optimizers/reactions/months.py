"""What a month's slip of the grid or of deliveries costs, and a month in which power is dear."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ..diagnosis.amounts import amount_text
from .changes import DEARER_ELECTRICITY, LATER_DELIVERIES, LATER_GRID, PRICE_STEP, Change, tranches_to_come
from .sensitivity import NO_SAVING, Reaction, Sensitivity, plain, sensitivity, signed

if TYPE_CHECKING:
    from ..capacity_model import CapacityModel
    from ..solution import Solution

MONTHS = 3
"""Of a quarter."""


@dataclass(frozen=True)
class Month:
    """What one month's slip costs."""

    what: str
    planned_anew: float
    """Where the slip is known when the plan is made; NaN where no plan keeps all limits then."""
    as_it_is: float
    """Where it comes as a surprise and the purchases stay; NaN where they can not stay within the limits."""
    broken: dict[str, float]
    """Share of demand by which the kept plan serves each class less than promised, for the month."""
    unit: str
    sentence: str


@dataclass(frozen=True)
class Months:
    """What a month's slip of energisation, of deliveries, and a month of dear power cost."""

    months: tuple[Month, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        return tuple(each.sentence for each in self.months)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON; numbers that there are not are None."""
        return {"months": [plain(asdict(each)) for each in self.months]}


def price_of_a_month(model: CapacityModel, solution: Solution, known: Sensitivity | None = None) -> Months:
    """Return what a month's slip of the grid and of deliveries costs, and a month in which power is dear.

    `known` is what the plan's reactions to the usual changes were, where they are known: they are not solved again.

    Quarters are the grain of a plan, so a whole quarter's slip is solved and the month is a third of it. That is exact
    for a kept plan whose demand is steady over the quarter: it then goes short by as much, for a third of the time. To
    give the quarter two thirds of a late tranche's power instead would price a shortage at its mean, and hide it where
    demand fits the mean. A plan made anew can do no better than by whole quarters; its third is an interpolation.
    """
    solved = {(each.what, each.change): each for each in (known.reactions if known is not None else ())}

    def reaction_to(change: Change) -> Reaction:
        again = solved.get((change.what, change.change))
        return again or sensitivity(model, solution, changes=[change]).reactions[0]

    found = []
    for change in (LATER_GRID, LATER_DELIVERIES):
        if change is LATER_GRID and not tranches_to_come(model.instance):
            found.append(_nothing_to_come(model))
            continue
        reaction = reaction_to(change)
        found.append(_month(reaction, MONTHS, f"a month's slip of {change.what}", f"a quarter's slip of {change.what}"))
    months = MONTHS * len(model.instance.quarters)
    words = f"power that is {100.0 * PRICE_STEP:.0f}% dearer"
    found.append(_month(reaction_to(DEARER_ELECTRICITY), months, f"a month of {words}", f"{words} over the horizon"))
    return Months(tuple(found))


def _month(reaction: Reaction, months: int, what: str, whole: str) -> Month:
    anew, stays = reaction.difference / months, reaction.kept_difference / months
    if math.isnan(anew):
        known = f"no plan keeps all limits with {whole}"
    else:
        known = f"{signed(anew, reaction.unit)} where it is known when the plan is made"
    if math.isnan(stays):
        surprise = "as a surprise it can not be borne within the limits"
    else:
        surprise = f"{signed(stays, reaction.unit)} as a surprise"
    # A promise is over the horizon: the month's share of what a quarter's slip, or all months, break of it.
    broken = {work: share / months for work, share in reaction.broken.items()}
    surprise += "".join(f", {amount_text(share, 'share')} of {work} broken off" for work, share in broken.items())
    if broken and stays < 0.0:
        surprise += NO_SAVING
    return Month(what, anew, stays, broken, reaction.unit, f"{what}: {known}, {surprise}")


def _nothing_to_come(model: CapacityModel) -> Month:
    from ..objectives.objective import objectives

    what = f"a month's slip of {LATER_GRID.what}"
    unit = objectives()[model.instance.objective].unit
    return Month(what, 0.0, 0.0, {}, unit, f"{what}: nothing, all of the grid is there from the first quarter on")
