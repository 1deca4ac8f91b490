"""What the grid's meter comes to: the bill, and the carbon of what was drawn."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.carbon.market.market_based import MarketBased
from models.carbon.market.matching import MarketBasedCarbon
from models.carbon.operational import operational_carbon_kg
from models.carbon.scopes import CarbonByScope
from models.economics.bill import POWER_COMPONENTS, Bill, bill
from models.economics.tariff import Tariff
from models.economics.tariff_cost import energy_cost_usd
from models.series import Series

from ..engine import state as layout
from .buckets import Buckets
from .columns import instants, texts
from .kpis import Kpis
from .tables import table


@dataclass(frozen=True, eq=False)
class GridAccounts:
    """Money and carbon of the energy drawn from the grid, and of fuel burnt on the site.

    `energy_cost_usd` is the price of the energy of each bucket alone, without the bill's other lines, and
    `location_kg` its carbon at the grid's intensity; each of the shape (bucket,), None where the site has no tariff,
    or no intensity. `fuel_kg` is the carbon of fuel, by what burns it.
    """

    bill: Bill | None
    energy_cost_usd: NDArray[np.float64] | None
    location_kg: NDArray[np.float64] | None
    market: MarketBasedCarbon | None
    fuel_kg: Mapping[str, float] = field(default_factory=dict)

    @property
    def carbon(self) -> CarbonByScope | None:
        """The carbon by scope, embodied carbon left out; None without an intensity of the grid."""
        if self.location_kg is None:
            return None
        market_kg = None if self.market is None else float(self.market.carbon_kg.sum())
        return CarbonByScope(self.fuel_kg, float(self.location_kg.sum()), market_kg)

    def kpis(self) -> Kpis:
        """Return the figures of money and of operational carbon."""
        charged, carbon = self.bill, self.carbon
        market_kg = carbon.operational_market_kg if carbon is not None else None
        if carbon is None and self.market is not None:
            market_kg = math.fsum((*self.fuel_kg.values(), float(self.market.carbon_kg.sum())))
        return {
            "energy_cost_usd": None if charged is None else charged.total_usd,
            "energy_charge_usd": None if charged is None else charged.energy_charge_usd,
            "demand_charge_usd": charged.demand_charge_usd if charged is not None and _has_power(charged) else None,
            "billed_demand_kw": charged.billed_demand_kw if charged is not None and charged.demand else None,
            "carbon_operational_kg": None if carbon is None else carbon.operational_location_kg,
            "carbon_market_based_kg": market_kg,
        }

    def tables(self) -> dict[str, pa.Table]:
        """Return the bill, line by line, and the demand behind it, where there are any."""
        if self.bill is None:
            return {}
        found = {"bill": _lines(self.bill)}
        if self.bill.demand:
            found["demand"] = _demand(self.bill)
        return found

    def notes(self) -> tuple[str, ...]:
        """Return what a reader must know of bill and contracts, one sentence each."""
        return (*(self.bill.notes if self.bill else ()), *(self.market.notes if self.market else ()))


def grid_accounts(
    buckets: Buckets,
    *,
    tariff: Tariff | None,
    price: Series | None,
    intensity: Series | None,
    market_based: MarketBased | None,
    fuel_kg: Mapping[str, float] | None = None,
    exported_j: NDArray[np.float64] | None = None,
) -> GridAccounts:
    """Return what was drawn from the grid, and given to it (`exported_j` of each bucket), in money and carbon.

    The buckets stand on the grids of tariff, carbon intensity and contracts. Without a tariff there is no bill, without
    an intensity no location-based carbon; market-based carbon needs an intensity or a residual mix.
    """
    grid_j = buckets.integral[layout.GRID_POWER]
    edges_utc_s = buckets.edges_utc_s
    if not len(buckets):
        return GridAccounts(None, None, None, None)
    charged = cost_usd = location_kg = market = None
    if tariff is not None and price is not None:
        charged = bill(edges_utc_s, grid_j, tariff, price=price, exported_j=exported_j)
        cost_usd = energy_cost_usd(grid_j, edges_utc_s, price)
    if intensity is not None:
        location_kg = operational_carbon_kg(grid_j, edges_utc_s, intensity)
    if market_based is not None:
        market = market_based.carbon(edges_utc_s, grid_j, intensity)
    return GridAccounts(charged, cost_usd, location_kg, market, dict(fuel_kg or {}))


def _has_power(charged: Bill) -> bool:
    return any(line.component in POWER_COMPONENTS for line in charged.lines)


def _lines(charged: Bill) -> pa.Table:
    lines = charged.lines
    return table(
        {
            "month": texts([line.month for line in lines]),
            "component": texts([line.component for line in lines]),
            "name": texts([line.name for line in lines]),
            "quantity": np.array([line.quantity for line in lines], np.float64),
            "unit": texts([line.unit for line in lines]),
            "amount_usd": np.array([line.amount_usd for line in lines], np.float64),
        }
    )


def _demand(charged: Bill) -> pa.Table:
    months = charged.demand
    peaks_s = np.array([np.nan if each.peak_utc_s is None else each.peak_utc_s for each in months])
    return table(
        {
            "month": texts([each.month for each in months]),
            "name": texts([each.name for each in months]),
            "measured_w": np.array([each.measured_w for each in months]),
            "peak_utc": instants(np.round(1e6 * np.nan_to_num(peaks_s)).astype(np.int64), np.isnan(peaks_s)),
            "ratchet_w": np.array([each.ratchet_w for each in months]),
            "minimum_w": np.array([each.minimum_w for each in months]),
            "billed_w": np.array([each.billed_w for each in months]),
        }
    )
