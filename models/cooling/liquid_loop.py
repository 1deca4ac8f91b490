"""Direct liquid cooling: cold plates, coolant distribution units and the facility's water."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from ..kinds import selected_from
from ..section import Section
from ..units import Power, Temperature, quantity
from .heat_path import PathDuty, SizedHeatPath, fewest_units
from .plants.plant import Duty, Plant

if TYPE_CHECKING:
    AnyPlant = Plant
else:
    AnyPlant = selected_from("models.cooling.plants", Plant)

_LARGEST_W = 1.13e6
_PUMP_SHARE = 8473.47 / 1.13e6


class CoolantDistribution(Section):
    """Coolant distribution units (CDU): pumps of the racks' coolant and an exchanger to the facility's water."""

    unit_capacity: Power | None = Field(default=None, gt=0.0)
    """Heat that a unit takes at its rated approach; by default an equal share of the heat for the fewest units of no
    more than 1,130 kW, Frontier's 28.2 MW over its 25 units."""
    pump_power: Power | None = None
    """Electrical power of a unit's pumps at full flow, all of it heat in the coolant; by default 0.75 % of its
    capacity, Frontier's 8,473.47 W (ExaDigiT/RAPS) over 1,130 kW. Pumps inside racks are IT power, not these."""
    least_flow: float = Field(default=1.0, ge=0.0, le=1.0)
    """Least flow over full flow. The default, constant speed, is that of the same source."""
    approach_k: float = Field(default=4.0, gt=0.0, le=30.0)
    """K between the coolant that leaves to the racks and the facility's water that enters, at full heat. The default
    is an assumption."""
    spare: int = Field(default=1, ge=0)
    """Units beyond those that the heat needs; they all run. The default, N+1, is an assumption."""

    def units_for(self, heat_w: float) -> tuple[int, float, float]:
        """Return how many units a heat [W] needs, and capacity and pump power of each [W]."""
        needed, capacity_w = fewest_units(heat_w, self.unit_capacity, _LARGEST_W)
        return needed, capacity_w, _PUMP_SHARE * capacity_w if self.pump_power is None else self.pump_power


class LiquidCooling(Section):
    """Cold plates that take a share of the computers' heat into a coolant, and the plant that cools it."""

    plant: AnyPlant | None = None
    """The plant that cools the facility's water; left out, it is the plant of the hall's air."""
    captured: float = Field(default=0.8, ge=0.0, le=1.0)
    """Share of IT power that the coolant takes; the rest warms the air. The default is an assumption: cold plates on
    processors and accelerators, the other parts in air."""
    supply: Temperature = quantity("40 °C")
    """Coolant to the racks. The default is an assumption, within class W45 of ASHRAE's liquid classes."""
    cdu: CoolantDistribution = CoolantDistribution()
    """The coolant distribution units."""

    def of_plant(self, duty: PathDuty) -> Duty:
        """Return what the plant must do for the path's duty: the heat and the pumps', at the exchangers' approach."""
        needed, _, pump_w = self.cdu.units_for(duty.heat_w)
        pumps_w = (needed + self.cdu.spare) * pump_w
        return Duty(duty.heat_w + pumps_w, duty.supply_c - self.cdu.approach_k, duty.design_day)

    def sized(self, duty: PathDuty) -> SizedHeatPath:
        """Return units and plant enough for the duty on its design day, and spare ones."""
        import numpy as np

        from . import liquid_loop_kernel as loop

        cdu = self.cdu
        needed, capacity_w, pump_w = cdu.units_for(duty.heat_w)
        of_plant = self.of_plant(duty)
        return SizedHeatPath(
            kind="cdu",
            units=needed + cdu.spare,
            spare=cdu.spare,
            duty_w=duty.heat_w,
            supply_c=duty.supply_c,
            parameters=np.array([capacity_w, pump_w, cdu.least_flow, cdu.approach_k, duty.supply_c]),
            loop=loop.ask,
            plant=None if self.plant is None else self.plant.sized(of_plant),
            sizes={
                "units": float(needed + cdu.spare),
                "unit_capacity_w": capacity_w,
                "unit_pump_w": pump_w,
                "water_supply_c": of_plant.supply_c,
            },
        )
