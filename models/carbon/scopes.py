"""What a run emitted, by the scopes of the Greenhouse Gas Protocol."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class CarbonByScope:
    """Carbon of a run [kg of CO2 equivalent].

    `fuel_kg` is scope 1: fuel burnt on the site, by what burns it (generator sets, turbines, fuel cells).
    `location_kg` and `market_kg` are scope 2, two accounts of the same electricity from the grid, of which a sum takes
    one; `market_kg` is None where nothing is said of contracts. `embodied_kg` is scope 3, the part of making what
    stands there that the run bears.

    Source: GHG Protocol, A Corporate Accounting and Reporting Standard, and Scope 2 Guidance (World Resources
    Institute, 2004 and 2015).
    """

    fuel_kg: Mapping[str, float]
    location_kg: float
    market_kg: float | None = None
    embodied_kg: float = 0.0

    @property
    def operational_location_kg(self) -> float:
        """Scopes 1 and 2 with the grid's intensity of the hour: what CUE divides."""
        return math.fsum((*self.fuel_kg.values(), self.location_kg))

    @property
    def operational_market_kg(self) -> float | None:
        """Scopes 1 and 2 with contracts; None where nothing is said of them."""
        return None if self.market_kg is None else math.fsum((*self.fuel_kg.values(), self.market_kg))
