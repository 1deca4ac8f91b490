"""Batteries beside the grid, which charge and discharge day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ...kinds import kinds_of, selected
from ...units import EnergyPrice, PowerPrice, quantity
from .battery import Battery
from .dispatch.dispatch import Dispatch

if TYPE_CHECKING:
    AnyDispatch = Dispatch
else:
    AnyDispatch = selected(kinds_of("models.power.supply.dispatch", Dispatch))


class BatteryStorage(Battery):
    """Batteries with their inverters. Power is that at the meter: charging is above 0, discharging below.

    A power P for a time t changes what is stored by P t times the efficiency while it charges, and by P t over the
    efficiency while it discharges; the rest is heat. What stands still loses nothing (assumption).
    """

    dispatch: AnyDispatch | None = None
    """When it charges and discharges; never if nothing is said."""
    cost_of_power: PowerPrice = quantity("968 USD/kW")
    """Price once for each W of the greater of the two powers (NREL's REopt.jl, electric_storage.jl)."""
    cost_of_energy: Annotated[EnergyPrice, Field(ge=0.0)] = quantity("253 USD/kWh")
    """Price once for each J of `energy` (as above)."""

    @property
    def capital_cost_usd(self) -> float:
        """Its price [USD]."""
        return max(self.charge_power, self.discharge_w) * self.cost_of_power + self.energy * self.cost_of_energy
