"""Gas engines on the site."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ....units import Duration, EnergyPrice, PowerPrice, quantity
from .generation import OnSiteGeneration


class ReciprocatingEngines(OnSiteGeneration):
    """Gas engines with spark ignition, of 3 to 4.5 MW."""

    kind: Literal["reciprocating-engine"] = "reciprocating-engine"
    efficiency_full_load: float = Field(default=0.4054, gt=0.0, lt=1.0)
    """Electrical energy over the fuel's (higher heating value) at full load: those of 3 to 4.5 MW (NREL's REopt.jl,
    chp_defaults.json)."""
    efficiency_half_load: float = Field(default=0.37, gt=0.0, lt=1.0)
    """The same at half load; at most that of full load, and more than half of it. An engine loses about a tenth of its
    efficiency there; an assumption."""
    minimum_load: float = Field(default=0.25, ge=0.0, le=1.0)
    """The least load of a unit that runs, over its rating (REopt.jl, as above)."""
    start_time: Duration = quantity("5 min")
    """From the call of a cold unit until it takes load; an assumption."""
    ramp_time: Annotated[Duration, Field(gt=0.0)] = quantity("2 min")
    """How long a unit takes from no load to its rating; an assumption."""
    availability: float = Field(default=0.951, gt=0.0, le=1.0)
    """Share of the time in which a unit is not out: 432 h of maintenance a year (REopt.jl, as above)."""
    cost: PowerPrice = quantity("2000 USD/kW")
    """Price of the units, once, for each W of rating (REopt.jl, as above; it includes the recovery of heat)."""
    upkeep: EnergyPrice = quantity("13.5 USD/MWh")
    """Maintenance for each unit of electrical energy (REopt.jl, as above)."""
