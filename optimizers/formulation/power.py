"""IT power by module: what nodes draw idle and at work, and networks and storage beside them.

What works may draw what modules beyond the spare ones take: with as many out, the others carry all of it.
In a design hour no work counts, so the load of every other hour must have room in it: the hour's IT power is at least
that of each hour of its quarter (of the same hour of every day, where the design day is as long), gangs at full work
and services at the busiest moment of what the hour stands for.
"""

from __future__ import annotations

from .formulation import MW, Formulation
from .most import buildable
from .surges import CLASSES, above_mean, gang_mw
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `it_power[s,p,t,h,o]` [MW], by design of module, and `steady_power[s,c,t,o]`: what no hour changes."""
    instance = f.instance
    keys = [
        (s, p, t, h, o)
        for s in range(len(instance.sites))
        for p in buildable(f, s)
        for o in range(len(instance.futures))
        for t in range(f.quarters)
        for h in range(instance.hours.count)
    ]
    power = f.variables("it_power", "sptho", keys)
    # What a design hour carries keeps to the modules by the design hour's row.
    carried = {(t, each) for t in range(f.quarters) for _, like in _likened(f, t) for each in like}
    for (s, p, t, h, o), variable in power.items():
        if (t, h) in carried:
            continue
        row = Terms()
        row.coefficients = [1.0, -instance.modules[p].capacity_w / MW]
        row.variables = [variable, f.found["usable"][s, p, t]]
        f.at_most("module_power", "sptho", (s, p, t, h, o), row)
    _share(f)
    at_work = _at_work(f)
    training = _training(f)
    # What no hour changes is summed once a quarter: the rows of hours stay short, which the solver is quick with.
    steadily = [
        (s, c, t, o)
        for s in range(len(instance.sites))
        for c in range(len(CLASSES))
        for t in range(f.quarters)
        for o in range(len(instance.futures))
    ]
    steady_power = f.variables("steady_power", "scto", steadily)
    for s in range(len(instance.sites)):
        for c, cooling in enumerate(CLASSES):
            designs = [p for p in buildable(f, s) if instance.modules[p].cooling == cooling]
            for t in range(f.quarters):
                for o in range(len(instance.futures)):
                    steady = _always(f, s, cooling, t, o)
                    steady.add_all(1.0, training.get((s, c, t, o), Terms()))
                    steady.add(-1.0, steady_power[s, c, t, o])
                    f.equal("steady_balance", "scto", (s, c, t, o), steady)
                    for h in f.counted[t]:
                        row = at_work.get((s, c, t, h, o)) or Terms()
                        row.add(1.0, steady_power[s, c, t, o])
                        for p in designs:
                            row.add(-1.0, power[s, p, t, h, o])
                        f.equal("it_balance", "sctho", (s, c, t, h, o), row)
    _design_hours(f)
    _provision(f)


def _always(f: Formulation, s: int, cooling: str, t: int, o: int) -> Terms:
    """Return what a site draws whether it works or not, of a class of cooling [MW]."""
    instance = f.instance
    terms = Terms()
    for g, kind in enumerate(instance.nodes):
        key = (s, g, t, f.slip_of[o])
        if kind.cooling == cooling and key in f.found["nodes"]:
            terms.add(kind.idle_w / MW, f.found["nodes"][key])
    terms.add_all(1.0, shared_power(f, s, cooling, t))
    return terms


def shared_power(f: Formulation, s: int, cooling: str, t: int) -> Terms:
    """Return what networks and storage of a site draw in a class of cooling [MW].

    They stand where there is room: in modules of either class, as the plan splits them, or of the only one there is.
    """
    c = CLASSES.index(cooling)
    if (s, c, t) in f.found["shared"]:
        terms = Terms()
        terms.add(1.0, f.found["shared"][s, c, t])
        return terms
    able = _able(f, s)
    # Where no module can be, nothing can draw either: one row says so.
    return _of_networks(f, s, t) if cooling == (able[0] if able else CLASSES[0]) else Terms()


def _share(f: Formulation) -> None:
    """Add `shared[s,c,t]` [MW]: what networks and storage draw, where modules of both classes can be, by class."""
    split = [
        (s, t)
        for s in range(len(f.instance.sites))
        for t in range(f.quarters)
        if len(_able(f, s)) > 1 and _of_networks(f, s, t)
    ]
    shared = f.variables("shared", "sct", [(s, c, t) for s, t in split for c in range(len(CLASSES))])
    for s, t in split:
        row = _of_networks(f, s, t)
        for c in range(len(CLASSES)):
            row.add(-1.0, shared[s, c, t])
        f.equal("networks_by_class", "st", (s, t), row)


def _able(f: Formulation, s: int) -> list[str]:
    """Return the classes of cooling of which modules stand at a site or can within the horizon, air first."""
    found = {f.instance.modules[p].cooling for p in buildable(f, s)}
    return [cooling for cooling in CLASSES if cooling in found]


def _of_networks(f: Formulation, s: int, t: int) -> Terms:
    """Return what networks and storage of a site draw in a quarter [MW]."""
    terms = Terms()
    for n, fabric in enumerate(f.instance.fabrics):
        if (s, n, t) in f.found["fabrics"]:
            terms.add(fabric.power_w / MW, f.found["fabrics"][s, n, t])
    for k, store in enumerate(f.instance.stores):
        if (s, k, t) in f.found["stores"]:
            terms.add(store.power_w / MW, f.found["stores"][s, k, t])
    return terms


def _provision(f: Formulation) -> None:
    """Provision networks and storage too: with the nodes they fill no more than the modules beyond the spare ones.

    One row for all designs of a class: each holds its own nodes by `provisioned_power`, and what draws for all stands
    where there is room.
    """
    instance = f.instance
    for s in range(len(instance.sites)):
        for c, cooling in enumerate(CLASSES):
            designs = [p for p in buildable(f, s) if instance.modules[p].cooling == cooling]
            for t in range(f.quarters):
                shared = shared_power(f, s, cooling, t)
                if not shared:
                    continue
                for p in designs:
                    shared.add(-instance.modules[p].capacity_w / MW, f.found["usable"][s, p, t])
                for d in range(len(f.slips)):
                    row = Terms()
                    row.add_all(1.0, shared)
                    for g, kind in enumerate(instance.nodes):
                        if kind.cooling == cooling and (s, g, t, d) in f.found["nodes"]:
                            row.add(kind.provisioned_w / MW, f.found["nodes"][s, g, t, d])
                    f.at_most("provisioned_with_networks", "sctd", (s, c, t, d), row)


def _at_work(f: Formulation) -> dict[tuple[int, int, int, int, int], Terms]:
    """Return what nodes draw for being at work, by site, class of cooling, quarter, hour and future [MW]."""
    instance = f.instance
    busy_mw = [(each.busy_w / MW).tolist() for each in f.work]
    cooled = [CLASSES.index(kind.cooling) for kind in instance.nodes]
    found: dict[tuple[int, int, int, int, int], Terms] = {}
    for (s, g, _, v, t, h, o), variable in f.found["work"].items():
        key = (s, cooled[g], t, h, o)
        terms = found.get(key)
        if terms is None:
            terms = found[key] = Terms()
        terms.add(busy_mw[v][g], variable)
    return found


def _training(f: Formulation) -> dict[tuple[int, int, int, int], Terms]:
    """Return what gangs draw for training, by site, class of cooling, quarter and future [MW]."""
    found: dict[tuple[int, int, int, int], Terms] = {}
    for (j, s, g, m, n, t, o), variable in f.found["trained"].items():
        key = (s, CLASSES.index(f.instance.nodes[g].cooling), t, o)
        found.setdefault(key, Terms()).add(gang_mw(f, j, g), variable)
        del m, n
    return found


def _design_hours(f: Formulation) -> None:
    """Give the modules of each design room in a design hour for what they take in every hour that it carries."""
    power = f.found["it_power"]
    for t in range(f.quarters):
        for h, like in _likened(f, t):
            for s in range(len(f.instance.sites)):
                for p in buildable(f, s):
                    for o in range(len(f.instance.futures)):
                        for each in like:
                            row = Terms()
                            row.add(1.0, power[s, p, t, h, o])
                            row.add(-1.0, power[s, p, t, each, o])
                            row.add_all(-1.0, above_mean(f, s, p, t, each, o))
                            rows = f.family("design_load")
                            name = (*f.named("sptho", (s, p, t, h, o)), each)
                            rows.add(name, (0.0, row.expression(), None))


def _likened(f: Formulation, t: int) -> list[tuple[int, list[int]]]:
    """Return each design hour of a quarter with the hours whose load it must carry."""
    found = []
    for day in f.instance.hours.days:
        for place in range(day.count):
            h = day.first + place
            if f.weight_h[t][h] > 0.0:
                continue
            same = [
                other.first + place
                for other in f.instance.hours.days
                if day.count > 1 and other.count == day.count and f.weight_h[t][other.first + place] > 0.0
            ]
            found.append((h, same or f.counted[t]))
    return found
