"""Fuel cells on the site."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ....units import Duration, EnergyPrice, PowerPrice, quantity
from .generation import OnSiteGeneration


class FuelCells(OnSiteGeneration):
    """Fuel cells on natural gas, plants of 1.4 to 9.3 MW. They are slow to warm up: a cold start takes hours."""

    kind: Literal["fuel-cell"] = "fuel-cell"
    efficiency_full_load: float = Field(default=0.413, gt=0.0, lt=1.0)
    """Electrical energy over the fuel's (higher heating value) at full load: plants of 1.4 to 9.3 MW (NREL's REopt.jl,
    chp_defaults.json)."""
    efficiency_half_load: float = Field(default=0.413, gt=0.0, lt=1.0)
    """The same at half load; at most that of full load, and more than half of it. Cells keep their efficiency there; an
    assumption."""
    minimum_load: float = Field(default=0.3, ge=0.0, le=1.0)
    """The least load of a unit that runs, over its rating (REopt.jl, as above)."""
    start_time: Duration = quantity("8 h")
    """From the call of a cold unit until it takes load; an assumption."""
    ramp_time: Annotated[Duration, Field(gt=0.0)] = quantity("30 min")
    """How long a unit takes from no load to its rating; an assumption."""
    availability: float = Field(default=0.97, gt=0.0, le=1.0)
    """Share of the time in which a unit is not out: 264 h of maintenance a year (REopt.jl, as above)."""
    cost: PowerPrice = quantity("3680 USD/kW")
    """Price of the units, once, for each W of rating (REopt.jl, as above; it includes the recovery of heat)."""
    upkeep: EnergyPrice = quantity("40 USD/MWh")
    """Maintenance for each unit of electrical energy (REopt.jl, as above)."""
