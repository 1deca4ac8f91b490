"""The section `plan.sites`: where halls stand or may stand, and what each can have for its energy."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from models.section import Section
from models.site import Site
from models.units import Area, CarbonIntensity, Energy, EnergyPrice, Mass, Money, Power, Volume, quantity

from .quarter import PowerCurve
from .ranges import Count, NoneOrMore

PositivePower = Annotated[Power, Field(gt=0.0)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class BatteryUnits(Section):
    """Batteries that shift energy within a day."""

    energy: Annotated[Energy, Field(gt=0.0)]
    """J that one unit holds."""
    power: PositivePower
    """W that one unit charges and discharges with, at the grid's side."""
    round_trip: float = Field(default=0.86, gt=0.0, le=1.0)
    """Share of the energy charged that comes back; 0.86 is an assumption (lithium-ion with its converters)."""
    price: Money
    """USD of a unit."""
    most: Count
    """Units that the site has room for."""


class PanelUnits(Section):
    """Solar panels at the site."""

    power: PositivePower
    """W of one unit at its rating."""
    price: Money
    """USD of a unit."""
    most: Count
    """Units that the site has room for."""
    output: tuple[Share, ...] = Field(min_length=24, max_length=24)
    """Output over rating in each hour of a day in UTC, clouds counted."""
    embodied_carbon: Mass = quantity("0 kg")
    """kg of CO2 equivalent of making a unit; nothing is an assumption."""


class PowerContract(Section):
    """A contract for difference over a constant power, for the whole horizon."""

    most: PositivePower
    """W that are offered."""
    strike: EnergyPrice
    """What a kWh costs under it: the buyer pays this price and gets the spot price in turn."""


class BridgingUnits(Section):
    """Generation that is rented by the quarter until the grid is there."""

    power: PositivePower
    """W of one unit."""
    rent: Money
    """USD of a unit and quarter."""
    fuel: EnergyPrice
    """Fuel for a kWh of electricity."""
    carbon: CarbonIntensity
    """Carbon of a kWh of electricity."""
    most: Count
    """Units that can be had."""


class PlanSite(Section):
    """A site."""

    site: Site = Site()
    """Weather, prices, carbon intensity and water, as in a scenario. The tariff is needed."""
    exists: bool = True
    """Whether it is open when the plan begins. An open site stays open to the end of the plan: it is paid for, its crew
    is, and what its modules draw, even where no node is left."""
    opening: Money = quantity("0 USD")
    """What it costs to open a site that does not exist."""
    fixed: Money = quantity("0 USD")
    """What an open site costs in a quarter, whatever stands there: lease, guards, management."""
    grid: PowerCurve
    """W that the grid grants, in tranches: `{2027-Q1: 5 MW, 2028-Q1: 12 MW}` is 5 MW and later 12 MW in all."""
    floor: Area | None = None
    """m2 of floor for modules; without limit if nothing is said."""
    water_per_year: Volume | None = None
    """m3 of water that may be used in a year; without limit if nothing is said."""
    spare_modules: NoneOrMore = 1
    """Modules of each design beyond those that the load needs: the k of N+k. 1 is an assumption."""
    battery: BatteryUnits | None = None
    """Batteries that can be bought."""
    photovoltaics: PanelUnits | None = None
    """Solar panels that can be bought."""
    power_purchase: PowerContract | None = None
    """A power purchase agreement that is offered."""
    bridging: BridgingUnits | None = None
    """Generation that can be rented."""

    @model_validator(mode="after")
    def _opening_of_new_sites(self) -> Self:
        if self.exists and self.opening:
            raise ValueError("'opening' is what a new site costs: leave it out, or say 'exists: false'")
        return self
