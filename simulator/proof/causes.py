"""From what a simulation showed to factors on a plan's figures: by cause, bounded, on every mode that shares the cause.

What a node lost is told apart. Where shelves were empty more parts are held: the factor on spares rises, and the
promise stays. Where nobody was free to repair, the tier's availability falls, so that another tier may win. What else
keeps nodes down falls on every tier alike, and what slows a class of work falls on every level of security.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.operations.spare_stock import stock_for_stockouts
from optimizers.derates import Derates
from optimizers.instance.instance import Instance

from .accounts import Account
from .hall_quarter import HallQuarter
from .outcome import Outcome
from .scenarios import HallScenario, ProofCase

MOST_STOCKOUTS = 0.05
"""Share of repairs that may find an empty shelf: as a run says it of its own shelves."""
LEAST_CHANGE = 1e-6
"""Changes of a factor that are too small to plan anew for."""


@dataclass(frozen=True)
class Observed:
    """A hall's quarter with everything that is known of it."""

    hall: HallQuarter
    scenario: HallScenario
    outcomes: tuple[Outcome, ...]
    planned: Account
    delivered: tuple[Account, ...]


@dataclass(frozen=True)
class Cause:
    """Why a figure was not met, and what is done about it."""

    what: str
    """Such as `availability`, `rate`, `spares`."""
    of: str
    """What the factor is on: names as in `Derates`, joined by `/`."""
    why: str
    before: float
    after: float

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def derated(case: ProofCase, seen: Sequence[Observed], *, largest: float) -> tuple[Derates, tuple[Cause, ...]]:
    """Return the factors with which to plan anew, and why each that changed did.

    Factors are on what the models say, all rounds together: at least `1 - largest`, and at most 1 where they are on a
    promise, `1 + largest` where they are on power. Those on spares are at least 1 and as large as Palm's theorem asks
    for. Factors that nothing was seen of stay.
    """
    change = _Change(case, largest)
    _spares(case, seen, change)
    _availability(case, seen, change)
    _rates(case.instance, seen, change)
    _power(case.instance, seen, change)
    return change.derates(), tuple(change.causes)


class _Change:
    """Factors as they were, and as they become."""

    def __init__(self, case: ProofCase, largest: float) -> None:
        self.before = case.derates
        self.causes: list[Cause] = []
        self.largest = largest
        self.now: dict[str, dict[Any, float]] = {
            name: dict(getattr(case.derates, name))
            for name in ("availability", "rate", "facility", "it_power", "spares")
        }

    def set(self, what: str, key: tuple[str, ...], factor: float, why: str, *, most: float) -> None:
        """Set a factor, within its bounds; nothing happens where it stays what it was."""
        least = 1.0 if what == "spares" else 1.0 - self.largest
        factor = min(max(factor, least), most)
        before = self.now[what].get(key, 1.0)
        if abs(factor - before) > LEAST_CHANGE:
            self.now[what][key] = factor
            self.causes.append(Cause(what, "/".join(key), why, before, factor))

    def derates(self) -> Derates:
        return Derates(**self.now)


def _spares(case: ProofCase, seen: Sequence[Observed], change: _Change) -> None:
    """Hold more of each part whose shelves were found empty, by Palm's theorem for the demand that was seen."""
    for tier, terms in case.problem.maintenance.items():
        halls = [each for each in seen if _tier(case.instance, each.hall) == tier]
        for part, spares in terms.spares.items():
            used = stockouts = node_s = 0.0
            for each in halls:
                for outcome in each.outcomes:
                    shelf = outcome.shelves.get(part)
                    if shelf is not None:
                        used, stockouts = used + shelf.used, stockouts + shelf.stockouts
                    node_s += sum(each.hall.nodes.values()) * each.scenario.week.total_s
            if not used or stockouts <= MOST_STOCKOUTS * used or spares.per_100_nodes <= 0.0:
                continue
            factor = change.before.spares.get((tier, part), 1.0)
            for each in halls:
                nodes = sum(each.hall.nodes.values())
                held = max(outcome.shelves[part].stock for outcome in each.outcomes if part in outcome.shelves)
                stock = stock_for_stockouts(
                    MOST_STOCKOUTS, demands_per_s=used / node_s * nodes, mean_lead_time_s=spares.lead_time
                )
                empty = any(outcome.shelves[part].stockouts for outcome in each.outcomes if part in outcome.shelves)
                stock = max(stock, held + 1) if empty else stock
                factor = max(factor, stock * 100.0 / (spares.per_100_nodes * nodes))
            why = f"{stockouts:.0f} of {used:.0f} repairs found no {part} on the shelf"
            change.set("spares", (tier, part), factor, why, most=float("inf"))


