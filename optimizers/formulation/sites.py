"""Sites: whether each is open."""

from __future__ import annotations

from .formulation import Formulation
from .terms import Terms


def build(f: Formulation) -> None:
    """Add `open[s,t]`: it never falls, and is 1 where the site exists."""
    sites = f.instance.sites
    is_open = f.binaries("open", "st", [(s, t) for s in range(len(sites)) for t in range(f.quarters)])
    for s, site in enumerate(sites):
        for t in range(f.quarters):
            f.spend("C", t, site.fixed_usd, is_open[s, t])
            if site.exists:
                f.hold(is_open[s, t])
                continue
            f.buy("C", t, site.opening_usd, is_open[s, t])
            if t:
                f.buy("C", t, -site.opening_usd, is_open[s, t - 1])
                row = Terms()
                row.add(1.0, is_open[s, t])
                row.add(-1.0, is_open[s, t - 1])
                f.at_least("opening", "st", (s, t), row)


def only_if_open(
    f: Formulation, family: str, dimensions: str, key: tuple[int, ...], variable: object, lead: int = 0
) -> None:
    """Add that something ordered for a site (first in the key) in a quarter (last) finds the site open `lead` later.

    An order needs no open site, and so neither crew nor guards: they are there from the quarter in which it serves.
    """
    s, t = key[0], key[-1] + lead
    if f.instance.sites[s].exists:
        return
    row = Terms()
    row.add(1.0, variable)
    row.add(-variable.ub, f.found["open"][s, t])  # type: ignore[attr-defined]
    f.at_most(family, dimensions, key, row)
