"""How a plan is operated: which nodes work for what, hour by hour, and what is served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ..formulation.demand import SECONDS
from ..formulation.formulation import Formulation
from ..formulation.gangs import rate
from ..plan import Served
from .decisions import mode_of

LEAST_NODES = 1e-7
"""Nodes below which an allocation is a rounding of the solver."""
LEAST_SHARE = 1e-6
"""Of a demand: HiGHS holds rows to 1e-6. Less than this is nothing: neither served, nor missing."""


def allocation_of(formulation: Formulation) -> tuple[Mapping[str, Any], ...]:
    """Return the nodes at work by site, quarter, future, hour, work, node type and mode; a gang in every hour that
    counts of a quarter that it holds."""
    f = formulation
    rows = []
    for key, variable in f.found["work"].items():
        if variable.value > LEAST_NODES:
            s, g, first, v, t, h, o = key
            m = _mode_of_work(f, s, first)
            rows.append(((t, o, h, s, g, m, v), f.names["v"][v], variable.value))
    held: dict[tuple[int, ...], float] = defaultdict(float)
    for (j, s, g, m, _, t, o), variable in f.found["copies"].items():
        if variable.value > LEAST_NODES:
            held[t, o, s, g, m, j] += variable.value * float(f.instance.gangs[j].nodes[g])
    for (t, o, s, g, m, j), nodes in held.items():
        for h in f.counted[t]:
            rows.append(((t, o, h, s, g, m, len(f.work) + j), f.names["j"][j], nodes))
    rows.sort(key=lambda row: row[0])
    return tuple(
        {
            "site": f.names["s"][s], "quarter": f.names["t"][t], "future": f.names["o"][o], "hour": h, "work": name,
            "node": f.names["g"][g], "mode": f.names["m"][m], "nodes": nodes,
        }
        for (t, o, h, s, g, m, _), name, nodes in rows
    )  # fmt: skip


def _mode_of_work(f: Formulation, s: int, first: int) -> int:
    """Return the mode of a site where work is of the modes that are like `first`."""
    chosen = mode_of(f, s)
    return chosen if chosen is not None and f.alike[chosen] == first else first


def served_of(formulation: Formulation) -> tuple[Served, ...]:
    """Return what is served of each class by quarter and future.

    A gang's demand has no quarter but a deadline: what is left of it stands in the last one before the deadline.
    """
    f = formulation
    by_site: dict[tuple[str, int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    busy: dict[tuple[str, int, int], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (s, g, m, v, t, h, o), variable in f.found["work"].items():
        if variable.value > LEAST_NODES:
            key = f.names["v"][v], t, o
            weight_h = f.weight_h[t][h]
            by_site[key][f.names["s"][s]] += variable.value * float(f.work[v].rate[g, m]) * SECONDS * weight_h
            hours_h = f.instance.quarters[t].hours_h
            busy[key][f"{f.names['s'][s]}/{f.names['g'][g]}"] += variable.value * weight_h / hours_h
    for (j, s, g, m, n, t, o), variable in f.found["trained"].items():
        if variable.value > LEAST_NODES:
            key = f.names["j"][j], t, o
            quarter_s = SECONDS * f.instance.quarters[t].hours_h
            by_site[key][f.names["s"][s]] += variable.value * rate(f, j, g, m, n) * quarter_s
            nodes = variable.value * float(f.instance.gangs[j].nodes[g])
            busy[key][f"{f.names['s'][s]}/{f.names['g'][g]}"] += nodes
    return tuple(
        Served(
            work=name, quarter=f.names["t"][t], future=f.names["o"][o], demand=demand, served=served, done=done,
            by_site=_scaled(by_site[name, t, o], served), nodes_busy=dict(busy[name, t, o]) if served else {},
        )
        for name, t, o, demand, served, done in _amounts(f, by_site)
    )  # fmt: skip


def _amounts(
    f: Formulation, by_site: Mapping[tuple[str, int, int], Mapping[str, float]]
) -> list[tuple[str, int, int, float, float, float | None]]:
    """Return demand, what is served of it, and, of a gang, the share that is done by the end of the quarter.

    Never more is served than is demanded, however much the nodes could do.
    """
    futures = range(len(f.instance.futures))
    found = []
    for service in f.instance.serving:
        for t in range(f.quarters):
            for o in futures:
                demand = sum(f.weight_h[t][h] * SECONDS * float(service.demand[o, t, h]) for h in f.counted[t])
                found.append((service.name, t, o, demand))
    for work in f.instance.batch:
        found += [(work.name, t, o, float(work.demand[o, t])) for t in range(f.quarters) for o in futures]
    rows: list[tuple[str, int, int, float, float, float | None]] = []
    short = _short(f)
    for name, t, o, demand in found:
        rows.append((name, t, o, demand, _of(demand, demand - short[name, t, o]), None))
    for gang in f.instance.gangs:
        for o in futures:
            tokens = left = float(gang.tokens[o])
            for t in range(max(gang.first, 0), min(gang.last, f.last) + 1):
                trained = _of(tokens, sum(by_site.get((gang.name, t, o), {}).values()))
                served = left if left - trained <= LEAST_SHARE * tokens else trained
                demand = left if t == min(gang.last, f.last) else served
                left -= served
                rows.append((gang.name, t, o, demand, served, 1.0 - left / tokens if tokens else None))
    return rows


def _of(demand: float, amount: float) -> float:
    """Return an amount of a demand: nothing or all where it is either but for the solver's tolerance."""
    room = LEAST_SHARE * demand
    return 0.0 if amount <= room else demand if amount >= demand - room else amount


def _short(f: Formulation) -> dict[tuple[str, int, int], float]:
    """Return what is not served by class, quarter and future."""
    from ..formulation.demand import best_rate

    short: dict[tuple[str, int, int], float] = defaultdict(float)
    for (v, t, h, o), variable in f.found["short_serving"].items():
        short[f.names["v"][v], t, o] += f.weight_h[t][h] * SECONDS * best_rate(f, v) * variable.value
    for (v, t, o), variable in f.found["short_batch"].items():
        unit = SECONDS * f.instance.quarters[t].hours_h * best_rate(f, v)
        short[f.names["v"][v], t, o] += unit * variable.value
    return short


def _scaled(by_site: Mapping[str, float], served: float) -> dict[str, float]:
    """Return what sites serve, so that it adds up to what is served: nodes can be able to do more than is asked."""
    total = sum(by_site.values())
    return {name: amount * served / total for name, amount in sorted(by_site.items())} if total > 0.0 else {}
