"""The sites of a plan in numbers, and what each can have built for its energy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Battery:
    """Batteries that shift energy within a day, in units of one size."""

    unit_j: float
    unit_w: float
    """Greatest charge and discharge, at the grid's side."""
    round_trip: float
    """Share of the energy charged that comes back, above 0 to 1; all of it is lost in charging."""
    price_usd: float
    most: int


@dataclass(frozen=True, eq=False)
class Photovoltaics:
    """Panels at the site."""

    unit_w: float
    price_usd: float
    most: int
    output: NDArray[np.float64]
    """Output over rated power, shape (quarter, hour)."""
    embodied_kg: float = 0.0
    """kg of CO2 equivalent of making a unit."""


@dataclass(frozen=True)
class PowerPurchase:
    """A contract for difference over a constant power, from the horizon's start to its end."""

    most_w: float
    strike_usd_per_kwh: float
    """What a kWh costs under it; the buyer pays the strike and gets the spot price for all of it."""


@dataclass(frozen=True)
class Bridging:
    """Generation rented by the quarter until the grid is there."""

    unit_w: float
    rent_usd: float
    """Of a unit and quarter."""
    fuel_usd_per_kwh: float
    carbon_kg_per_kwh: float
    most: int


@dataclass(frozen=True, eq=False)
class SiteFigures:
    """A site. Arrays are by future, quarter and hour in this order."""

    name: str
    exists: bool
    """Whether it is open at the start."""
    opening_usd: float
    fixed_usd: float
    """Of a quarter while it is open."""
    grid_w: NDArray[np.float64]
    """What the grid grants, shape (future, quarter)."""
    price_usd_per_kwh: NDArray[np.float64]
    """Shape (future, quarter, hour)."""
    demand_charge_usd_per_kw: float
    """Of the highest power from the grid in a quarter, for the quarter."""
    carbon_kg_per_kwh: NDArray[np.float64]
    """Of electricity from the grid, shape (quarter, hour)."""
    floor_m2: float
    """Floor for modules; infinity where nobody limits it."""
    water_m3: float
    """Water that may be used in a quarter; infinity where nobody limits it."""
    water_usd_per_m3: float
    spare_modules: int
    """Modules of each kind beyond those that the load needs: the k of N+k."""
    battery: Battery | None = None
    photovoltaics: Photovoltaics | None = None
    power_purchase: PowerPurchase | None = None
    bridging: Bridging | None = None
