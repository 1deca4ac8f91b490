"""Surges: what is drawn at the busiest moment of what an hour stands for beyond the hour's mean.

Energy follows the mean. The demand charge bills the busiest moment, and a design hour has room for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from .formulation import MW, Formulation
from .most import buildable
from .terms import Terms

CLASSES = ("air", "liquid")


def gang_mw(f: Formulation, j: int, g: int) -> float:
    """Return what a gang draws beside the idle power of its nodes while it trains [MW]."""
    gang = f.instance.gangs[j]
    return float(gang.busy_w[g]) * int(gang.nodes[g]) / MW


def above_mean(f: Formulation) -> dict[tuple[int, int, int, int, int], Terms]:
    """Return what is drawn at the busiest moment of an hour that counts beyond its mean, by site, class of cooling,
    quarter, hour and future [MW]: by services, and by gangs that train for a part of the quarter at full power."""
    cooled = [CLASSES.index(kind.cooling) for kind in f.instance.nodes]
    found: dict[tuple[int, int, int, int, int], Terms] = {}
    for (s, g, _, v, t, h, o), variable in f.found["work"].items():
        above = f.peak(v, t, h) - 1.0
        if above > 0.0:
            terms = found.setdefault((s, cooled[g], t, h, o), Terms())
            terms.add(above * float(f.work[v].busy_w[g]) / MW, variable)
    for key, variable in f.found["trained"].items():
        j, s, g, _, _, t, o = key
        for h in f.counted[t]:
            terms = found.setdefault((s, cooled[g], t, h, o), Terms())
            terms.add(gang_mw(f, j, g), f.found["copies"][key])
            terms.add(-gang_mw(f, j, g), variable)
    return found


def surges_mw(f: Formulation, charged: Sequence[int]) -> dict[tuple[int, int, int, int], Terms]:
    """Return what sites with a demand charge draw at an hour's busiest moment beyond its mean, by site, quarter, hour
    and future [MW]. Batteries and panels do the same all hour: the grid bears it.

    Where a class of cooling has several designs, `surge[s,p,t,h,o]` [MW of IT] is split over those that stand.
    """
    slope = [module.slope.tolist() for module in f.instance.modules]
    above = {key: terms for key, terms in above_mean(f).items() if key[0] in charged}
    of_class = {
        (s, c): [p for p in buildable(f, s) if f.instance.modules[p].cooling == cooling]
        for s in charged
        for c, cooling in enumerate(CLASSES)
    }
    several = [key for key in above if len(of_class[key[:2]]) > 1]
    surge = f.variables("surge", "sptho", [(s, p, t, h, o) for s, c, t, h, o in several for p in of_class[s, c]])
    found: dict[tuple[int, int, int, int], Terms] = {}
    for (s, c, t, h, o), terms in above.items():
        total = found.setdefault((s, t, h, o), Terms())
        designs = of_class[s, c]
        if len(designs) == 1:
            total.add_all(slope[designs[0]][s][t][h], terms)
            continue
        split = Terms()
        split.add_all(-1.0, terms)
        for p in designs:
            variable = surge[s, p, t, h, o]
            split.add(1.0, variable)
            total.add(slope[p][s][t][h], variable)
            room = Terms()
            room.add(1.0, variable)
            room.add(-f.instance.modules[p].capacity_w / MW, f.found["usable"][s, p, t])
            f.at_most("surge_in_modules", "sptho", (s, p, t, h, o), room)
        f.equal("surge_by_design", "sctho", (s, c, t, h, o), split)
    return found
