"""Capacity: what works at a site is what is available of its nodes, hour by hour."""

from __future__ import annotations

from .formulation import Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `work + gangs <= availability nodes` by site, type, mode, quarter, hour and future."""
    instance = f.instance
    users: dict[tuple[int, int, int, int, int, int], Terms] = {}
    for (s, g, m, _, t, h, o), variable in f.found["work"].items():
        row = users.get((s, g, m, t, h, o))
        if row is None:
            row = users[s, g, m, t, h, o] = Terms()
        row.coefficients.append(1.0)
        row.variables.append(variable)
    gangs: dict[tuple[int, int, int, int, int], Terms] = {}
    for (j, s, g, m, _, t, o), variable in f.found["copies"].items():
        gangs.setdefault((s, g, f.alike[m], t, o), Terms()).add(float(instance.gangs[j].nodes[g]), variable)
    for s, g, m, t, o in gangs:
        if not any((s, g, m, t, h, o) in users for h in f.counted[t]):
            users[s, g, m, t, f.counted[t][0], o] = Terms()
    for (s, g, m, t, h, o), row in users.items():
        if (s, g, m, t, o) in gangs:
            row.add_all(1.0, gangs[s, g, m, t, o])
        for other, mode in enumerate(instance.modes):
            if f.alike[other] == m:
                row.add(-float(mode.availability[g]), f.found["run"][s, g, other, t, f.slip_of[o]])
        f.at_most("capacity", "sgmtho", (s, g, m, t, h, o), row)