def _availability(case: ProofCase, seen: Sequence[Observed], change: _Change) -> None:
    """Lower availability by what was lost beyond the plan, waits for spares left out: they are cured by spares."""
    instance = case.instance
    for tier in case.problem.maintenance:
        for node, kind in enumerate(instance.nodes):
            halls = [each for each in seen if _tier(instance, each.hall) == tier and node in each.hall.nodes]
            if not halls:
                continue
            whole = lost = by_technicians = planned = 0.0
            for each in halls:
                count, hours_h = each.hall.nodes[node], float(each.scenario.week.weight_h.sum())
                planned += count * hours_h * float(instance.modes[each.hall.mode].availability[node])
                whole += count * hours_h
                for outcome in each.outcomes:
                    out = count * hours_h * (1.0 - outcome.availability[kind.name]) / len(each.outcomes)
                    spares, technicians = _share(outcome, "spares"), _share(outcome, "technicians")
                    lost += out * (1.0 - spares)
                    by_technicians += out * technicians
            before = change.before.availability.get((tier, kind.name), 1.0)
            model = planned / whole / before
            excess = model - (1.0 - lost / whole)
            share = by_technicians / lost if lost > 0.0 else 0.0
            other = 1.0 - max(excess, 0.0) * (1.0 - share) / model
            own = 1.0 - max(excess, 0.0) / model
            for name in case.problem.maintenance:
                observed = name == tier or any(_tier(instance, each.hall) == name for each in seen)
                if name == tier:
                    why = f"repairs kept nodes down longer, {share:.0%} of it waiting for technicians"
                    change.set("availability", (name, kind.name), own, why, most=1.0)
                elif not observed:
                    why = f"what kept nodes down in '{tier}' besides waiting for technicians"
                    change.set("availability", (name, kind.name), other, why, most=1.0)


def _rates(instance: Instance, seen: Sequence[Observed], change: _Change) -> None:
    """Lower the rates of classes that got less than planned, for reasons that availability and spares do not cure."""
    levels = sorted({mode.security for mode in instance.modes})
    works: dict[tuple[str, str], list[tuple[float, float]]] = {}
    throttled_h: dict[tuple[str, str], float] = {}
    for each in seen:
        gangs = {instance.gangs[gang.work].name for gang in each.hall.gangs}
        for key, planned in each.planned.served.items():
            if planned <= 0.0:
                continue
            short = max(planned - _delivered(each, key), 0.0)
            cured = float(np.mean([_share(outcome, "spares") for outcome in each.outcomes])) * short
            if key[0] not in gangs:
                # Fewer nodes than planned: that is what availability is lowered for.
                fewer = max(1.0 - _delivered_availability(each) / each.planned.availability, 0.0)
                cured = max(cured, min(fewer * planned, short))
            works.setdefault(key, []).append((planned, planned - short + cured))
            throttled_h[key] = throttled_h.get(key, 0.0) + sum(outcome.throttled_node_h for outcome in each.outcomes)
    for (name, sku), amounts in works.items():
        ratio = sum(got for _, got in amounts) / sum(planned for planned, _ in amounts)
        why = f"{name} got {ratio:.2%} of what was planned on {sku}, of nodes that were there"
        if throttled_h[name, sku] > 0.0:
            why += f"; {throttled_h[name, sku]:,.0f} node-hours were throttled for heat"
        for level in levels:
            before = change.before.rate.get((name, sku, level), 1.0)
            change.set("rate", (name, sku, level), before * ratio, why, most=1.0)


