"""Nodes: what is bought, what serves, what is retired, and what it is sold for.

What serves in a quarter is every batch that has arrived and not yet lived its life, and the cohorts of the start less
what was retired of them. A delivery slips with the future, so there is a stock for each distinct slip. What leaves is
sold for what it is worth: when it is retired, when it has lived its life, or as what is left at the horizon's end.
"""

from __future__ import annotations

from ..instance.instance import Instance
from .formulation import START, THOUSAND, Formulation
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
        f.buy("C", t, usd, variable)
        _sell_in_the_end(f, g, t, variable)
        f.carbon[t].add(kind.embodied_kg * kind.batch / THOUSAND, variable)
    for g, kind in enumerate(instance.nodes):
        for t in range(f.quarters):
            shared = [buy[s, g, t] for s in sites if (s, g, t) in buy]
            if len(shared) > 1:
                row = Terms()
                for variable in shared:
                    row.add(1.0, variable)
                f.at_most("supply", "gt", (g, t), row, float(kind.supply[t]))


def _sell_in_the_end(f: Formulation, g: int, ordered: int, batches: object) -> None:
    """Credit what is ordered in a quarter with its worth when its life ends, or at the horizon's end before that."""
    kind = f.instance.nodes[g]
    for slip, probability in zip(f.slips, f.slip_probability, strict=True):
        arrives = ordered + kind.lead + slip
        leaves = min(arrives + kind.life, f.end)
        usd = worth_usd(f.instance, g, float(kind.price_usd[ordered]), max(leaves - arrives, 0), leaves)
        f.sell(leaves, probability * kind.batch * usd, batches)


def worth_usd(instance: Instance, node: int, paid_usd: float, age: int, t: int) -> float:
    """Return what a node is worth at an age, in a quarter or at the horizon's end, which counts as one more [USD].

    It is what it has kept of its price, or of a new one's where that is less by then: an old one sells for no more.
    """
    kind = instance.nodes[node]
    new_usd = float(kind.price_usd[min(t, len(instance.quarters) - 1)])
    return min(paid_usd, new_usd) * kind.value_kept**age


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
        leaves = min(instance.nodes[cohort.node].life - cohort.age, f.end)
        if leaves <= 0:
            continue
        worth = [worth_usd(instance, cohort.node, cohort.price_usd, cohort.age + t, t) for t in range(leaves + 1)]
        # What is used up of what stood there is a cost too; without this its value at the end would be a gift.
        f.cost["C", START].constant += f.discount[0] * worth[0] * cohort.count / THOUSAND
        sold = -f.discount[leaves] * worth[leaves] * cohort.count / THOUSAND
        f.cost["C", leaves].constant += sold
        if leaves < f.end:
            f.resale[leaves].constant += sold
        row = Terms()
        for t in range(leaves):
            retire[i, t].setub(cohort.count)
            row.add(1.0, retire[i, t])
            f.sell(t, worth[t], retire[i, t])
            f.sell(leaves, -worth[leaves], retire[i, t])
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
