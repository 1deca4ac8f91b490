"""Surges: what is drawn at the busiest moment of what an hour stands for beyond the hour's mean.

Energy follows the mean. The demand charge bills the busiest moment, and a design hour has room for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .formulation import MW, Formulation
from .most import buildable
from .terms import Terms

CLASSES = ("air", "liquid")


def build(f: Formulation) -> None:
    """Add `resting_power[s,p,t,o]` and `peak_power[s,p,t,h,o]` [MW of IT]: what gangs that train for a part of the
    quarter draw at full power beyond their mean, and services at an hour's busiest moment, by design of module."""
    f.resting = _by_design(f, "resting_power", "spto", _resting(f))
    f.busiest = _by_design(f, "peak_power", "sptho", _busiest(f))


def gang_mw(f: Formulation, j: int, g: int) -> float:
    """Return what a gang draws beside the idle power of its nodes while it trains [MW]."""
    gang = f.instance.gangs[j]
    return float(gang.busy_w[g]) * int(gang.nodes[g]) / MW


def above_mean(f: Formulation, s: int, p: int, t: int, h: int, o: int) -> Terms:
    """Return what the modules of a design take at the busiest moment of an hour that counts beyond its mean [MW]."""
    total = Terms()
    for found in (f.resting.get((s, p, t, o)), f.busiest.get((s, p, t, h, o))):
        if found is not None:
            total.add_all(1.0, found)
    return total


def surges_mw(f: Formulation, charged: Sequence[int]) -> dict[tuple[int, int, int, int], Terms]:
    """Return what sites with a demand charge draw at an hour's busiest moment beyond its mean, by site, quarter, hour
    and future [MW]. Batteries and panels do the same all hour: the grid bears it."""
    slope = [module.slope.tolist() for module in f.instance.modules]
    found: dict[tuple[int, int, int, int], Terms] = {}
    for s in charged:
        for t in range(f.quarters):
            for h in f.counted[t]:
                for o in range(len(f.instance.futures)):
                    total = Terms()
                    for p in buildable(f, s):
                        total.add_all(slope[p][s][t][h], above_mean(f, s, p, t, h, o))
                    if total:
                        found[s, t, h, o] = total
    return found


def _resting(f: Formulation) -> dict[tuple[int, ...], Terms]:
    """Return what gangs would draw beside what they do, if they trained all quarter, by site, class of cooling,
    quarter and future [MW]."""
    found: dict[tuple[int, ...], Terms] = {}
    for key, variable in f.found["trained"].items():
        j, s, g, _, _, t, o = key
        terms = found.setdefault((s, CLASSES.index(f.instance.nodes[g].cooling), t, o), Terms())
        terms.add(gang_mw(f, j, g), f.found["copies"][key])
        terms.add(-gang_mw(f, j, g), variable)
    return found


def _busiest(f: Formulation) -> dict[tuple[int, ...], Terms]:
    """Return what services draw at the busiest moment of an hour beyond its mean, by site, class of cooling, quarter,
    hour and future [MW]."""
    found: dict[tuple[int, ...], Terms] = {}
    for (s, g, _, v, t, h, o), variable in f.found["work"].items():
        above = f.peak(v, t, h) - 1.0
        if above > 0.0:
            terms = found.setdefault((s, CLASSES.index(f.instance.nodes[g].cooling), t, h, o), Terms())
            terms.add(above * float(f.work[v].busy_w[g]) / MW, variable)
    return found


def _by_design(f: Formulation, name: str, dimensions: str, drawn: dict[tuple[int, ...], Terms]) -> dict[Any, Terms]:
    """Return what each design takes of what a class of cooling draws, as a variable: rows of hours stay short.

    The sums are by site, class of cooling and more; the shares by site, design and the same. A design that does not
    stand takes nothing.
    """
    designs = {
        (s, c): [p for p in buildable(f, s) if f.instance.modules[p].cooling == cooling]
        for s in range(len(f.instance.sites))
        for c, cooling in enumerate(CLASSES)
    }
    shares = f.variables(name, dimensions, [(s, p, *rest) for s, c, *rest in drawn for p in designs[s, c]])
    for (s, c, *rest), terms in drawn.items():
        row = Terms()
        row.add_all(-1.0, terms)
        for p in designs[s, c]:
            row.add(1.0, shares[s, p, *rest])
            if len(designs[s, c]) > 1:
                room = Terms()
                room.add(1.0, shares[s, p, *rest])
                room.add(-f.instance.modules[p].capacity_w / MW, f.found["usable"][s, p, rest[0]])
                f.at_most(f"{name}_in_modules", dimensions, (s, p, *rest), room)
        f.equal(f"{name}_by_design", dimensions.replace("p", "c"), (s, c, *rest), row)
    found: dict[Any, Terms] = {}
    for key, variable in shares.items():
        found[key] = Terms()
        found[key].add(1.0, variable)
    return found
