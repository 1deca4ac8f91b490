"""Work that was less than planned, and power that was another: what rates and powers learn from it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizers.instance.instance import Instance

from .observed import Change, Observed, share_of_waiting


def learn_rates(instance: Instance, seen: Sequence[Observed], change: Change) -> None:
    """Lower the rates of classes that got less than planned, for reasons that availability and spares do not cure."""
    levels = sorted({mode.security for mode in instance.modes})
    works: dict[tuple[str, str], list[tuple[float, float]]] = {}
    throttled_h: dict[tuple[str, str], float] = {}
    for each in seen:
        gangs = {instance.gangs[gang.work].name for gang in each.hall.gangs}
        for key, planned in each.planned.served.items():
            if planned <= 0.0:
                continue
            short = max(planned - each.served(key), 0.0)
            cured = float(np.mean([share_of_waiting(outcome, "spares") for outcome in each.outcomes])) * short
            if key[0] not in gangs:
                # Fewer nodes than planned: that is what availability is lowered for.
                fewer = max(1.0 - each.availability / each.planned.availability, 0.0)
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


def learn_power(instance: Instance, seen: Sequence[Observed], change: Change) -> None:
    """Set the power of work, and of the building beside its computers, to what was seen.

    A node that is down draws nothing: what a type draws idle is lowered by that, and what work draws is what is seen
    above the idle power of those that were up.
    """
    busy: dict[tuple[str, ...], list[float]] = {}
    beside: dict[tuple[str, ...], list[float]] = {}
    idle: dict[tuple[str, ...], list[float]] = {}
    for each in seen:
        hall, week = each.hall, each.scenario.week
        module = instance.modules[hall.module]
        it_w = np.mean([week.over_hours(outcome.it_w) for outcome in each.outcomes], axis=0)
        facility_w = np.mean([week.over_hours(outcome.facility_w) for outcome in each.outcomes], axis=0)
        slope = module.slope[hall.site, hall.quarter]
        planned = week.of_quarter(module.fixed_w[hall.site] * hall.modules + (slope - 1.0) * it_w)
        if planned > 0.0:
            _add(beside, (instance.sites[hall.site].name, module.name), planned, week.of_quarter(facility_w - it_w))
        idle_w = sum(hall.loads_w.values())
        for node, count in hall.nodes.items():
            kind = instance.nodes[node]
            up = float(np.mean([outcome.availability[kind.name] for outcome in each.outcomes]))
            drawn_w = count * kind.idle_w / change.before.idle_power.get((kind.name,), 1.0)
            idle_w += up * drawn_w
            _add(idle, (kind.name,), count * kind.idle_w * week.quarter_s, up * drawn_w * week.quarter_s)
        working = _working_j(instance, each)
        if working > 0.0:
            for name, sku in each.works(instance):
                _add(busy, (name, sku), working, week.of_quarter(it_w - idle_w))
    founds = (
        ("idle_power", idle, "power of idle nodes: those that are down draw none"),
        ("it_power", busy, "power of nodes at work, above idle"),
        ("facility", beside, "power of the building beside its computers"),
    )
    for what, found, why in founds:
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
        done = each.served(key) / planned if planned > 0.0 else 1.0
        found += done * week.of_quarter(by_name[name].busy_w[node] * nodes)
    for gang in hall.gangs:
        busy_w = gang.nodes * float(instance.gangs[gang.work].busy_w[gang.node])
        found += gang.busy * busy_w * week.quarter_s
    return found


def _add(sums: dict[tuple[str, ...], list[float]], key: tuple[str, ...], planned: float, got: float) -> None:
    found = sums.setdefault(key, [0.0, 0.0])
    found[0] += planned
    found[1] += got
