"""The section on contracted electricity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...kinds import selected_from
from ...section import Section
from ...series import Series
from ..contracts.contract import EnergyContract
from ..intensity import CarbonSource
from .matching import MarketBasedCarbon, Matching, Supply, market_based_kg

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    AnyContract = EnergyContract
    AnyCarbon = CarbonSource
else:
    AnyContract = selected_from("models.carbon.contracts", EnergyContract)
    AnyCarbon = selected_from("models.carbon", CarbonSource)


class MarketBased(Section):
    """Electricity contracted for, and how it is set against what is drawn."""

    matching: Matching = "annual"
    """`annual` sets a year's supply against the year's energy, as today's accounts do (GHG Protocol Scope 2 Guidance,
    2015); `hourly` each hour's against the hour's (24/7)."""
    contracts: tuple[AnyContract, ...] = ()
    """Contracts, used in this order."""
    residual_mix: AnyCarbon | None = None
    """Intensity of what no contract covers. By default the grid's own, which the guidance allows where no residual mix
    is published; it counts again what others have contracted."""

    def carbon(self, edges_utc_s: ArrayLike, energy_j: ArrayLike, grid: Series | None) -> MarketBasedCarbon:
        """Return the market-based carbon of energy drawn [J], of shape (n,), between n + 1 rising Unix times.

        `grid` is the grid's intensity [kg/J], which stands where no residual mix is given. Raises ValueError where
        neither is there, and what `market_based_kg` and the files of contracts and mix raise.
        """
        import numpy as np

        edges, energy = np.asarray(edges_utc_s, dtype=np.float64), np.asarray(energy_j, dtype=np.float64)
        residual = grid if self.residual_mix is None else self.residual_mix.intensity(float(edges[0]), float(edges[-1]))
        if residual is None:
            raise ValueError("what no contract covers needs a residual mix, or the grid's own intensity")
        supplies = [
            Supply(
                contract.name or str(getattr(contract, "kind", "contract")),
                contract.supplied_j(edges, energy),
                contract.intensity,
                contract.has_hours,
            )
            for contract in self.contracts
        ]
        return market_based_kg(energy, edges, supplies, residual, self.matching)
