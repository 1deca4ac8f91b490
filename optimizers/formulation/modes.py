"""Modes: each site is run in one way, which sets how available its nodes are and what crews, spares and security cost.

The choice is a convex hull: nodes are split by mode, and a mode that is not chosen has none of them. Without it the
relaxation would mix the cheapest crew with the best availability.
"""

from __future__ import annotations

from .formulation import THOUSAND, Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `mode[s,m]`, `running[s,m,t]` (open in this mode), and what is `bought[s,g,m,t]`, `retired[i,m,t]` and in
    service (`run[s,g,m,t,d]`) by mode."""
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
    _bought_by_mode(f)
    _retired_by_mode(f)
    _nodes_by_mode(f)


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


def _bought_by_mode(f: Formulation) -> None:
    """Split what is bought by the mode that it will run in: spares are bought with it."""
    instance = f.instance
    modes = range(len(instance.modes))
    bought = f.variables("bought", "sgmt", [(s, g, m, t) for s, g, t in f.found["buy"] for m in modes])
    for (s, g, t), total in f.found["buy"].items():
        kind = instance.nodes[g]
        split = Terms()
        split.add(-1.0, total)
        for m, figures in enumerate(instance.modes):
            variable = bought[s, g, m, t]
            split.add(1.0, variable)
            row = Terms()
            row.add(1.0, variable)
            row.add(-float(kind.supply[t]), f.found["running"][s, m, t + kind.lead + f.slips[0]])
            f.at_most("bought_in_one_mode", "sgmt", (s, g, m, t), row)
            f.buy("M", t, kind.batch * float(figures.spares_usd_per_node[g]), variable)
            made_kg = kind.batch * kind.embodied_kg * float(figures.spares_per_node[g])
            f.carbon[t].add(made_kg / THOUSAND, variable)
        f.equal("bought_by_mode", "sgt", (s, g, t), split)


def _retired_by_mode(f: Formulation) -> None:
    modes = range(len(f.instance.modes))
    retired = f.variables("retired", "imt", [(i, m, t) for i, t in f.found["retire"] for m in modes])
    for (i, t), total in f.found["retire"].items():
        split = Terms()
        split.add(-1.0, total)
        for m in modes:
            split.add(1.0, retired[i, m, t])
        f.equal("retired_by_mode", "it", (i, t), split)
    for i, cohort in enumerate(f.instance.cohorts):
        for m in modes:
            row = Terms()
            for t in range(f.quarters):
                if (i, m, t) in retired:
                    row.add(1.0, retired[i, m, t])
            if row:
                row.add(-float(cohort.count), f.found["mode"][cohort.site, m])
                f.at_most("retired_in_one_mode", "im", (i, m), row)
        _spares_of(f, i)


def _spares_of(f: Formulation, i: int) -> None:
    """Buy spares for nodes that stand there as for new ones: in the first quarter, for those that then serve on."""
    cohort = f.instance.cohorts[i]
    kind = f.instance.nodes[cohort.node]
    if cohort.age >= kind.life:
        return
    for m, figures in enumerate(f.instance.modes):
        usd = float(figures.spares_usd_per_node[cohort.node])
        made_kg = kind.embodied_kg * float(figures.spares_per_node[cohort.node])
        mode, sold = f.found["mode"][cohort.site, m], f.found["retired"][i, m, 0]
        f.buy("M", 0, usd * cohort.count, mode)
        f.buy("M", 0, -usd, sold)
        f.carbon[0].add(made_kg * cohort.count / THOUSAND, mode)
        f.carbon[0].add(-made_kg / THOUSAND, sold)


def _nodes_by_mode(f: Formulation) -> None:
    """Keep the stock of each mode by itself, cohorts and orders and all.

    Bounding each quarter's nodes by the mode alone would let the relaxation change modes from quarter to quarter.
    """
    instance = f.instance
    nodes = f.found["nodes"]
    run = f.variables("run", "sgmtd", [(s, g, m, t, d) for s, g, t, d in nodes for m in range(len(instance.modes))])
    for (s, g, m, t, d), variable in run.items():
        figures, kind = instance.modes[m], instance.nodes[g]
        most = Terms()
        most.add(1.0, variable)
        most.add(-f.most_nodes[s, g, t, d], f.found["running"][s, m, t])
        f.at_most("nodes_in_one_mode", "sgmtd", (s, g, m, t, d), most)
        row = Terms()
        row.add(1.0, variable)
        for ordered in range(t + 1):
            if (s, g, m, ordered) in f.found["bought"] and instance.installed_batches(g, ordered, t, f.slips[d]):
                row.add(-kind.batch, f.found["bought"][s, g, m, ordered])
        for i, cohort in enumerate(instance.cohorts):
            if cohort.site == s and cohort.node == g and cohort.age + t < kind.life:
                row.add(-float(cohort.count), f.found["mode"][s, m])
                for earlier in range(t + 1):
                    row.add(1.0, f.found["retired"][i, m, earlier])
        f.equal("nodes_by_mode", "sgmtd", (s, g, m, t, d), row)
        share = f.slip_probability[d]
        f.spend("M", t, share * float(figures.maintenance_usd_per_node[g]), variable)
        f.spend("S", t, share * float(figures.security_usd_per_node[g]), variable)
