"""What a plan decides, a row for each thing."""

from __future__ import annotations

from typing import Any

from ..formulation.formulation import MW, Formulation
from ..formulation.stock import worth_usd
from ..plan import Decision


def decisions_of(formulation: Formulation) -> tuple[Decision, ...]:
    """Return the decisions of a solved formulation by quarter, site, kind and name; counts are whole numbers."""
    made = [
        *_openings(formulation),
        *_modes(formulation),
        *_nodes(formulation),
        *_buildings(formulation),
        *_energy(formulation),
        *_gangs(formulation),
    ]
    quarters = {name: t for t, name in enumerate(formulation.names["t"])}
    sites = {name: s for s, name in enumerate(formulation.names["s"])}
    return tuple(sorted(made, key=lambda each: (quarters[each.quarter], sites[each.site], each.kind, each.what)))


def opening_quarter(f: Formulation, s: int) -> int | None:
    """Return the quarter in which a site is open first; None where it never is."""
    return next((t for t in range(f.quarters) if f.found["open"][s, t].value > 0.5), None)


def mode_of(f: Formulation, s: int) -> int | None:
    """Return the mode of a site; None where it never opens."""
    return next((m for m in range(len(f.instance.modes)) if f.found["mode"][s, m].value > 0.5), None)


def _openings(f: Formulation) -> list[Decision]:
    found = []
    for s, site in enumerate(f.instance.sites):
        first = opening_quarter(f, s)
        if not site.exists and first is not None:
            found.append(_decision(f, s, first, "open", site.name, 1.0, cost_usd=site.opening_usd))
    return found


def _modes(f: Formulation) -> list[Decision]:
    found = []
    for s in range(len(f.instance.sites)):
        first, mode = opening_quarter(f, s), mode_of(f, s)
        if first is not None and mode is not None:
            found.append(_decision(f, s, first, "mode", f.names["m"][mode], 1.0))
    return found


def _nodes(f: Formulation) -> list[Decision]:
    instance = f.instance
    found = []
    for (s, g, t), count in _whole(f, "buy"):
        kind = instance.nodes[g]
        usd = float(kind.price_usd[t]) * kind.batch * count
        found.append(_decision(f, s, t, "buy", kind.name, kind.batch * count, t + kind.lead, usd))
    for (i, t), count in _whole(f, "retire"):
        cohort = instance.cohorts[i]
        kind = instance.nodes[cohort.node]
        usd = -count * worth_usd(instance, cohort.node, cohort.price_usd, cohort.age + t, t)
        found.append(_decision(f, cohort.site, t, "retire", kind.name, count, cost_usd=usd))
    return found


def _buildings(f: Formulation) -> list[Decision]:
    found = []
    offers: tuple[tuple[str, Any, Any], ...] = (
        ("build", "module", f.instance.modules),
        ("buy_fabric", "fabric", f.instance.fabrics),
        ("buy_store", "storage", f.instance.stores),
    )
    for name, kind, things in offers:
        for (s, which, t), count in _whole(f, name):
            thing = things[which]
            usd = float(thing.price_usd[t]) * count
            found.append(_decision(f, s, t, kind, thing.name, count, t + thing.lead, usd))
    return found


def _energy(f: Formulation) -> list[Decision]:
    found = []
    for name, kind in (("buy_battery", "battery"), ("buy_panels", "photovoltaics"), ("rent_bridging", "bridging")):
        for (s, t), count in _whole(f, name):
            site = f.instance.sites[s]
            prices = {
                "battery": site.battery.price_usd if site.battery else 0.0,
                "photovoltaics": site.photovoltaics.price_usd if site.photovoltaics else 0.0,
                "bridging": site.bridging.rent_usd if site.bridging else 0.0,
            }
            found.append(_decision(f, s, t, kind, "unit", count, t, prices[kind] * count))
    for (s,), variable in f.found["power_purchase"].items():
        if variable.value > 1e-6:
            found.append(_decision(f, s, 0, "power-purchase", "power purchase", variable.value * MW))
    return found


def _gangs(f: Formulation) -> list[Decision]:
    found = []
    for (j, s, g), variable in f.found["placed"].items():
        quarters = [
            t
            for (which, where, node, t, _), trains in f.found["training"].items()
            if (which, where, node) == (j, s, g) and trains.value > 0.5
        ]
        if variable.value > 0.5 and quarters:
            nodes = float(f.instance.gangs[j].nodes[g])
            found.append(_decision(f, s, min(quarters), "gang", f.names["j"][j], nodes))
    return found


def _whole(f: Formulation, name: str) -> list[tuple[Any, float]]:
    """Return the keys and rounded values of a family of integers, where they are not 0."""
    rounded = ((key, float(round(variable.value))) for key, variable in f.found[name].items())
    return [(key, count) for key, count in rounded if count]


def _decision(
    f: Formulation, s: int, t: int, kind: Any, what: str, count: float, serves: int | None = None, cost_usd: float = 0.0
) -> Decision:
    in_service = "" if serves is None or serves == t else f.names["t"][serves]
    return Decision(
        site=f.names["s"][s], quarter=f.names["t"][t], kind=kind, what=what, count=count, in_service=in_service,
        cost_usd=cost_usd,
    )  # fmt: skip
