"""What knowing the future is worth, and what planning for all futures at once is worth.

J. R. Birge and F. Louveaux, Introduction to Stochastic Programming, 2nd ed., Springer 2011, ch. 4: the expected value
of perfect information is the plan's objective less the mean of what could be had if each future were known beforehand;
the value of the stochastic solution is what the plan for the mean future costs in all futures, less the plan's.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..diagnosis.amounts import amount_text
from ..instance.instance import Instance
from ..instance.time import Future
from .kept import kept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from ..capacity_model import CapacityModel
    from ..solution import Solution


_DUST = 1e-6
"""Of a share that is served: what the solver's own tolerance may have added to it."""


@dataclass(frozen=True)
class Information:
    """What information is worth to a plan, in the unit of its objective. Each interval is what the gaps leave."""

    perfect: float
    """The expected value of perfect information; NaN where some future, known, leaves no plan."""
    perfect_least: float
    perfect_most: float
    stochastic: float
    """The value of the stochastic solution, below 0 where the plan for the mean future takes less and breaks promises;
    NaN where there is none, or where it can not be kept in all futures."""
    broken: dict[str, float]
    """Share of demand by which the plan for the mean future serves each class less than promised: beside its price."""
    unit: str
    without_plan: tuple[str, ...] = ()
    """Futures that leave no plan, known beforehand and taken alone: a promise of a mean over futures can be kept by
    serving less in a bad one."""
    as_planned: bool = False
    """Whether each future, known, was asked to serve what the plan serves in it, and not what is promised on the
    mean: so it is done where that leaves some future without a plan."""
    without_mean: bool = False
    """Whether the mean future leaves no plan."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        return *self._of_knowing(), self._of_planning_for_all()

    def _of_knowing(self) -> Iterator[str]:
        if self.without_plan:
            futures = ", ".join(f"'{name}'" for name in self.without_plan)
            yield f"{futures}, known beforehand: no plan was found that keeps alone what is to hold on the mean"
        if math.isnan(self.perfect):
            yield "what knowing the future is worth can not be told: there is no plan to compare with"
            return
        condition = ", and serving as much in each future as this plan does," if self.as_planned else ""
        known = f"knowing the future{condition} would be worth {amount_text(self.perfect, self.unit)}"
        least, most = amount_text(self.perfect_least, self.unit), amount_text(self.perfect_most, self.unit)
        yield known + ("" if least == most else f" (surely {least} to {most})")

    def _of_planning_for_all(self) -> str:
        if math.isnan(self.stochastic):
            if self.without_mean:
                return "the mean future leaves no plan to compare with"
            return (
                "the plan for the mean future can not be kept in all futures: it would need more than its limits give"
            )
        lost = ", ".join(f"{amount_text(share, 'share')} of {work}" for work, share in self.broken.items())
        words = "planning for all futures instead of their mean"
        if self.stochastic < 0.0 and not lost:
            return f"{words} saves nothing that can be told from the gaps"
        if self.stochastic < 0.0:
            paid = "costs" if self.unit == "USD" else "takes"
            more = amount_text(-self.stochastic, self.unit)
            return f"{words} {paid} {more} more, and serves {lost} that the other leaves"
        saved = f"{words} saves {amount_text(self.stochastic, self.unit)}"
        return f"{saved}, and serves {lost} that the other leaves" if lost else saved

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON; numbers that there are not are None."""
        row = asdict(self)
        gone = {key: None for key, value in row.items() if isinstance(value, float) and math.isnan(value)}
        return row | gone | {"sentences": list(self.sentences)}


def value_of_information(model: CapacityModel, solution: Solution) -> Information:
    """Return what perfect information, and planning for all futures, are worth to a plan: a solve a future, and two.

    Only for objectives that are means over futures: not for `risk`, whose tail has no meaning in one future.

    A promise, and a cap, is of the mean over futures. Where a future taken alone can not keep it, every future is asked
    to serve what the plan serves in it instead, and solved again: the value is then that of knowing which comes, not of
    serving otherwise.

    Raises
    ------
    ValueError
        The objective is `risk`, or the solution has no plan.
    """
    from ..capacity_model import CapacityModel
    from ..objectives.objective import objectives

    instance = model.instance
    if instance.objective == "risk" or solution.point is None:
        raise ValueError("information has a value for plans that minimise a mean over futures")
    known = [CapacityModel(only(instance, place)).solve() for place in range(len(instance.futures))]
    names = [future.name for future in instance.futures]
    alone = tuple(name for name, each in zip(names, known, strict=True) if each.point is None)
    if alone:
        known = [
            CapacityModel(
                _promising(
                    only(instance, place),
                    _served(model, solution, place),
                    _served_in_quarters(model, solution, place),
                )
            ).solve()
            for place in range(len(instance.futures))
        ]
    waited = sum(future.probability * each.objective for future, each in zip(instance.futures, known, strict=True))
    bound = sum(future.probability * each.bound for future, each in zip(instance.futures, known, strict=True))
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
        without_plan=alone,
        as_planned=bool(alone),
        without_mean=stays is None,
    )


def _served(model: CapacityModel, solution: Solution, future: int) -> dict[str, float]:
    """Return the share of each class of work that a plan serves in a future, where there is any."""
    formulation = model.formulation
    return {
        work: 1.0 - model.read(unserved, solution.point) / formulation.demand[work, which]
        for (work, which), unserved in formulation.unserved.items()
        if which == future and formulation.demand[work, which] > 0.0
    }


def _served_in_quarters(model: CapacityModel, solution: Solution, future: int) -> dict[str, NDArray[np.float64]]:
    """Return the share that a plan serves in a future of each class with a promise by quarter, shape (quarter,)."""
    import numpy as np

    from ..formulation.demand import unserved_in_quarter

    formulation = model.formulation
    found = {}
    for v, work in enumerate(formulation.work):
        if work.least_served_in_quarter is not None:
            each = [unserved_in_quarter(formulation, v, t, future) for t in range(formulation.quarters)]
            found[work.name] = np.array(
                [1.0 - model.read(unserved, solution.point) / demand if demand else 0.0 for unserved, demand in each]
            )
    return found


def _promising(
    instance: Instance, served: Mapping[str, float], in_quarters: Mapping[str, NDArray[np.float64]]
) -> Instance:
    """Return an instance that promises other shares of the work of which it promises any."""

    def promised(each: Any) -> Any:
        if each.least_served > 0.0 and each.name in served:
            each = replace(each, least_served=min(max(served[each.name] - _DUST, 0.0), 1.0))
        if each.name in in_quarters:
            each = replace(each, least_served_in_quarter=(in_quarters[each.name] - _DUST).clip(0.0, 1.0))
        return each

    def of(works: Any) -> Any:
        return tuple(promised(each) for each in works)

    return replace(instance, serving=of(instance.serving), batch=of(instance.batch), gangs=of(instance.gangs))


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
