"""What a site limits: the power of its grid, its floor, its water."""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

from ...instance.instance import Instance
from ..amounts import amount_text
from ..ample import Ample
from .limit import Limit, LimitKind


def with_site(instance: Instance, name: str, **changes: Any) -> Instance:
    """Return an instance with some figures of a site replaced."""
    sites = tuple(replace(site, **changes) if site.name == name else site for site in instance.sites)
    return replace(instance, sites=sites)


class Grid(LimitKind):
    """Power that the grid grants, in every future alike."""

    kind = "grid"
    unit = "W"
    step = 1e6
    columns = {"grid": "stho"}
    together = False

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, site.name, quarter.name, "", float(site.grid_w[:, t].min()), self.unit)
            for site in instance.sites
            for t, quarter in enumerate(instance.quarters)
            if math.isfinite(site.grid_w[:, t].min())
        ]

    def ample(self, limit: Limit, ample: Ample) -> float:
        return ample.power_w

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        grid_w = next(site.grid_w for site in instance.sites if site.name == limit.site).copy()
        grid_w[:, [t for t, each in enumerate(instance.quarters) if each.name == limit.quarter]] += by
        return with_site(instance, limit.site, grid_w=grid_w)

    def amount_in(self, instance: Instance, limit: Limit, futures: Collection[str]) -> float:
        return min(
            self.bound(instance, limit, {"o": each.name}) / self.scale(instance, limit)
            for each in instance.futures
            if each.name in futures
        )

    def scope(self, instance: Instance, limit: Limit) -> str:
        return " in this quarter" + (" in every future" if len(instance.futures) > 1 else "")

    def scale(self, instance: Instance, limit: Limit) -> float:
        return 1e-6  # MW

    def bound(self, instance: Instance, limit: Limit, index: Mapping[str, Hashable]) -> float:
        site = next(site for site in instance.sites if site.name == limit.site)
        quarter = [each.name for each in instance.quarters].index(limit.quarter)
        future = [each.name for each in instance.futures].index(str(index["o"]))
        return 1e-6 * float(site.grid_w[future, quarter])

    def gives(self, limit: Limit) -> str:
        return f"the grid gives {amount_text(limit.amount, self.unit)}"


class _OfSite(LimitKind):
    """An amount of a site that holds in every quarter, infinite where nobody limits it; rows are in thousands."""

    field: ClassVar[str]
    """Of `SiteFigures`, and of `Ample`."""
    places = "s"

    def of(self, instance: Instance) -> list[Limit]:
        amounts = [(site.name, float(getattr(site, self.field))) for site in instance.sites]
        return [Limit(self.kind, name, amount=each, unit=self.unit) for name, each in amounts if math.isfinite(each)]

    def ample(self, limit: Limit, ample: Ample) -> float:
        return float(getattr(ample, self.field))

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        return with_site(instance, limit.site, **{self.field: limit.amount + by})

    def scale(self, instance: Instance, limit: Limit) -> float:
        return 1e-3


class Floor(_OfSite):
    """Floor for modules."""

    kind = "floor"
    unit = "m2"
    step = 100.0
    rows = {"floor": "s"}
    field = "floor_m2"

    def gives(self, limit: Limit) -> str:
        return f"there are {amount_text(limit.amount, self.unit)} of floor"


class Water(_OfSite):
    """Water of a quarter, the same in every quarter."""

    kind = "water"
    unit = "m3"
    step = 1000.0
    rows = {"water": "sto"}
    times = "in every quarter"
    field = "water_m3"

    def gives(self, limit: Limit) -> str:
        return f"{amount_text(limit.amount, self.unit)} of water may be used in a quarter"
