"""What knowing the future is worth, and what planning for all futures at once is worth.

J. R. Birge and F. Louveaux, Introduction to Stochastic Programming, 2nd ed., Springer 2011, ch. 4: the expected value
of perfect information is the plan's objective less the mean of what could be had if each future were known beforehand;
the value of the stochastic solution is what the plan for the mean future costs in all futures, less the plan's.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from .diagnosis.amounts import amount_text
from .instance.instance import Instance
from .instance.time import Future
from .kept import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from .capacity_model import CapacityModel
    from .solution import Solution


@dataclass(frozen=True)
class Information:
    """What information is worth to a plan, in the unit of its objective. Each interval is what the gaps leave."""

    perfect: float
    """The expected value of perfect information; NaN where some future, known, leaves no plan."""
    perfect_least: float
    perfect_most: float
    stochastic: float
    """The value of the stochastic solution; NaN where the plan for the mean future can not be kept in all others."""
    broken: dict[str, float]
    """Share of demand by which the plan for the mean future serves each class less than promised: beside its price."""
    unit: str

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        if math.isnan(self.perfect):
            known = "some future leaves no plan, even where it is known"
        else:
            known = f"knowing the future would be worth {amount_text(self.perfect, self.unit)} (surely "
            known += f"{amount_text(self.perfect_least, self.unit)} to {amount_text(self.perfect_most, self.unit)})"
        if math.isnan(self.stochastic):
            return known, "the plan for the mean future can not be kept in all futures"
        words = f"planning for all futures instead of their mean saves {amount_text(self.stochastic, self.unit)}"
        lost = [f"{amount_text(share, 'share')} of {work}" for work, share in self.broken.items()]
        return known, words + (f", and keeps {', '.join(lost)} from being broken off" if lost else "")

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON; numbers that there are not are None."""
        row = asdict(self)
        gone = {key: None for key, value in row.items() if isinstance(value, float) and math.isnan(value)}
        return row | gone | {"sentences": list(self.sentences)}


def value_of_information(model: CapacityModel, solution: Solution) -> Information:
    """Return what perfect information, and planning for all futures, are worth to a plan: a solve a future, and two.

    Only for objectives that are means over futures: not for `risk`, whose tail has no meaning in one future.

    Raises
    ------
    ValueError
        The objective is `risk`, or the solution has no plan.
    """
    from .capacity_model import CapacityModel
    from .objectives.objective import objectives

    instance = model.instance
    if instance.objective == "risk" or solution.point is None:
        raise ValueError("information has a value for plans that minimise a mean over futures")
    known = [
        (future.probability, CapacityModel(only(instance, place)).solve())
        for place, future in enumerate(instance.futures)
    ]
    waited = sum(probability * each.objective for probability, each in known)
    bound = sum(probability * each.bound for probability, each in known)
    naive = CapacityModel(mean(instance))
    planned = naive.solve()
    stays = kept(naive, planned, instance) if planned.point is not None else None
    return Information(
        perfect=solution.objective - waited,
        perfect_least=max(0.0, solution.bound - waited),
        perfect_most=solution.objective - bound,
        stochastic=math.nan if stays is None else stays.objective - solution.objective,
        broken={} if stays is None else dict(stays.broken),
        unit=objectives()[instance.objective].unit,
    )


def only(instance: Instance, future: int) -> Instance:
    """Return an instance in which one future is certain."""
    return _collapsed(instance, lambda values: values[[future]], replace(instance.futures[future], probability=1.0))


def mean(instance: Instance) -> Instance:
    """Return an instance with the mean future: demand, prices and grid by probability, deliveries by the whole quarter
    nearest to their mean slip."""
    import numpy as np

    weights = np.array([each.probability for each in instance.futures])
    slip = round(float(weights @ [each.delivery_slip for each in instance.futures]))
    return _collapsed(
        instance,
        lambda values: np.tensordot(weights, values, axes=1)[np.newaxis],
        Future("mean", 1.0, delivery_slip=slip),
    )


def _collapsed(
    instance: Instance, take: Callable[[NDArray[np.float64]], NDArray[np.float64]], future: Future
) -> Instance:
    """Return an instance with one future, made of all of them."""
    return replace(
        instance,
        futures=(future,),
        sites=tuple(
            replace(each, grid_w=take(each.grid_w), price_usd_per_kwh=take(each.price_usd_per_kwh))
            for each in instance.sites
        ),
        serving=tuple(replace(each, demand=take(each.demand)) for each in instance.serving),
        batch=tuple(replace(each, demand=take(each.demand)) for each in instance.batch),
        gangs=tuple(replace(each, tokens=take(each.tokens)) for each in instance.gangs),
    )