def _power(instance: Instance, seen: Sequence[Observed], change: _Change) -> None:
    """Set the power of work, and of the building beside its computers, to what was seen."""
    busy: dict[tuple[str, str], list[float]] = {}
    beside: dict[tuple[str, str], list[float]] = {}
    for each in seen:
        hall, week = each.hall, each.scenario.week
        module = instance.modules[hall.module]
        it_w = np.mean([week.over_hours(outcome.it_w) for outcome in each.outcomes], axis=0)
        facility_w = np.mean([week.over_hours(outcome.facility_w) for outcome in each.outcomes], axis=0)
        slope = module.slope[hall.site, hall.quarter]
        planned = week.of_quarter(module.fixed_w[hall.site] * hall.modules + (slope - 1.0) * it_w)
        if planned > 0.0:
            _add(beside, (instance.sites[hall.site].name, module.name), planned, week.of_quarter(facility_w - it_w))
        idle_w = sum(hall.loads_w.values()) + sum(n * instance.nodes[g].idle_w for g, n in hall.nodes.items())
        working = _working_j(instance, each)
        if working > 0.0:
            for name, sku in _works_of(instance, hall):
                _add(busy, (name, sku), working, week.of_quarter(it_w - idle_w))
    for what, found, why in (
        ("it_power", busy, "power of nodes at work, above idle"),
        ("facility", beside, "power of the building beside its computers"),
    ):
        for key, (planned, got) in found.items():
            before = getattr(change.before, what).get(key, 1.0)
            change.set(what, key, before * got / planned, why, most=1.0 + change.largest)


def _working_j(instance: Instance, each: Observed) -> float:
    """Return the energy above idle that the plan's figures give the work that was done [J].

    What a service did not answer draws nothing; a gang draws its power for work that it does anew, too.
    """
    hall, week = each.hall, each.scenario.week
    by_name = {work.name: work for work in (*instance.serving, *instance.batch)}
    found = 0.0
    for (name, node), nodes in hall.work.items():
        key = name, instance.nodes[node].name
        planned = each.planned.served[key]
        done = _delivered(each, key) / planned if planned > 0.0 else 1.0
        found += done * week.of_quarter(by_name[name].busy_w[node] * nodes)
    for gang in hall.gangs:
        busy_w = gang.nodes * float(instance.gangs[gang.work].busy_w[gang.node])
        found += gang.busy * busy_w * week.quarter_s
    return found


def _delivered_availability(each: Observed) -> float:
    """Return the share of node-hours that a hall's replicas had, in the mean."""
    return float(np.mean([account.availability for account in each.delivered]))


def _works_of(instance: Instance, hall: HallQuarter) -> list[tuple[str, str]]:
    fluid = [(name, instance.nodes[node].name) for name, node in hall.work]
    gangs = [(instance.gangs[gang.work].name, instance.nodes[gang.node].name) for gang in hall.gangs]
    return [*fluid, *gangs]


def _delivered(each: Observed, key: tuple[str, str]) -> float:
    """Return the work of a class on a SKU, in the mean of the replicas."""
    return sum(account.served.get(key, 0.0) for account in each.delivered) / len(each.delivered)


def _add(sums: dict[tuple[str, str], list[float]], key: tuple[str, str], planned: float, got: float) -> None:
    found = sums.setdefault(key, [0.0, 0.0])
    found[0] += planned
    found[1] += got


def _tier(instance: Instance, hall: HallQuarter) -> str:
    return instance.modes[hall.mode].maintenance


def _share(outcome: Outcome, name: str) -> float:
    """Return the share of the time that nodes stood still which they waited for something."""
    parts: Mapping[str, float] = asdict(outcome.stopped)
    whole = sum(parts.values())
    return parts[name] / whole if whole > 0.0 else 0.0
