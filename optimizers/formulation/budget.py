"""Budget: what may be spent on purchases in a quarter, not discounted: spares, batteries and panels are among them."""

from __future__ import annotations

import math

from .formulation import THOUSAND, Formulation


def build(f: Formulation) -> None:
    """Limit the purchases of each quarter."""
    for t in range(f.quarters):
        limit_usd = float(f.instance.budget_usd[t])
        if f.capital[t] and math.isfinite(limit_usd):
            f.at_most("budget", "t", t, f.capital[t], limit_usd / THOUSAND)
