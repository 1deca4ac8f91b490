"""Planned against delivered, a row for each figure: pure data."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from types import MappingProxyType
from typing import Any, NamedTuple

from optimizers.instance.instance import Instance
from optimizers.plan import Plan

from .accounts import Account, total
from .site_accounts import PlaceAccounts

BOTH_WAYS = frozenset(
    ("it energy", "facility energy", "grid energy", "pue", "energy bill", "cost", "carbon", "peak power", "water")
)
"""Figures that must be met from both sides. Of the others, which are promises, more may be delivered."""
TOLD = frozenset(("peak power", "water"))
"""Figures on which no proof hangs: a plan has no factor to learn them by."""


@dataclass(frozen=True)
class ComparisonRow:
    """A figure as planned, and as delivered in the mean of all replicas."""

    measure: str
    """Such as `served`, `availability` or `it energy`."""
    work: str
    """The class of work that it is about; empty for others."""
    unit: str
    site: str
    """Empty for all sites together."""
    quarter: str
    """Empty for all quarters together that were simulated."""
    future: str
    """Empty for what is of all futures that were simulated."""
    planned: float
    delivered: float
    difference: float
    """Delivered less planned, over what was planned; NaN where nothing was."""
    standard_error: float
    """Of the difference, from replica to replica; NaN with one replica."""
    tolerance: float
    basis: str = ""
    """What of it is the same on both sides and so is not proven, and what it leaves out; empty where it is simulated
    as a whole."""

    @property
    def within(self) -> bool:
        """Whether what was promised is met within the tolerance."""
        if math.isnan(self.difference):
            return abs(self.delivered) <= 1e-9
        away = abs(self.difference) if self.measure in BOTH_WAYS else -self.difference
        return away <= self.tolerance

    @property
    def decides(self) -> bool:
        """Whether the proof hangs on it: sums over all quarters, of all sites and of each. A single quarter is a few
        simulated weeks, whose luck is not the plan's."""
        return not self.quarter and self.measure not in TOLD

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data; NaN becomes None."""
        plain = {**asdict(self), "within": self.within, "decides": self.decides}
        return {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in plain.items()}


def compared(
    instance: Instance,
    plan: Plan,
    accounts: Sequence[PlaceAccounts],
    *,
    tolerance: float,
    bases: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> tuple[ComparisonRow, ...]:
    """Return every figure, future by future: of all together, then by site, then by site and quarter; `bases` are what
    some of them have in common on both sides, by measure and class of work.

    The cost is that of the whole plan, in expectation over its futures; only what energy costs differs, by what was
    simulated. Capital, people, spares and security cost what they cost in the plan.
    """
    rows: list[ComparisonRow] = []
    futures = sorted({each.future for each in accounts})
    for future in futures:
        name = instance.futures[future].name
        of_future = [each for each in accounts if each.future == future]
        rows += _rows(instance, of_future, _Place(future=name), tolerance)
        rows += _slo_rows(instance, plan, of_future, _Place(future=name), tolerance)
        if future == futures[0]:
            rows += _cost_rows(instance, plan, accounts, tolerance)
        sites = sorted({each.site for each in of_future})
        for site in sites:
            chosen = [each for each in of_future if each.site == site]
            rows += _rows(instance, chosen, _Place(instance.sites[site].name, future=name), tolerance)
        for quarter in sorted({each.quarter for each in of_future}):
            for site in sites:
                chosen = [each for each in of_future if (each.site, each.quarter) == (site, quarter)]
                place = _Place(instance.sites[site].name, instance.quarters[quarter].name, name)
                rows += _rows(instance, chosen, place, tolerance) if chosen else ()
    return tuple(replace(row, basis=bases.get((row.measure, row.work), "")) for row in rows)


class _Place(NamedTuple):
    """Where and when a figure is of; empty for all."""

    site: str = ""
    quarter: str = ""
    future: str = ""


def _rows(
    instance: Instance, accounts: Sequence[PlaceAccounts], place: _Place, tolerance: float
) -> Iterator[ComparisonRow]:
    planned, delivered = total(each.planned for each in accounts), _by_replica(accounts)
    for name, unit in _units(instance).items():
        if planned.of(name) > 0.0:
            yield _row("served", name, unit, place, planned.of(name), [each.of(name) for each in delivered], tolerance)
    figures: tuple[tuple[str, str, Callable[[Account], float]], ...] = (
        ("availability", "share", lambda each: each.availability),
        ("it energy", "kWh", lambda each: each.it_kwh),
        ("facility energy", "kWh", lambda each: each.facility_kwh),
        ("pue", "ratio", lambda each: each.pue),
        ("power fed", "share", lambda each: each.fed),
        ("energy bill", "USD", lambda each: each.energy_usd),
        ("carbon", "kg", lambda each: each.carbon_kg),
        ("peak power", "kW", lambda each: each.peak_kw),
    )
    if any(each.own_kwh for each in (planned, *delivered)):
        figures += (("grid energy", "kWh", lambda each: each.grid_kwh),)
    if any(each.water_m3 for each in (planned, *delivered)):
        figures += (("water", "m3", lambda each: each.water_m3),)
    for measure, unit, value in figures:
        yield _row(measure, "", unit, place, value(planned), [value(each) for each in delivered], tolerance)


def _slo_rows(
    instance: Instance, plan: Plan, accounts: Sequence[PlaceAccounts], place: _Place, tolerance: float
) -> Iterator[ComparisonRow]:
    """Return the share of all requests of a future that are answered within the service level."""
    quarters = {instance.quarters[each.quarter].name for each in accounts}
    planned, delivered = total(each.planned for each in accounts), _by_replica(accounts)
    for service in instance.serving:
        asked = sum(
            each.demand
            for each in plan.served
            if each.work == service.name and each.quarter in quarters and each.future == place.future
        )
        if asked > 0.0:
            shares = [each.of(service.name) / asked for each in delivered]
            yield _row("slo", service.name, "share", place, planned.of(service.name) / asked, shares, tolerance)


def _cost_rows(
    instance: Instance, plan: Plan, accounts: Sequence[PlaceAccounts], tolerance: float
) -> Iterator[ComparisonRow]:
    """Return the cost: planned, and with what energy came to in the futures that were simulated, each as likely as it
    is among them."""
    futures = sorted({each.future for each in accounts})
    among = sum(instance.futures[future].probability for future in futures)
    planned = sum(plan.groups.values())
    costs = [planned] * len(accounts[0].delivered)
    for future in futures:
        of_future = [each for each in accounts if each.future == future]
        share = instance.futures[future].probability / among
        counted_usd = total(each.planned for each in of_future).discounted_usd
        for replica, each in enumerate(_by_replica(of_future)):
            costs[replica] += share * (each.discounted_usd - counted_usd)
    yield _row("cost", "", "USD", _Place(), planned, costs, tolerance)


def _by_replica(accounts: Sequence[PlaceAccounts]) -> list[Account]:
    return [total(each) for each in zip(*(each.delivered for each in accounts), strict=True)]


def _row(
    measure: str, work: str, unit: str, place: _Place, planned: float, delivered: Sequence[float], tolerance: float
) -> ComparisonRow:
    mean = statistics.fmean(delivered) if delivered else math.nan
    scale = abs(planned) if planned else math.nan
    spread = statistics.stdev(delivered) / math.sqrt(len(delivered)) if len(delivered) > 1 else math.nan
    difference, error = (mean - planned) / scale, spread / scale
    return ComparisonRow(measure, work, unit, *place, planned, mean, difference, error, tolerance)


def _units(instance: Instance) -> Mapping[str, str]:
    return {
        **{each.name: "requests" for each in instance.serving},
        **{each.name: "units of work" for each in instance.batch},
        **{each.name: "tokens" for each in instance.gangs},
    }


def worst_miss(rows: Iterable[ComparisonRow]) -> float:
    """Return by how many tolerances the worst of the rows that decide is missed, below 1 where all are within."""
    return max((_miss(row) for row in rows if row.decides), default=0.0)


def _miss(row: ComparisonRow) -> float:
    if math.isnan(row.difference):
        return 0.0 if row.within else math.inf
    away = abs(row.difference) if row.measure in BOTH_WAYS else max(-row.difference, 0.0)
    return away / row.tolerance
