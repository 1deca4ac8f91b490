"""Networks: blocks of ports of one design a site, and a port for every port of every node in service."""

from __future__ import annotations

from .formulation import Formulation
from .sites import only_if_open
from .terms import Terms

LASTING = 20
"""Quarters over which a block's price is written off in a straight line; assumption: five years, as nodes."""


def build(f: Formulation) -> None:
    """Add `fabric_design[s,n]`, `buy_fabric[s,n,t]` and `fabrics[s,n,t]` blocks in service."""
    instance = f.instance
    sites = range(len(instance.sites))
    # Where a design stands there is no other to choose.
    standing = [any(fabric.exists[s] > 0 for fabric in instance.fabrics) for s in sites]
    keys = [
        (s, n)
        for s in sites
        for n, fabric in enumerate(instance.fabrics)
        if fabric.exists[s] > 0 or (not standing[s] and fabric.most > 0 and fabric.lead < f.quarters)
    ]
    f.binaries("fabric_design", "sn", keys)
    _one_design(f)
    _blocks(f, keys)
    if instance.fabrics:
        _ports(f)


def _one_design(f: Formulation) -> None:
    design = f.found["fabric_design"]
    for s, site in enumerate(f.instance.sites):
        row = Terms()
        standing = 0
        for n, fabric in enumerate(f.instance.fabrics):
            if (s, n) in design:
                row.add(1.0, design[s, n])
                if fabric.exists[s] > 0:
                    f.hold(design[s, n])
                    standing += 1
        if not row:
            continue
        if not (site.exists or standing):
            row.add(-1.0, f.found["open"][s, f.last])
            f.at_most("one_fabric", "s", s, row)
        else:
            f.at_most("one_fabric", "s", s, row, float(max(standing, 1)))


def _blocks(f: Formulation, keys: list[tuple[int, int]]) -> None:
    fabrics = f.instance.fabrics
    ordered = [(s, n, t) for s, n in keys if fabrics[n].most > fabrics[n].exists[s] for t in f.later(fabrics[n].lead)]
    buy = f.variables("buy_fabric", "snt", ordered, integer=True)
    for (s, n, t), variable in buy.items():
        variable.setub(int(fabrics[n].most - fabrics[n].exists[s]))
        only_if_open(f, "fabric_needs_open_site", "snt", (s, n, t), variable, fabrics[n].lead)
        left = f.left_of(t + fabrics[n].lead, LASTING)
        f.buy("B", t, float(fabrics[n].price_usd[t]), variable, left=left)
    blocks = f.variables("fabrics", "snt", [(s, n, t) for s, n in keys for t in range(f.quarters)])
    for s, n in keys:
        total = Terms()
        for t in range(f.quarters):
            row = Terms()
            row.add(1.0, blocks[s, n, t])
            for when in range(t - fabrics[n].lead + 1):
                if (s, n, when) in buy:
                    row.add(-1.0, buy[s, n, when])
            f.equal("fabrics_in_service", "snt", (s, n, t), row, float(fabrics[n].exists[s]))
            if (s, n, t) in buy:
                total.add(1.0, buy[s, n, t])
        if total:
            total.add(-float(fabrics[n].most - fabrics[n].exists[s]), f.found["fabric_design"][s, n])
            f.at_most("fabrics_of_one_design", "sn", (s, n), total)


def _ports(f: Formulation) -> None:
    instance = f.instance
    for s in range(len(instance.sites)):
        for t in range(f.quarters):
            for d in range(len(f.slips)):
                row = Terms()
                for g, kind in enumerate(instance.nodes):
                    if (s, g, t, d) in f.found["nodes"]:
                        row.add(float(kind.ports), f.found["nodes"][s, g, t, d])
                if not row:
                    continue
                for n, fabric in enumerate(instance.fabrics):
                    if (s, n, t) in f.found["fabrics"]:
                        row.add(-float(fabric.ports), f.found["fabrics"][s, n, t])
                f.at_most("ports", "std", (s, t, d), row)
