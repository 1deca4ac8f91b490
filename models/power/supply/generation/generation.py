"""Power made on the site from fuel, until feeds arrive or for good: the contract of every kind."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from ....section import Section
from ....units import CarbonIntensity, Duration, EnergyPrice, Power, PowerPrice, quantity

if TYPE_CHECKING:
    import numpy as np

_ALMOST = 1.0 - 1e-12  # so that a load of exactly n ratings takes n units, whatever the rounding of the quotient


class OnSiteGeneration(Section):
    """Alike units that burn fuel and share their load equally. YAML selects a kind by `kind:`.

    No unit runs below its minimum load. Fuel is a straight line of load through the efficiencies at full and half load
    (as in NREL's REopt.jl), on the higher heating value.
    """

    role: Literal["bridging", "prime"] = "bridging"
    """`bridging` gives what the feeds of the grid can not; `prime` comes before the grid."""
    units: int = Field(ge=1)
    """How many units there are, the spare ones included."""
    spare: int = Field(default=0, ge=0)
    """How many of them may be lost without loss of load (the k of N+k); none is an assumption."""
    rating: Annotated[Power, Field(gt=0.0)]
    """The most that one unit gives, in the air of the site at its hottest."""
    in_service: Duration = quantity("0 s")
    """When the units come, from the scenario's start."""
    retire_at: Duration | None = None
    """When they leave, from the scenario's start, such as the day on which a feed arrives; never if nothing is said."""
    fuel_price: EnergyPrice
    """Price of the fuel's energy on its higher heating value, such as `14 USD/MWh` (about 4.1 USD per MMBtu). It has
    no default: state the price that you plan with."""
    fuel_carbon: CarbonIntensity = quantity("181 g/kWh")
    """CO2 of the fuel's energy on its higher heating value: natural gas, 53.06 kg per MMBtu (40 CFR 98, table C-1).
    Leaks on the way to the site are not in it."""
    efficiency_full_load: float = Field(gt=0.0, lt=1.0)
    """Electrical energy over the fuel's (higher heating value) at full load."""
    efficiency_half_load: float = Field(gt=0.0, lt=1.0)
    """The same at half load; at most that of full load, and more than half of it."""
    minimum_load: float = Field(ge=0.0, le=1.0)
    """The least load of a unit that runs, over its rating."""
    start_time: Duration
    """From the call of a cold unit until it takes load."""
    ramp_time: Annotated[Duration, Field(gt=0.0)]
    """How long a unit takes from no load to its rating."""
    availability: float = Field(gt=0.0, le=1.0)
    """Share of the time in which a unit is not out for maintenance or repair."""
    cost: PowerPrice
    """Price of the units, once, for each W of rating."""
    upkeep: EnergyPrice
    """Maintenance for each unit of electrical energy."""

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        faults = []
        if self.spare >= self.units:
            faults.append(f"'spare' is {self.spare} of {self.units} units; at least one must be left to carry load")
        full, half = self.efficiency_full_load, self.efficiency_half_load
        if not full / 2.0 < half <= full:
            faults.append(
                f"'efficiency_half_load' is {half:g}; allowed is above {full / 2.0:g} (else half load burns no less "
                f"than full load) up to 'efficiency_full_load', {full:g} (else no load burns less than nothing)"
            )
        if self.retire_at is not None and self.retire_at <= self.in_service:
            faults.append("'retire_at' must be later than 'in_service'")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def firm_w(self) -> float:
        """What the units give with the spare ones lost [W]."""
        return (self.units - self.spare) * self.rating

    @property
    def capital_cost_usd(self) -> float:
        """Price of all units [USD]."""
        return self.units * self.rating * self.cost

    @property
    def ramp_w_per_s(self) -> float:
        """How fast one running unit changes its power [W/s]."""
        return self.rating / self.ramp_time

    def is_there(self, now_s: float) -> bool:
        """Return whether the units are on site at a time [s from the scenario's start]."""
        return self.in_service <= now_s and (self.retire_at is None or now_s < self.retire_at)

    def available_units(self, random: np.random.Generator) -> int:
        """Return how many units are not out for maintenance or repair: one draw a unit."""
        return int((random.random(self.units) < self.availability).sum())

    def running(self, power_w: float) -> int:
        """Return how many units run to give a power [W]: the fewest, which burn least."""
        return max(1, math.ceil(power_w / self.rating * _ALMOST)) if power_w > 0.0 else 0

    def deliverable_w(self, wanted_w: float, units: int | None = None) -> float:
        """Return the most that the units can give without giving more than is wanted [W].

        It is less than wanted above their capacity, and where one unit more would run below its minimum load.
        """
        most = self.units if units is None else units
        count = min(self.running(wanted_w), most)
        if count and wanted_w < count * self.minimum_load * self.rating:
            return (count - 1) * self.rating
        return min(max(wanted_w, 0.0), most * self.rating)

    def power_w(self, load_w: float, feeds_w: float, units: int | None = None) -> float:
        """Return what the units give of a load [W] beside feeds that can bring `feeds_w`; never more than the load.

        Prime units take all that they can. Bridging units take what is beyond the feeds, and somewhat more where
        their minimum load asks for it: the feeds then bring less.
        """
        if self.role == "prime":
            return self.deliverable_w(load_w, units)
        short_w = load_w - feeds_w
        if short_w <= 0.0:
            return 0.0
        most = self.units if units is None else units
        count = min(self.running(short_w), most)
        least_w = max(min(short_w, count * self.rating), count * self.minimum_load * self.rating)
        return least_w if least_w <= load_w else self.deliverable_w(load_w, units)

    def fuel_w(self, power_w: float) -> float:
        """Return the fuel's energy that is burnt for a power [W], by the fewest units that give it.

        With x the load of a unit over its rating, fuel = rating (a + b x), b = 2 / full - 1 / half efficiency.
        """
        if power_w <= 0.0:
            return 0.0
        slope = 2.0 / self.efficiency_full_load - 1.0 / self.efficiency_half_load
        intercept = 1.0 / self.efficiency_full_load - slope
        return intercept * self.running(power_w) * self.rating + slope * power_w

    def fuel_j(self, power_w: float, duration_s: float) -> float:
        """Return the fuel's energy [J] for a constant power [W] over a time [s]."""
        return self.fuel_w(power_w) * duration_s

    def fuel_cost_usd(self, fuel_j: float) -> float:
        """Return the price of fuel [USD]."""
        return fuel_j * self.fuel_price

    def carbon_kg(self, fuel_j: float) -> float:
        """Return the CO2 of fuel [kg]."""
        return fuel_j * self.fuel_carbon

    def upkeep_usd(self, energy_j: float) -> float:
        """Return the maintenance for electrical energy [USD]."""
        return energy_j * self.upkeep
