"""Instances in which the world is a little different: prices, growth, lead times, slips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..instance.instance import Instance

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PRICE_STEP = 0.2
"""By which the price of electricity is changed; an assumption, about a year's movement of a forward price."""
NODE_PRICE_STEP = 0.1
"""By which the price of nodes is changed; an assumption."""
DEMAND_STEP = 0.1
"""By which demand is changed; an assumption."""


@dataclass(frozen=True)
class Change:
    """Something that may turn out differently."""

    what: str
    """Such as `electricity`."""
    change: str
    """Such as `+20%`."""
    to: Callable[[Instance], Instance]
    restricts: bool = False
    """Whether a plan for the changed world is also one for the world as it is, at the same objective."""


def usual_changes(instance: Instance) -> tuple[Change, ...]:
    """Return the changes that a plan is tried against where nobody asks for others; those without effect left out."""
    changes = [
        *(_by(share, "electricity", electricity) for share in (-PRICE_STEP, PRICE_STEP)),
        *(_by(share, "price of nodes", node_price) for share in (-NODE_PRICE_STEP, NODE_PRICE_STEP)),
        *(_by(share, "demand", demand) for share in (-DEMAND_STEP, DEMAND_STEP)),
        Change("lead times", "+1 quarter", lambda given: longer_leads(given, 1)),
        LATER_GRID,
        LATER_DELIVERIES,
    ]
    if not tranches_to_come(instance):
        changes.remove(LATER_GRID)
    return tuple(changes)


def _by(share: float, what: str, change: Callable[[Instance, float], Instance]) -> Change:
    return Change(what, f"{100.0 * share:+.0f}%", lambda given: change(given, 1.0 + share))


def electricity(instance: Instance, factor: float) -> Instance:
    """Return an instance whose electricity costs `factor` as much, in every future; a strike price stays."""
    sites = tuple(replace(each, price_usd_per_kwh=factor * each.price_usd_per_kwh) for each in instance.sites)
    return replace(instance, sites=sites)


def node_price(instance: Instance, factor: float) -> Instance:
    """Return an instance whose nodes on sale cost `factor` as much; what stands there cost what it did."""
    return replace(instance, nodes=tuple(replace(each, price_usd=factor * each.price_usd) for each in instance.nodes))


def demand(instance: Instance, factor: float) -> Instance:
    """Return an instance that asks for `factor` as much work of every class, in every future."""
    return replace(
        instance,
        serving=tuple(replace(each, demand=factor * each.demand) for each in instance.serving),
        batch=tuple(replace(each, demand=factor * each.demand) for each in instance.batch),
        gangs=tuple(replace(each, tokens=factor * each.tokens) for each in instance.gangs),
    )


def longer_leads(instance: Instance, quarters: int) -> Instance:
    """Return an instance in which all that is bought takes some quarters longer, and everybody knows."""

    def longer(things: Any) -> Any:
        return tuple(replace(each, lead=each.lead + quarters) for each in things)

    return replace(
        instance,
        nodes=longer(instance.nodes),
        modules=longer(instance.modules),
        fabrics=longer(instance.fabrics),
        stores=longer(instance.stores),
    )


def later_grid(instance: Instance, quarters: int) -> Instance:
    """Return an instance in which every tranche of the grid that is to come within the horizon comes later.

    What the first quarter has is there; a grid that shrinks does so on time.
    """
    sites = tuple(replace(each, grid_w=_later(each.grid_w, quarters)) for each in instance.sites)
    return replace(instance, sites=sites)


def _later(grid_w: NDArray[np.float64], quarters: int) -> NDArray[np.float64]:
    import numpy as np

    late_w = grid_w.copy()
    for _ in range(quarters):
        late_w[:, 1:] = np.minimum(late_w[:, 1:], late_w[:, :-1].copy())
    return late_w


def tranches_to_come(instance: Instance) -> bool:
    """Return whether the grid grants any site more later than at the start."""
    import numpy as np

    return any(bool(np.any(np.diff(each.grid_w, axis=1) > 0.0)) for each in instance.sites)


def later_deliveries(instance: Instance, quarters: int) -> Instance:
    """Return an instance in which nodes come some quarters later than ordered, in every future."""
    futures = tuple(replace(each, delivery_slip=each.delivery_slip + quarters) for each in instance.futures)
    return replace(instance, futures=futures)


LATER_GRID = Change("energisation", "1 quarter late", lambda given: later_grid(given, 1), restricts=True)
LATER_DELIVERIES = Change("deliveries", "1 quarter late", lambda given: later_deliveries(given, 1))
DEARER_ELECTRICITY = _by(PRICE_STEP, "electricity", electricity)
