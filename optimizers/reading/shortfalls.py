"""Quarters in which less is served than a plan promises of the whole horizon."""

from __future__ import annotations

from collections.abc import Sequence

from ..instance.instance import Instance
from ..plan import Served
from .operation import LEAST_SHARE


def shortfalls_of(instance: Instance, served: Sequence[Served]) -> tuple[str, ...]:
    """Return a sentence for each class of work of which some quarter gets less than its `least_served`: the worst one.

    Shares are expected over the futures; the future that fares worst in that quarter is told beside them.
    """
    probability = {future.name: future.probability for future in instance.futures}
    told = []
    for work in (*instance.serving, *instance.batch):
        shares: dict[str, float] = {}
        rows = [each for each in served if each.work == work.name and each.demand > 0.0]
        for quarter in dict.fromkeys(each.quarter for each in rows):
            mine = [each for each in rows if each.quarter == quarter]
            demand = sum(probability[each.future] * each.demand for each in mine)
            shares[quarter] = sum(probability[each.future] * each.served for each in mine) / demand
        if not shares:
            continue
        worst = min(shares, key=lambda quarter: shares[quarter])
        if shares[worst] >= work.least_served - LEAST_SHARE:
            continue
        mine = [each for each in rows if each.quarter == worst]
        least = min(mine, key=lambda each: each.served / each.demand)
        beside = f" ({least.served / least.demand:.1%} in '{least.future}')" if len(mine) > 1 else ""
        told.append(
            f"{work.name}: {shares[worst]:.1%} is served in {worst}{beside}; 'least_served' of {work.least_served:g} "
            "is of the whole horizon, 'least_served_in_quarter' would be of each quarter"
        )
    return tuple(told)
