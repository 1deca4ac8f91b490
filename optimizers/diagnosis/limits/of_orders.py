"""What limits orders: what vendors supply, how many of a thing a site may have, what a quarter may spend."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from ...instance.instance import Instance
from ..amounts import amount_text
from ..ample import Ample
from .limit import Limit, LimitKind


class Supply(LimitKind):
    """Batches that vendors supply in a quarter, to all sites together.

    Before the first quarter in which there are any it is not on sale: that is a date, and no amount that gives.
    """

    kind = "supply"
    unit = "batch"
    step = 1.0
    columns = {"buy": "sgt"}
    times = "in this quarter"
    what = "g"
    places = "t"

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, "", quarter.name, node.name, float(node.supply[t]), self.unit)
            for node in instance.nodes
            for t, quarter in enumerate(instance.quarters)
            if t >= node.on_sale and t + node.lead < len(instance.quarters)
        ]

    def ample(self, limit: Limit, ample: Ample) -> float:
        return float(ample.batches[limit.what])

    def bound(self, instance: Instance, limit: Limit, index: Mapping[str, Hashable]) -> float:
        return limit.amount

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        def more(node: Any) -> Any:
            supply = node.supply.copy()
            supply[[t for t, each in enumerate(instance.quarters) if each.name == limit.quarter]] += round(by)
            return replace(node, supply=supply)

        nodes = tuple(more(node) if node.name == limit.what else node for node in instance.nodes)
        return replace(instance, nodes=nodes)

    def gives(self, limit: Limit) -> str:
        return f"{amount_text(limit.amount, self.unit)} of {limit.what} can be ordered"


class _Most(LimitKind):
    """How many units of a thing one site may have."""

    step = 1.0
    field = ""

    def scope(self, instance: Instance, limit: Limit) -> str:
        # A plan file has one number for all sites, and so has an instance: the one at hand is priced, all are relaxed.
        return " there (planned anew: at every site)" if len(instance.sites) > 1 else ""

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, site.name, "", each.name, float(max(each.most, each.exists[s])), self.unit)
            for each in getattr(instance, self.field)
            for s, site in enumerate(instance.sites)
        ]

    def ample(self, limit: Limit, ample: Ample) -> float:
        return float(ample.units)

    def bound(self, instance: Instance, limit: Limit, index: Mapping[str, Hashable]) -> float:
        at = [site.name for site in instance.sites].index(limit.site)
        thing = next(each for each in getattr(instance, self.field) if each.name == limit.what)
        return limit.amount - float(thing.exists[at])

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        things = tuple(
            replace(each, most=max(each.most, round(limit.amount + by))) if each.name == limit.what else each
            for each in getattr(instance, self.field)
        )
        changes: dict[str, Any] = {self.field: things}
        return replace(instance, **changes)

    def gives(self, limit: Limit) -> str:
        return f"{amount_text(limit.amount, self.unit)} of {limit.what} may stand there"


class Modules(_Most):
    """Facility modules of one design at a site."""

    kind = "modules"
    unit = "module"
    field = "modules"
    columns = {"build": "spt"}
    what = "p"
    places = "s"


class Fabrics(_Most):
    """Blocks of one design of network at a site."""

    kind = "fabrics"
    unit = "block"
    field = "fabrics"
    columns = {"buy_fabric": "snt"}
    what = "n"
    places = "s"


class Stores(_Most):
    """Units of one kind of storage at a site."""

    kind = "storage"
    unit = "unit"
    field = "stores"
    columns = {"buy_store": "skt"}
    what = "k"
    places = "s"


class Budget(LimitKind):
    """What may be spent on purchases in a quarter."""

    kind = "budget"
    unit = "USD"
    step = 1e6
    rows = {"budget": "t"}
    times = "in this quarter"
    places = "t"

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, "", quarter.name, "", float(usd), self.unit)
            for quarter, usd in zip(instance.quarters, instance.budget_usd, strict=True)
            if math.isfinite(usd)
        ]

    def ample(self, limit: Limit, ample: Ample) -> float:
        return ample.money_usd

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        budget_usd = instance.budget_usd.copy()
        budget_usd[[t for t, each in enumerate(instance.quarters) if each.name == limit.quarter]] += by
        return replace(instance, budget_usd=budget_usd)

    def scale(self, instance: Instance, limit: Limit) -> float:
        return 1e-3  # thousands of USD

    def gives(self, limit: Limit) -> str:
        return f"the budget is {amount_text(limit.amount, self.unit)}"
