"""Gas turbines on the site."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ....units import Duration, EnergyPrice, PowerPrice, quantity
from .generation import OnSiteGeneration


class GasTurbines(OnSiteGeneration):
    """Gas turbines of 14 to 20 MW, simple cycle."""

    kind: Literal["gas-turbine"] = "gas-turbine"
    efficiency_full_load: float = Field(default=0.3155, gt=0.0, lt=1.0)
    """Electrical energy over the fuel's (higher heating value) at full load: those of 14 to 20 MW (NREL's REopt.jl,
    chp_defaults.json)."""
    efficiency_half_load: float = Field(default=0.25, gt=0.0, lt=1.0)
    """The same at half load; at most that of full load, and more than half of it. A turbine loses about a fifth of its
    efficiency there; an assumption."""
    minimum_load: float = Field(default=0.5, ge=0.0, le=1.0)
    """The least load of a unit that runs, over its rating (REopt.jl, as above)."""
    start_time: Duration = quantity("10 min")
    """From the call of a cold unit until it takes load; an assumption."""
    ramp_time: Annotated[Duration, Field(gt=0.0)] = quantity("5 min")
    """How long a unit takes from no load to its rating; an assumption."""
    availability: float = Field(default=0.97, gt=0.0, le=1.0)
    """Share of the time in which a unit is not out: 264 h of maintenance a year (REopt.jl, as above)."""
    cost: PowerPrice = quantity("1474 USD/kW")
    """Price of the units, once, for each W of rating (REopt.jl, as above; it includes the recovery of heat)."""
    upkeep: EnergyPrice = quantity("9.5 USD/MWh")
    """Maintenance for each unit of electrical energy (REopt.jl, as above)."""
