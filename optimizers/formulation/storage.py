"""Storage: units bought, and what the gangs that train at a site need of them in bandwidth and space."""

from __future__ import annotations

from .formulation import Formulation
from .sites import only_if_open
from .terms import Terms

GB = 1e9
PB = 1e15
"""B."""
LASTING = 20
"""Quarters over which a unit's price is written off in a straight line; assumption: five years, as nodes."""


def build(f: Formulation) -> None:
    """Add `buy_store[s,k,t]` and `stores[s,k,t]` units in service."""
    stores = f.instance.stores
    sites = range(len(f.instance.sites))
    keys = [
        (s, k)
        for s in sites
        for k, store in enumerate(stores)
        if store.exists[s] > 0 or (store.most > 0 and store.lead < f.quarters)
    ]
    ordered = [(s, k, t) for s, k in keys if stores[k].most > stores[k].exists[s] for t in f.later(stores[k].lead)]
    buy = f.variables("buy_store", "skt", ordered, integer=True)
    for (s, k, t), variable in buy.items():
        variable.setub(int(stores[k].most - stores[k].exists[s]))
        only_if_open(f, "storage_needs_open_site", "skt", (s, k, t), variable, stores[k].lead)
        left = f.left_of(t + stores[k].lead, LASTING)
        f.buy("C", t, float(stores[k].price_usd[t]), variable, left=left)
    units = f.variables("stores", "skt", [(s, k, t) for s, k in keys for t in range(f.quarters)])
    for (s, k, t), variable in units.items():
        variable.setub(int(max(stores[k].most, stores[k].exists[s])))
        row = Terms()
        row.add(1.0, variable)
        for when in range(t - stores[k].lead + 1):
            if (s, k, when) in buy:
                row.add(-1.0, buy[s, k, when])
        f.equal("stores_in_service", "skt", (s, k, t), row, float(stores[k].exists[s]))


def limit(f: Formulation) -> None:
    """Limit the gangs that train at a site in a quarter by its storage; made after the gangs."""
    instance = f.instance
    if not instance.stores:
        return
    for s in range(len(instance.sites)):
        for t in range(f.quarters):
            for o in range(len(instance.futures)):
                bandwidth, space = Terms(), Terms()
                for j, gang in enumerate(instance.gangs):
                    for g in range(len(instance.nodes)):
                        if (j, s, g, t, o) in f.found["training"]:
                            bandwidth.add(gang.write_b_per_s / GB, f.found["training"][j, s, g, t, o])
                            space.add(gang.stored_b / PB, f.found["training"][j, s, g, t, o])
                if not bandwidth and not space:
                    continue
                for k, store in enumerate(instance.stores):
                    if (s, k, t) in f.found["stores"]:
                        bandwidth.add(-store.write_b_per_s / GB, f.found["stores"][s, k, t])
                        space.add(-store.capacity_b / PB, f.found["stores"][s, k, t])
                f.at_most("storage_bandwidth", "sto", (s, t, o), bandwidth)
                f.at_most("storage_space", "sto", (s, t, o), space)
