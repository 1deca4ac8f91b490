"""Capacity: what works at a site is what is available of its nodes, hour by hour."""

from __future__ import annotations

from .formulation import Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `peak work <= free[s,g,m,t,o]` in every hour: what gangs leave of the nodes available in a quarter.

    A service holds its nodes for the busiest moment of what the hour stands for, so its work counts times that peak.
    Several peaks in an hour count as if they came at once, and batch work does not give way to them: both are safe.
    """
    instance = f.instance
    users: dict[tuple[int, int, int, int, int, int], Terms] = {}
    for (s, g, m, v, t, h, o), variable in f.found["work"].items():
        row = users.get((s, g, m, t, h, o))
        if row is None:
            row = users[s, g, m, t, h, o] = Terms()
        row.coefficients.append(f.peak(v, t, h))
        row.variables.append(variable)
    gangs: dict[tuple[int, int, int, int, int], Terms] = {}
    for (j, s, g, m, _, t, o), variable in f.found["copies"].items():
        gangs.setdefault((s, g, f.alike[m], t, o), Terms()).add(float(instance.gangs[j].nodes[g]), variable)
    free = f.variables("free", "sgmto", sorted({(s, g, m, t, o) for s, g, m, t, _, o in users} | set(gangs)))
    for (s, g, m, t, o), variable in free.items():
        left = gangs.get((s, g, m, t, o)) or Terms()
        left.add(1.0, variable)
        for other, mode in enumerate(instance.modes):
            if f.alike[other] == m:
                left.add(-float(mode.availability[g]), f.found["run"][s, g, other, t, f.slip_of[o]])
        f.at_most("available", "sgmto", (s, g, m, t, o), left)
    for (s, g, m, t, h, o), row in users.items():
        row.add(-1.0, free[s, g, m, t, o])
        f.at_most("capacity", "sgmtho", (s, g, m, t, h, o), row)
