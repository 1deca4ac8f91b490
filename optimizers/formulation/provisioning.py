"""Modules of a building, and what nodes fill in them: provisioned power, breakers, racks.

A site has one design at most for each class of cooling, and counts its modules: identical ones are never told apart.
Spare modules take no load by provisioned power or racks; their breakers are there all the same.
"""

from __future__ import annotations

from .formulation import MW, THOUSAND, Formulation
from .most import buildable, designs, per_module, per_rack
from .sites import only_if_open
from .terms import Terms

LASTING = 80
"""Quarters over which a module's price is written off in a straight line."""


def build(f: Formulation) -> None:
    """Add `design[s,p]`, `build[s,p,t]`, `modules[s,p,t]`, `usable[s,p,t]` and `filled[s,g,p,t,d]` nodes by design."""
    keys = [(s, p) for s in range(len(f.instance.sites)) for p in buildable(f, s)]
    _designs(f, keys)
    _modules(f, keys)
    _floor(f)
    _usable(f, keys)
    _filled(f, keys)


def _designs(f: Formulation, keys: list[tuple[int, int]]) -> None:
    instance = f.instance
    design = f.binaries("design", "sp", keys)
    for s, site in enumerate(instance.sites):
        for cooling in ("air", "liquid"):
            row = Terms()
            standing = 0
            for p, module in enumerate(instance.modules):
                if (s, p) in design and module.cooling == cooling:
                    row.add(1.0, design[s, p])
                    if module.exists[s] > 0:
                        f.hold(design[s, p])
                        standing += 1
            if not row:
                continue
            if site.exists or standing:
                f.at_most("one_design", "sc", (s, ("air", "liquid").index(cooling)), row, float(max(standing, 1)))
            else:
                row.add(-1.0, f.found["open"][s, f.last])
                f.at_most("one_design", "sc", (s, ("air", "liquid").index(cooling)), row)


def _modules(f: Formulation, keys: list[tuple[int, int]]) -> None:
    instance = f.instance
    ordered = [
        (s, p, t)
        for s, p in keys
        if instance.modules[p].most > instance.modules[p].exists[s]
        for t in f.later(instance.modules[p].lead)
    ]
    build = f.variables("build", "spt", ordered, integer=True)
    for (s, p, t), variable in build.items():
        module = instance.modules[p]
        variable.setub(int(module.most - module.exists[s]))
        only_if_open(f, "building_needs_open_site", "spt", (s, p, t), variable, module.lead)
        f.buy("C", t, float(module.price_usd[t]), variable, left=f.left_of(t + module.lead, LASTING))
        f.carbon[t].add(module.embodied_kg / THOUSAND, variable)
    modules = f.variables("modules", "spt", [(s, p, t) for s, p in keys for t in range(f.quarters)])
    for s, p in keys:
        module = instance.modules[p]
        total = Terms()
        for t in range(f.quarters):
            modules[s, p, t].setub(int(max(module.most, module.exists[s])))
            row = Terms()
            row.add(1.0, modules[s, p, t])
            for when in range(t - module.lead + 1):
                if (s, p, when) in build:
                    row.add(-1.0, build[s, p, when])
            f.equal("modules_in_service", "spt", (s, p, t), row, float(module.exists[s]))
            if (s, p, t) in build:
                total.add(1.0, build[s, p, t])
        if total:
            total.add(-float(module.most - module.exists[s]), f.found["design"][s, p])
            f.at_most("modules_of_one_design", "sp", (s, p), total)


def _floor(f: Formulation) -> None:
    for s, site in enumerate(f.instance.sites):
        if site.floor_m2 == float("inf"):
            continue
        row = Terms()
        for p, module in enumerate(f.instance.modules):
            row.constant += module.floor_m2 * float(module.exists[s]) / THOUSAND
            for t in range(f.quarters):
                if (s, p, t) in f.found["build"]:
                    row.add(module.floor_m2 / THOUSAND, f.found["build"][s, p, t])
        f.at_most("floor", "s", s, row, site.floor_m2 / THOUSAND)


