"""Nodes: what is bought, what serves, what is retired and sold.

What serves in a quarter is every batch that has arrived and not yet lived its life, and the cohorts of the start less
what was retired of them. A delivery slips with the future, so there is a stock for each distinct slip.
"""

from __future__ import annotations

from .formulation import THOUSAND, Formulation
from .most import designs, most_nodes
from .sites import only_if_open
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `buy[s,g,t]` batches, `retire[i,t]` nodes of a cohort and `nodes[s,g,t,d]` in service."""
    _orders(f)
    _retirements(f)
    _stock(f)


def _orders(f: Formulation) -> None:
    instance = f.instance
    sites = range(len(instance.sites))
    ordered = [
        (s, g, t)
        for s in sites
        for g, kind in enumerate(instance.nodes)
        for t in f.later(kind.lead + f.slips[0])
        if kind.supply[t] > 0 and designs(f, s, g)
    ]
    buy = f.variables("buy", "sgt", ordered, integer=True)
    for (s, g, t), variable in buy.items():
        kind = instance.nodes[g]
        variable.setub(int(kind.supply[t]))
        only_if_open(f, "buying_needs_open_site", "sgt", (s, g, t), variable, kind.lead + f.slips[0])
        usd = float(kind.price_usd[t]) * kind.batch
        f.buy("C", t, usd, variable, left=_left_at_end(f, g, t))
        f.carbon[t].add(kind.embodied_kg * kind.batch / THOUSAND, variable)
    for g, kind in enumerate(instance.nodes):
        for t in range(f.quarters):
            shared = [buy[s, g, t] for s in sites if (s, g, t) in buy]
            if len(shared) > 1:
                row = Terms()
                for variable in shared:
                    row.add(1.0, variable)
                f.at_most("supply", "gt", (g, t), row, float(kind.supply[t]))


def _left_at_end(f: Formulation, g: int, ordered: int) -> float:
    """Return the expected share of its price that a node ordered in a quarter has at the horizon's end."""
    kind = f.instance.nodes[g]
    left = 0.0
    for slip, probability in zip(f.slips, f.slip_probability, strict=True):
        age = max(f.quarters - (ordered + kind.lead + slip), 0)
        left += probability * (kind.value_kept**age if age < kind.life else 0.0)
    return left


def _retirements(f: Formulation) -> None:
    instance = f.instance
    keys = [
        (i, t)
        for i, cohort in enumerate(instance.cohorts)
        for t in range(f.quarters)
        if cohort.age + t < instance.nodes[cohort.node].life
    ]
    retire = f.variables("retire", "it", keys, integer=True)
    for i, cohort in enumerate(instance.cohorts):
        kind = instance.nodes[cohort.node]
        row = Terms()
        end = f.quarters + cohort.age
        left_usd = cohort.price_usd * kind.value_kept**end if end < kind.life else 0.0
        f.cost["C", f.last].constant -= f.discount[f.last] * left_usd * cohort.count / THOUSAND
        # What is used up of what stood there is a cost too; without this its value at the end would be a gift.
        worth_usd = cohort.price_usd * kind.value_kept**cohort.age if cohort.age < kind.life else 0.0
        f.cost["C", 0].constant += f.discount[0] * worth_usd * cohort.count / THOUSAND
        for t in range(f.quarters):
            if (i, t) not in retire:
                continue
            retire[i, t].setub(cohort.count)
            row.add(1.0, retire[i, t])
            f.spend("C", t, -cohort.price_usd * kind.value_kept ** (cohort.age + t), retire[i, t])
            f.spend("C", f.last, left_usd, retire[i, t])
        f.at_most("retirement", "i", i, row, float(cohort.count))


def _stock(f: Formulation) -> None:
    instance = f.instance
    f.most_nodes = most_nodes(f)
    nodes = f.variables("nodes", "sgtd", f.most_nodes)
    for (s, g, t, d), variable in nodes.items():
        kind = instance.nodes[g]
        variable.setub(f.most_nodes[s, g, t, d])
        row = Terms()
        row.add(1.0, variable)
        for ordered in range(t + 1):
            if (s, g, ordered) in f.found["buy"] and instance.installed_batches(g, ordered, t, f.slips[d]):
                row.add(-kind.batch, f.found["buy"][s, g, ordered])
        standing = 0.0
        for i, cohort in enumerate(instance.cohorts):
            if cohort.site == s and cohort.node == g and cohort.age + t < kind.life:
                standing += cohort.count
                for retired in range(t + 1):
                    row.add(1.0, f.found["retire"][i, retired])
        f.equal("stock", "sgtd", (s, g, t, d), row, standing)
