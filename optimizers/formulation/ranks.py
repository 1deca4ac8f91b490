"""How weighty the integer variables are: what a solver should decide first."""

from __future__ import annotations

from ..branching import CHOICES, RISING
from .formulation import Formulation

STOCKS = ("modules", "fabrics", "stores", "battery", "panels")
"""What stands of whole orders. To decide on orders one by one would move a unit from quarter to quarter."""


def ranks(f: Formulation) -> dict[int, float]:
    """Return the rank of each integer variable, and of `STOCKS`, by its identity, as `Branching` wants them."""
    found = {}
    for name, variables in f.found.items():
        place = f.dimensions[name].find("t")
        for key, variable in variables.items():
            # Some families lend their variables to others under another name.
            if variable.parent_component().name != name:
                continue
            if name in STOCKS:
                found[id(variable)] = float(len(CHOICES) + key[place])
            elif variable.is_continuous():
                continue
            elif name not in CHOICES:
                found[id(variable)] = float(len(CHOICES) + f.quarters + key[place])
            elif name in RISING:
                found[id(variable)] = CHOICES.index(name) + key[place] / f.quarters
            else:
                found[id(variable)] = float(CHOICES.index(name))
    return found
