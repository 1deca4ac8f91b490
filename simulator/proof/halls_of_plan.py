"""The halls of a plan by quarter: those that are simulated, and modules that stand there without nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from optimizers.instance.hardware import CoolingClass
from optimizers.instance.instance import Instance
from optimizers.plan import Plan, SiteQuarter

from .hall_quarter import CLASSES, HallQuarter, PlacedGang
from .proven_futures import likeliest_future

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAME = 1e-6
"""Share by which a plan may do more than is demanded and mean the same: HiGHS holds rows to 1e-6."""


def hall_quarters(
    instance: Instance, plan: Plan, *, quarters: Sequence[int] | None = None, future: int | None = None
) -> tuple[HallQuarter, ...]:
    """Return every hall of a plan in every quarter asked for, in order of quarter, site and class of cooling.

    By default all quarters, and the most probable future. A hall without nodes is left out: nothing happens there.
    """
    seen = likeliest_future(instance) if future is None else future
    asked = range(len(instance.quarters)) if quarters is None else quarters
    rows = _Rows(instance, plan, seen, asked)
    found = (
        _hall(instance, rows, site, quarter, cooling)
        for quarter in asked
        for site in range(len(instance.sites))
        for cooling in CLASSES
    )
    return tuple(hall for hall in found if hall is not None)


def halls_without_nodes(instance: Instance, plan: Plan, halls: Sequence[HallQuarter]) -> tuple[HallQuarter, ...]:
    """Return what else is in service where halls, those of one site in a quarter and a future, are: classes of cooling
    whose modules have no nodes. They are not simulated, and draw what they draw without."""
    first = halls[0]
    names = instance.sites[first.site].name, instance.quarters[first.quarter].name
    told = next(each for each in plan.site_quarters if (each.site, each.quarter) == names)
    simulated = {each.cooling for each in halls}
    return tuple(
        HallQuarter(
            site=first.site,
            quarter=first.quarter,
            future=first.future,
            cooling=cooling,
            mode=first.mode,
            nodes={},
            module=module,
            modules=count,
            loads_w=_loads_w(instance, told, cooling),
            work={},
            gangs=(),
        )
        for cooling in CLASSES
        if cooling not in simulated
        for module, count in _modules(instance, told, cooling)[:1]
    )


class _Rows:
    """A plan's rows by what they are about, in one future."""

    def __init__(self, instance: Instance, plan: Plan, future: int, quarters: Iterable[int]) -> None:
        self.sites = {(each.site, each.quarter): each for each in plan.site_quarters}
        name = instance.futures[future].name
        self.work: dict[tuple[str, str], list[Mapping[str, object]]] = {}
        for row in plan.allocation:
            if row["future"] == name:
                self.work.setdefault((str(row["site"]), str(row["quarter"])), []).append(row)
        gangs = {each.name for each in instance.gangs}
        self.trained = {
            (each.work, each.quarter): each for each in plan.served if each.future == name and each.work in gangs
        }
        self.bought = [each for each in plan.decisions if each.kind == "buy"]
        self.future = future
        self.asked_of_served = {quarter: _asked_of_served(instance, plan, quarter, future) for quarter in quarters}


def _hall(instance: Instance, rows: _Rows, site: int, quarter: int, cooling: CoolingClass) -> HallQuarter | None:
    names = instance.sites[site].name, instance.quarters[quarter].name
    told = rows.sites.get(names)
    if told is None:
        return None
    nodes = {
        index: count
        for index, kind in enumerate(instance.nodes)
        if kind.cooling == cooling and (count := _installed(instance, rows, told, index)) > 0
    }
    modules = _modules(instance, told, cooling)
    if not nodes or not modules:
        return None
    mode = next(index for index, each in enumerate(instance.modes) if each.name == told.mode)
    return HallQuarter(
        site=site,
        quarter=quarter,
        future=rows.future,
        cooling=cooling,
        mode=mode,
        nodes=nodes,
        module=modules[0][0],
        modules=modules[0][1],
        loads_w=_loads_w(instance, told, cooling),
        work=_work(instance, rows.work.get(names, ()), nodes),
        gangs=_gangs(instance, rows, told, mode, nodes),
        asked_of_served=rows.asked_of_served[quarter],
    )


def _modules(instance: Instance, told: SiteQuarter, cooling: CoolingClass) -> list[tuple[int, int]]:
    """Return the design of a class of cooling that is in service, and how many of it; empty where none is."""
    counts = (
        (index, round(told.modules.get(module.name, 0.0)))
        for index, module in enumerate(instance.modules)
        if module.cooling == cooling
    )
    return [(index, count) for index, count in counts if count > 0]


