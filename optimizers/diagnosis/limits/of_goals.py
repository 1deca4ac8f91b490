"""What a plan promises: caps on objectives, and the share of demand that is served."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any

from ...instance.instance import Instance
from ...objectives.objective import objectives
from ..amounts import amount_text, rounded_up
from ..ample import Ample
from .limit import Limit, LimitKind


class Caps(LimitKind):
    """The most that an objective may come to."""

    kind = "cap"
    unit = ""
    columns = {"value": "O"}
    together = False
    what = "O"
    places = ""

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, what=kind, amount=float(most), unit=objectives()[kind].unit)
            for kind, most in instance.caps.items()
        ]

    def ample(self, limit: Limit, ample: Ample) -> float:
        most = {"cost": ample.money_usd, "carbon": ample.carbon_kg, "water": ample.water_m3}
        return most.get(limit.what, 1.0) + abs(limit.amount)

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        return replace(instance, caps={**instance.caps, limit.what: limit.amount + by})

    def scale(self, instance: Instance, limit: Limit) -> float:
        return 1.0 / objectives()[limit.what].scale

    def bound(self, instance: Instance, limit: Limit, index: Mapping[str, Hashable]) -> float:
        return limit.amount * self.scale(instance, limit)

    def one(self, limit: Limit) -> float:
        return 0.01 * abs(limit.amount)

    def gives(self, limit: Limit) -> str:
        return f"{limit.what} is capped at {amount_text(limit.amount, limit.unit)}"


class _Promise(LimitKind):
    """A share of a class of work that must be served."""

    unit = "share"
    step = 0.01
    what = "v"
    promise = True

    def ample(self, limit: Limit, ample: Ample) -> float:
        return limit.amount

    def more(self, limit: Limit, by: float) -> str:
        return f"{amount_text(by, self.unit)} less"

    def told(self, limit: Limit, by: float) -> float:
        # What can still be served is written, so that is rounded down.
        return min(limit.amount, rounded_up(1.0 - limit.amount + by, self.unit) - (1.0 - limit.amount))


class LeastServed(_Promise):
    """The share of a class of work that must be served."""

    kind = "least served"
    rows = {"least_served": "v"}
    places = ""

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, what=work.name, amount=work.least_served, unit=self.unit)
            for work in (*instance.serving, *instance.batch, *instance.gangs)
            if work.least_served > 0.0
        ]

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        def less(works: Any) -> Any:
            return tuple(
                replace(work, least_served=max(0.0, limit.amount - by)) if work.name == limit.what else work
                for work in works
            )

        return replace(instance, serving=less(instance.serving), batch=less(instance.batch), gangs=less(instance.gangs))

    def gives(self, limit: Limit) -> str:
        return f"{amount_text(limit.amount, self.unit)} of {limit.what} is promised"

    def sentence(self, limit: Limit, by: float) -> str:
        return f"{self.gives(limit)}; {amount_text(limit.amount - by, self.unit)} can be served"


class LeastServedInQuarter(_Promise):
    """The share of a class of work that must be served in a quarter."""

    kind = "least served in quarter"
    rows = {"least_served_in_quarter": "vt"}
    places = "t"

    def of(self, instance: Instance) -> list[Limit]:
        return [
            Limit(self.kind, quarter=quarter.name, what=work.name, amount=float(least), unit=self.unit)
            for work in (*instance.serving, *instance.batch)
            if work.least_served_in_quarter is not None
            for quarter, least in zip(instance.quarters, work.least_served_in_quarter, strict=True)
            if least > 0.0
        ]

    def relaxed(self, instance: Instance, limit: Limit, by: float) -> Instance:
        place = [quarter.name for quarter in instance.quarters].index(limit.quarter)

        def less(works: Any) -> Any:
            return tuple(
                _less_in(work, place, limit.amount - by) if work.name == limit.what else work for work in works
            )

        return replace(instance, serving=less(instance.serving), batch=less(instance.batch))

    def gives(self, limit: Limit) -> str:
        return f"{amount_text(limit.amount, self.unit)} of {limit.what} is promised in the quarter"

    def sentence(self, limit: Limit, by: float) -> str:
        return f"{limit.where}: {self.gives(limit)}; {amount_text(limit.amount - by, self.unit)} can be served"


def _less_in(work: Any, quarter: int, least: float) -> Any:
    shares = work.least_served_in_quarter.copy()
    shares[quarter] = max(0.0, least)
    return replace(work, least_served_in_quarter=shares)
