"""A plan that is kept while the world turns out differently: its purchases stay, only operation adapts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..diagnosis.limits.registry import kinds, limits_of
from ..diagnosis.loosened import loosened
from ..matrix import EXACT_GAP, Name, matrix_of, name_of, solve_matrix

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..capacity_model import CapacityModel
    from ..diagnosis.limits.limit import Limit
    from ..instance.instance import Instance
    from ..solution import Solution

_ROOM = 1e-7
"""By which promises are broken further than they must be, so that the second solve finds what the first has found."""


@dataclass(frozen=True)
class Kept:
    """What a plan comes to that nobody changes."""

    objective: float
    """In the objective's unit; NaN where it can not be kept, for it would need more than its limits give."""
    broken: Mapping[str, float] = field(default_factory=dict)
    """Share of the demand by which each class of work is served less than promised, where that is above 0; of a
    quarter's demand where a promise for a quarter is broken by more."""

    @property
    def possible(self) -> bool:
        """Whether the plan can be kept within all limits but its promises."""
        return not math.isnan(self.objective)


def first_stage(model: CapacityModel, solution: Solution) -> dict[Name, float]:
    """Return what is decided before anybody knows the future: purchases, choices and places, by the model's names."""
    found = {}
    for family, variables in model.formulation.found.items():
        # What differs by future, slip or hour is operation; continuous rest follows from what is bought.
        if set(model.formulation.dimensions[family]) & set("odh"):
            continue
        for variable in variables.values():
            place = model.solver.column_of.get(id(variable))
            if place is not None and (not variable.is_continuous() or family == "power_purchase"):
                value = float(solution.point[place])
                found[name_of(variable)] = float(round(value)) if not variable.is_continuous() else value
    return found


def kept(model: CapacityModel, solution: Solution, changed: Instance) -> Kept:
    """Return what the plan of a solution comes to in a changed instance, its promises broken by as little as can be.

    Two solves: the least shortfall on promises first, then the best operation with no more than that. An order that
    arrives after the horizon is paid for, and keeps its whole value at the end.
    """
    import numpy as np

    from ..capacity_model import CapacityModel
    from ..objectives.objective import objectives

    other = matrix_of(CapacityModel(changed).model)
    decided = first_stage(model, solution)
    limits = tuple(limits_of(changed))
    promises = np.array([kinds()[limit.kind].promise for limit in limits], dtype=bool)
    eased = loosened(changed, other, np.where(promises, [limit.amount for limit in limits], 0.0))
    known = np.array([name in decided for name in eased.matrix.columns], dtype=bool)
    values = np.array([decided.get(name, 0.0) for name in eased.matrix.columns])
    held = eased.matrix.fixed(known, values)

    shortfall = np.zeros(len(held.columns))
    shortfall[eased.given] = np.where(promises, 1.0, 0.0)
    first = solve_matrix(
        replace(held, cost=shortfall, offset=0.0), gap=EXACT_GAP, most_nodes=changed.most_nodes, seed=changed.seed
    )
    if not first.found:
        return Kept(math.nan)
    given = first.values[eased.given]
    upper = held.column_upper.copy()
    upper[eased.given] = np.where(promises & (given > _ROOM), given + _ROOM, 0.0)
    second = solve_matrix(
        replace(held, column_upper=upper), gap=changed.gap, most_nodes=changed.most_nodes, seed=changed.seed
    )
    if not second.found:
        return Kept(math.nan)
    scale = objectives()[changed.objective].scale
    lost_usd = _beyond(model, decided, set(other.columns)) if changed.objective == "cost" else 0.0
    return Kept(
        objective=second.objective * scale + lost_usd,
        broken=_broken(limits, given * eased.size),
    )


def _broken(limits: tuple[Limit, ...], given: NDArray[np.float64]) -> dict[str, float]:
    """Return by class of work the share by which a promise is broken; the worst where there are several of it."""
    broken: dict[str, float] = {}
    for limit, amount in zip(limits, given.tolist(), strict=True):
        if kinds()[limit.kind].promise and amount > 10.0 * _ROOM:
            broken[limit.what] = max(broken.get(limit.what, 0.0), amount)
    return broken


def _beyond(model: CapacityModel, decided: Mapping[Name, float], columns: set[Name]) -> float:
    """Return what orders cost that arrive after the horizon, less what they are worth there [USD]."""
    instance = model.instance
    offers: dict[str, dict[str, Any]] = {
        "buy": {each.name: each for each in instance.nodes},
        "build": {each.name: each for each in instance.modules},
        "buy_fabric": {each.name: each for each in instance.fabrics},
        "buy_store": {each.name: each for each in instance.stores},
    }
    order = {quarter.name: t for t, quarter in enumerate(instance.quarters)}
    discount = model.formulation.discount
    lost_usd = 0.0
    for name, count in decided.items():
        if name[0] in offers and count > 0.0 and name not in columns:
            _, what, quarter = (str(each) for each in name[1])
            thing, t = offers[name[0]][what], order[quarter]
            paid_usd, new_usd = float(thing.price_usd[t]), float(thing.price_usd[-1])
            # A new node is worth what others are sold for, where that is less.
            left_usd = min(paid_usd, new_usd) if name[0] == "buy" else paid_usd
            units = count * getattr(thing, "batch", 1)
            lost_usd += units * (discount[t] * paid_usd - discount[-1] * left_usd)
    return lost_usd
