"""Modes: each site is run in one way, which sets how available its nodes are and what crews, spares and security cost.

The choice is a convex hull: nodes are split by mode, and a mode that is not chosen has none of them. Without it the
relaxation would mix the cheapest crew with the best availability.
"""

from __future__ import annotations

from .formulation import THOUSAND, Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `mode[s,m]`, `running[s,m,t]` (open in this mode), `bought[s,g,m,t]` and `run[s,g,m,t,d]` nodes by mode."""
    instance = f.instance
    modes = range(len(instance.modes))
    sites = range(len(instance.sites))
    mode = f.binaries("mode", "sm", [(s, m) for s in sites for m in modes])
    for s in sites:
        row = Terms()
        for m in modes:
            row.add(1.0, mode[s, m])
        row.add(-1.0, f.found["open"][s, f.last])
        f.equal("one_mode", "s", s, row)
    _running(f)
    _nodes_by_mode(f)
    _bought_by_mode(f)


def _running(f: Formulation) -> None:
    instance = f.instance
    modes = range(len(instance.modes))
    waiting = [s for s, site in enumerate(instance.sites) if not site.exists]
    running = f.variables("running", "smt", [(s, m, t) for s in waiting for m in modes for t in range(f.quarters)])
    for (s, m, t), variable in running.items():
        row = Terms()
        row.add(1.0, variable)
        row.add(-1.0, f.found["mode"][s, m])
        f.at_most("running_in_its_mode", "smt", (s, m, t), row)
    for s, site in enumerate(instance.sites):
        for t in range(f.quarters):
            row = Terms()
            for m, figures in enumerate(instance.modes):
                if site.exists:
                    running[s, m, t] = f.found["mode"][s, m]
                f.spend("M", t, figures.maintenance_usd, running[s, m, t])
                f.spend("S", t, figures.security_usd, running[s, m, t])
                row.add(1.0, running[s, m, t])
            if not site.exists:
                row.add(-1.0, f.found["open"][s, t])
                f.equal("running_while_open", "st", (s, t), row)


def _nodes_by_mode(f: Formulation) -> None:
    modes = range(len(f.instance.modes))
    nodes = f.found["nodes"]
    run = f.variables("run", "sgmtd", [(s, g, m, t, d) for s, g, t, d in nodes for m in modes])
    for (s, g, t, d), total in nodes.items():
        most = f.most_nodes[s, g, t, d]
        split = Terms()
        split.add(-1.0, total)
        for m, figures in enumerate(f.instance.modes):
            variable = run[s, g, m, t, d]
            split.add(1.0, variable)
            row = Terms()
            row.add(1.0, variable)
            row.add(-most, f.found["running"][s, m, t])
            f.at_most("nodes_in_one_mode", "sgmtd", (s, g, m, t, d), row)
            share = f.slip_probability[d]
            f.spend("M", t, share * float(figures.maintenance_usd_per_node[g]), variable)
            f.spend("S", t, share * float(figures.security_usd_per_node[g]), variable)
        f.equal("nodes_by_mode", "sgtd", (s, g, t, d), split)


def _bought_by_mode(f: Formulation) -> None:
    instance = f.instance
    modes = range(len(instance.modes))
    stocked = {
        g
        for g in range(len(instance.nodes))
        if any(mode.spares_usd_per_node[g] or mode.spares_per_node[g] for mode in instance.modes)
    }
    keys = [(s, g, m, t) for s, g, t in f.found["buy"] if g in stocked for m in modes]
    bought = f.variables("bought", "sgmt", keys)
    for (s, g, t), total in f.found["buy"].items():
        if g not in stocked:
            continue
        kind = instance.nodes[g]
        split = Terms()
        split.add(-1.0, total)
        for m, figures in enumerate(instance.modes):
            variable = bought[s, g, m, t]
            split.add(1.0, variable)
            row = Terms()
            row.add(1.0, variable)
            row.add(-float(kind.supply[t]), f.found["running"][s, m, t])
            f.at_most("bought_in_one_mode", "sgmt", (s, g, m, t), row)
            f.spend("M", t, kind.batch * float(figures.spares_usd_per_node[g]), variable)
            made_kg = kind.batch * kind.embodied_kg * float(figures.spares_per_node[g])
            f.carbon[t].add(made_kg / THOUSAND, variable)
        f.equal("bought_by_mode", "sgt", (s, g, t), split)
