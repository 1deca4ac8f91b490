"""Gangs: training runs, each on one type of node, one network, one site, for whole quarters.

One binary a site and type says where a gang is; another by quarter and future whether it trains. Its copies by mode and
network are continuous: the site has one of each, so one copy takes all.
"""

from __future__ import annotations

from .formulation import Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `placed[j,s,g]`, `training[j,s,g,t,o]`, `copies[j,s,g,m,n,t,o]` and `trained[...]`, a share of the
    quarter."""
    instance = f.instance
    places = [
        (j, s, g)
        for j in range(len(instance.gangs))
        for s in range(len(instance.sites))
        for g in range(len(instance.nodes))
        if _ways(f, j, s, g)
    ]
    placed = f.binaries("placed", "jsg", places)
    for j in range(len(instance.gangs)):
        row = Terms()
        for key, variable in placed.items():
            if key[0] == j:
                row.add(1.0, variable)
        if row:
            f.at_most("one_place", "j", j, row, 1.0)
    times = [
        (j, s, g, t, o)
        for j, s, g in places
        for o in range(len(instance.futures))
        if instance.gangs[j].tokens[o] > 0.0
        for t in range(max(instance.gangs[j].first, 0), min(instance.gangs[j].last, f.last) + 1)
        if f.most_nodes.get((s, g, t, f.slip_of[o]), 0.0) >= instance.gangs[j].nodes[g]
    ]
    training = f.binaries("training", "jsgto", times)
    ways = [(j, s, g, m, n, t, o) for j, s, g, t, o in times for m, n in _ways(f, j, s, g)]
    copies = f.variables("copies", "jsgmnto", ways)
    trained = f.variables("trained", "jsgmnto", ways)
    for key, variable in trained.items():
        row = Terms()
        row.add(1.0, variable)
        row.add(-1.0, copies[key])
        f.at_most("trains_on_its_copy", "jsgmnto", key, row)
    for (j, s, g, t, o), variable in training.items():
        row = Terms()
        row.add(1.0, variable)
        row.add(-1.0, placed[j, s, g])
        f.at_most("trains_where_placed", "jsgto", (j, s, g, t, o), row)
        _split(f, (j, s, g, t, o))


def _ways(f: Formulation, j: int, s: int, g: int) -> list[tuple[int, int]]:
    """Return the modes and networks in which a gang can train on a type of node at a site."""
    gang, fabrics = f.instance.gangs[j], f.instance.fabrics
    if gang.nodes[g] <= 0:
        return []
    networks = [
        n
        for n, fabric in enumerate(fabrics)
        if (s, n) in f.found["fabric_design"] and fabric.largest_gang >= gang.nodes[g] and gang.fabric_factor[n] > 0.0
    ]
    return [
        (m, n) for m in range(len(f.instance.modes)) if gang.rate[g, m] > 0.0 for n in (networks if fabrics else [0])
    ]


def _split(f: Formulation, key: tuple[int, int, int, int, int]) -> None:
    """Split a gang's copy by mode and network; only what the site has takes part."""
    j, s, g, t, o = key
    copies = f.found["copies"]
    ways = _ways(f, j, s, g)
    total = Terms()
    total.add(-1.0, f.found["training"][key])
    for m, n in ways:
        total.add(1.0, copies[j, s, g, m, n, t, o])
    f.equal("copies_of_gang", "jsgto", key, total)
    for m in sorted({way[0] for way in ways}):
        row = Terms()
        for way in ways:
            if way[0] == m:
                row.add(1.0, copies[j, s, g, m, way[1], t, o])
        row.add(-1.0, f.found["running"][s, m, t])
        f.at_most("gang_in_mode", "jsgmto", (j, s, g, m, t, o), row)
    if not f.instance.fabrics:
        return
    for n in sorted({way[1] for way in ways}):
        row = Terms()
        for way in ways:
            if way[1] == n:
                row.add(1.0, copies[j, s, g, way[0], n, t, o])
        row.add(-1.0, f.found["fabric_design"][s, n])
        f.at_most("gang_on_fabric", "jsgnto", (j, s, g, n, t, o), row)


def rate(f: Formulation, j: int, g: int, m: int, n: int) -> float:
    """Return what a gang trains in tokens a second on a type of node, in a mode, on a network."""
    gang = f.instance.gangs[j]
    return float(gang.rate[g, m]) * (float(gang.fabric_factor[n]) if f.instance.fabrics else 1.0)