def _usable(f: Formulation, keys: list[tuple[int, int]]) -> None:
    """Add the modules that may be filled: all but the spare ones, and none before there are more than these."""
    instance = f.instance
    spared = [(s, p, t) for s, p in keys if instance.sites[s].spare_modules > 0 for t in range(f.quarters)]
    usable = f.variables("usable", "spt", spared)
    staged = [key for key in spared if instance.modules[key[1]].exists[key[0]] < instance.sites[key[0]].spare_modules]
    using = f.binaries("using", "spt", staged)
    for (s, p, t), variable in usable.items():
        spare = instance.sites[s].spare_modules
        row = Terms()
        row.add(1.0, variable)
        row.add(-1.0, f.found["modules"][s, p, t])
        if (s, p, t) not in using:
            f.equal("spare_modules", "spt", (s, p, t), row, -float(spare))
            continue
        row.add(float(spare), using[s, p, t])
        f.at_most("spare_modules", "spt", (s, p, t), row)
        none = Terms()
        none.add(1.0, variable)
        most = max(instance.modules[p].most, int(instance.modules[p].exists[s]))
        none.add(-float(max(most - spare, 0)), using[s, p, t])
        f.at_most("modules_beyond_spares", "spt", (s, p, t), none)
        # Modules stay, so what may be filled once may be filled ever after, and a design is chosen if it ever may.
        then = Terms()
        then.add(1.0, using[s, p, t])
        then.add(-1.0, using[s, p, t + 1] if t < f.last else f.found["design"][s, p])
        f.at_most("spares_stay", "spt", (s, p, t), then)
    for s, p in keys:
        if instance.sites[s].spare_modules == 0:
            for t in range(f.quarters):
                usable[s, p, t] = f.found["modules"][s, p, t]


def _filled(f: Formulation, keys: list[tuple[int, int]]) -> None:
    """Add the nodes by design of module: a type of node that only one design can take is in that one."""
    nodes = f.found["nodes"]
    fitting = {(s, g): designs(f, s, g) for s, g, _, _ in nodes}
    split = [(s, g, p, t, d) for s, g, t, d in nodes if len(fitting[s, g]) > 1 for p in fitting[s, g]]
    filled = f.variables("filled", "sgptd", split)
    for (s, g, t, d), total in nodes.items():
        if len(fitting[s, g]) == 1:
            filled[s, g, fitting[s, g][0], t, d] = total
            continue
        row = Terms()
        row.add(-1.0, total)
        for p in fitting[s, g]:
            row.add(1.0, filled[s, g, p, t, d])
        f.equal("nodes_in_modules", "sgtd", (s, g, t, d), row)
    for s, p in keys:
        for t in range(f.quarters):
            for d in range(len(f.slips)):
                _limits(f, s, p, t, d)


def _limits(f: Formulation, s: int, p: int, t: int, d: int) -> None:
    """Add what nodes fill of a design's modules.

    A node stands in one module, so it fills a share of it: one over how many of its type a module takes. For one type
    of node that is exact. For several it is a rule on the safe side of their watts: what a type leaves over in a module
    is not counted on for another.
    """
    module = f.instance.modules[p]
    provisioned, breakers, racks = Terms(), Terms(), Terms()
    for g, kind in enumerate(f.instance.nodes):
        variable = f.found["filled"].get((s, g, p, t, d))
        if variable is not None:
            if kind.provisioned_w > 0.0:
                provisioned.add(module.capacity_w / MW / per_module(f, g, p), variable)
            breakers.add(kind.rated_w / MW, variable)
            racks.add(1.0 / per_rack(f, g, p), variable)
    if not racks:
        return
    provisioned.add(-module.capacity_w / MW, f.found["usable"][s, p, t])
    breakers.add(-module.breaker_w / MW, f.found["modules"][s, p, t])
    racks.add(-float(module.racks), f.found["usable"][s, p, t])
    f.at_most("provisioned_power", "sptd", (s, p, t, d), provisioned)
    f.at_most("breakers", "sptd", (s, p, t, d), breakers)
    f.at_most("racks", "sptd", (s, p, t, d), racks)