def _installed(instance: Instance, rows: _Rows, told: SiteQuarter, node: int) -> int:
    """Return the nodes in service in the future looked at: the plan's mean, less what is bought in the mean of all
    futures, and with what is bought in this one. What stood there before is the same in every future."""
    kind = instance.nodes[node]
    quarter = [each.name for each in instance.quarters].index(told.quarter)
    place = {each.name: index for index, each in enumerate(instance.quarters)}

    def bought(slip: int) -> float:
        return sum(
            each.count
            for each in rows.bought
            if each.site == told.site
            and each.what == kind.name
            and instance.installed_batches(node, place[each.quarter], quarter, slip)
        )

    mean = sum(each.probability * bought(each.delivery_slip) for each in instance.futures)
    here = bought(instance.futures[rows.future].delivery_slip)
    return round(told.nodes.get(kind.name, 0.0) - mean + here)


def _loads_w(instance: Instance, told: SiteQuarter, cooling: CoolingClass) -> dict[str, float]:
    """Return what networks and storage draw in a class of cooling [W]: as the plan splits them over the classes."""
    total_kw = sum(told.shared_kw.values())
    share = told.shared_kw.get(cooling, 0.0) / total_kw if total_kw > 0.0 else 0.0
    counts = [
        *((each.name, each.power_w * told.fabrics.get(each.name, 0.0)) for each in instance.fabrics),
        *((each.name, each.power_w * told.stores.get(each.name, 0.0)) for each in instance.stores),
    ]
    return {name: share * power_w for name, power_w in counts if share * power_w > 0.0}


def _work(
    instance: Instance, rows: Iterable[Mapping[str, object]], nodes: Mapping[int, int]
) -> dict[tuple[str, int], NDArray[np.float64]]:
    place = {each.name: index for index, each in enumerate(instance.nodes)}
    fluid = {each.name for each in (*instance.serving, *instance.batch)}
    found: dict[tuple[str, int], NDArray[np.float64]] = {}
    for row in rows:
        node = place[str(row["node"])]
        if node not in nodes or row["work"] not in fluid:
            continue
        hours = found.setdefault((str(row["work"]), node), np.zeros(instance.hours.count))
        hours[int(str(row["hour"]))] += float(str(row["nodes"]))
    return {key: hours for key, hours in sorted(found.items()) if hours.any()}


def _asked_of_served(instance: Instance, plan: Plan, quarter: int, future: int) -> dict[str, NDArray[np.float64]]:
    """Return demand over what a plan does, hour by hour, for classes of which it does more than is demanded."""
    modes = {each.name: index for index, each in enumerate(instance.modes)}
    place = {each.name: index for index, each in enumerate(instance.nodes)}
    named = instance.quarters[quarter].name, instance.futures[future].name
    rates = {each.name: each.rate for each in (*instance.serving, *instance.batch)}
    done = {name: np.zeros(instance.hours.count) for name in rates}
    for row in plan.allocation:
        if (row["quarter"], row["future"]) == named and row["work"] in rates:
            work = str(row["work"])
            done[work][int(row["hour"])] += row["nodes"] * rates[work][place[row["node"]], modes[row["mode"]]]
    weight_h = instance.hours.weight_h[quarter]
    asked = {each.name: (each.demand[future, quarter], done[each.name]) for each in instance.serving}
    for each in instance.batch:
        whole = float((done[each.name] * weight_h).sum()) * 3600.0
        asked[each.name] = np.full(len(weight_h), each.demand[future, quarter]), np.full(len(weight_h), whole)
    return {
        name: np.minimum(np.divide(amount, made, where=made > 0.0, out=np.ones(len(made))), 1.0)
        for name, (amount, made) in asked.items()
        if (made > amount * (1.0 + _SAME)).any()
    }


def _gangs(
    instance: Instance, rows: _Rows, told: SiteQuarter, mode: int, nodes: Mapping[int, int]
) -> tuple[PlacedGang, ...]:
    fabric = next((n for n, each in enumerate(instance.fabrics) if told.fabrics.get(each.name, 0.0) > 0.0), None)
    place = {each.name: index for index, each in enumerate(instance.nodes)}
    hours_h = next(each.hours_h for each in instance.quarters if each.name == told.quarter)
    found = []
    for work, gang in enumerate(instance.gangs):
        served = rows.trained.get((gang.name, told.quarter))
        tokens = 0.0 if served is None else served.by_site.get(told.site, 0.0)
        if served is None or not tokens > 0.0:
            continue
        for name, busy_nodes in served.nodes_busy.items():
            site, _, kind = name.rpartition("/")
            node = place[kind]
            if site != told.site or node not in nodes or not busy_nodes > 0.0:
                continue
            factor = 1.0 if fabric is None else float(gang.fabric_factor[fabric])
            rate = float(gang.rate[node, mode]) * factor
            busy = min(tokens / (rate * hours_h * 3600.0), 1.0)
            found.append(PlacedGang(work, node, int(gang.nodes[node]), rate, tokens, busy))
    return tuple(found)
