"""The most nodes that can serve at a site: the bound that makes the choice of a mode tight.

It is the least of what vendors can have delivered with what stood there, and what the largest building takes by
provisioned power, breakers and racks. The grid gives no such bound: nodes may stand there and do nothing.
"""

from __future__ import annotations

import math

from .formulation import Formulation


def most_nodes(f: Formulation) -> dict[tuple[int, int, int, int], float]:
    """Return the most nodes in service by site, type, quarter and slip, wherever one could have been delivered.

    It is 0 where no building can be there in time.
    """
    instance = f.instance
    most = {}
    for s in range(len(instance.sites)):
        for g, kind in enumerate(instance.nodes):
            for t in range(f.quarters):
                for d, slip in enumerate(f.slips):
                    delivered = sum(
                        int(kind.supply[ordered]) * kind.batch
                        for ordered in range(t + 1)
                        if instance.installed_batches(g, ordered, t, slip)
                    )
                    standing = sum(
                        cohort.count
                        for cohort in instance.cohorts
                        if cohort.site == s and cohort.node == g and cohort.age + t < kind.life
                    )
                    # What stands there is not cut: that it does not fit is for the constraints to say.
                    if delivered + standing > 0:
                        most[s, g, t, d] = float(max(min(delivered + standing, room(f, s, g, t)), standing))
    return most


def room(f: Formulation, s: int, g: int, t: int) -> float:
    """Return the most nodes of a type that the largest building of one design at a site takes in a quarter."""
    kind = f.instance.nodes[g]
    spare = f.instance.sites[s].spare_modules
    most = 0.0
    for p in designs(f, s, g):
        module = f.instance.modules[p]
        count = int(max(module.most, module.exists[s])) if t >= module.lead else int(module.exists[s])
        usable = max(count - spare, 0)
        fits = [usable * module.racks * float(per_rack(f, g, p))]
        if kind.provisioned_w > 0.0:
            fits.append(float(usable * per_module(f, g, p)))
        if kind.rated_w > 0.0:
            fits.append(count * module.breaker_w / kind.rated_w)
        most += math.floor(min(fits) + 1e-9) if module.exists[s] else 0.0
        most = max(most, math.floor(min(fits) + 1e-9))
    return most


def designs(f: Formulation, s: int, g: int) -> list[int]:
    """Return the designs of module that can take a type of node at a site within the horizon."""
    cooling = f.instance.nodes[g].cooling
    able = [p for p in buildable(f, s) if f.instance.modules[p].cooling == cooling]
    return [p for p in able if per_rack(f, g, p) and per_module(f, g, p)]


def buildable(f: Formulation, s: int) -> list[int]:
    """Return the designs of module that stand at a site or can within the horizon.

    Where one stands, its class of cooling has its design and there is no other to choose.
    """
    modules = f.instance.modules
    standing = {module.cooling for module in modules if module.exists[s] > 0}
    return [
        p
        for p, module in enumerate(modules)
        if module.exists[s] > 0 or (module.cooling not in standing and module.most > 0 and module.lead < f.quarters)
    ]


def per_module(f: Formulation, g: int, p: int) -> int:
    """Return how many nodes of a type a module of a design takes by provisioned power, alone; 0 where not even one."""
    kind, module = f.instance.nodes[g], f.instance.modules[p]
    if kind.provisioned_w <= 0.0:
        return module.racks * per_rack(f, g, p)
    return math.floor(module.capacity_w / kind.provisioned_w + 1e-9)


def per_rack(f: Formulation, g: int, p: int) -> int:
    """Return how many nodes of a type a rack of a design takes; 0 where not even one."""
    kind, module = f.instance.nodes[g], f.instance.modules[p]
    if kind.provisioned_w <= 0.0:
        return kind.nodes_per_rack
    return min(kind.nodes_per_rack, math.floor(module.rack_w / kind.provisioned_w + 1e-9))
