"""What batteries with their inverters hold, take and give."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Energy, Power

_ROUNDING = 1e-9


class Battery(Section):
    """Cells and inverters: what they hold, between which limits, and what charging and discharging loses.

    Power is that at the meter, charging above 0; what stands still loses nothing (assumption).
    """

    energy: Annotated[Energy, Field(gt=0.0)]
    """What the cells hold from empty to full."""
    charge_power: Annotated[Power, Field(gt=0.0)]
    """The most that it draws."""
    discharge_power: Annotated[Power, Field(gt=0.0)] | None = None
    """The most that it gives; as much as it draws where not given."""
    charge_efficiency: float = Field(default=0.948, gt=0.0, le=1.0)
    """Energy stored over energy drawn: 0.96 of the rectifier times the root of 0.975 of the cells (defaults of NREL's
    REopt.jl, electric_storage.jl)."""
    discharge_efficiency: float = Field(default=0.948, gt=0.0, le=1.0)
    """Energy given over energy taken from the cells: 0.96 of the inverter times the root of 0.975 (as above)."""
    least_state_of_charge: float = Field(default=0.2, ge=0.0, lt=1.0)
    """It is never emptied below this share of `energy` (REopt.jl, as above)."""
    most_state_of_charge: float = Field(default=1.0, gt=0.0, le=1.0)
    """It is never charged beyond this share of `energy`; 1 is an assumption."""
    initial_state_of_charge: float = Field(default=0.5, ge=0.0, le=1.0)
    """The share of `energy` that is stored when the run begins (REopt.jl, as above)."""

    @model_validator(mode="after")
    def _limits_in_order(self) -> Self:
        least, first, most = self.least_state_of_charge, self.initial_state_of_charge, self.most_state_of_charge
        if least >= most:
            raise ValueError(f"'least_state_of_charge' is {least:g}, 'most_state_of_charge' {most:g}; it must be less")
        if not least <= first <= most:
            raise ValueError(f"'initial_state_of_charge' is {first:g}; allowed is {least:g} to {most:g}, its limits")
        return self

    @property
    def discharge_w(self) -> float:
        """The most that it gives [W]."""
        return self.charge_power if self.discharge_power is None else self.discharge_power

    @property
    def least_j(self) -> float:
        """The least that it stores [J]."""
        return self.least_state_of_charge * self.energy

    @property
    def most_j(self) -> float:
        """The most that it stores [J]."""
        return self.most_state_of_charge * self.energy

    @property
    def initial_j(self) -> float:
        """What it stores when the run begins [J]."""
        return self.initial_state_of_charge * self.energy

    @property
    def round_trip_efficiency(self) -> float:
        """Energy given over energy drawn."""
        return self.charge_efficiency * self.discharge_efficiency

    def granted_w(self, wanted_w: float, state_of_charge_j: float, duration_s: float) -> float:
        """Return the power nearest to the wanted one [W] that it can keep up for a time [s] inside its limits."""
        room_w = max(0.0, self.most_j - state_of_charge_j) / (self.charge_efficiency * duration_s)
        left_w = max(0.0, state_of_charge_j - self.least_j) * self.discharge_efficiency / duration_s
        return max(min(wanted_w, self.charge_power, room_w), -self.discharge_w, -left_w)

    def advance(self, state_of_charge_j: float, power_w: float, duration_s: float) -> float:
        """Return what is stored [J] after a power [W] for a time [s].

        Raises ValueError where the power or what is stored would leave its limits by more than a rounding error.
        """
        beyond_w = max(power_w - self.charge_power, -power_w - self.discharge_w)
        if beyond_w > _ROUNDING * max(self.charge_power, self.discharge_w):
            raise ValueError(f"{power_w:g} W is beyond {-self.discharge_w:g} to {self.charge_power:g} W")
        after_j = state_of_charge_j + self._stored_w(power_w) * duration_s
        if not self.least_j - _ROUNDING * self.energy <= after_j <= self.most_j + _ROUNDING * self.energy:
            raise ValueError(f"{after_j:g} J would be stored; allowed are {self.least_j:g} to {self.most_j:g} J")
        return min(max(after_j, self.least_j), self.most_j)

    def limit_after_s(self, state_of_charge_j: float, power_w: float) -> float:
        """Return when a constant power [W] meets the limit of what is stored [s]; infinite at no power."""
        stored_w = self._stored_w(power_w)
        if stored_w > 0.0:
            return max(0.0, self.most_j - state_of_charge_j) / stored_w
        return max(0.0, state_of_charge_j - self.least_j) / -stored_w if stored_w < 0.0 else math.inf

    def loss_w(self, power_w: float) -> float:
        """Return the heat of its cells and inverters at a power [W]: what is drawn less what is stored."""
        return power_w - self._stored_w(power_w)

    def _stored_w(self, power_w: float) -> float:
        """Return how fast what is stored grows [W]."""
        return power_w * self.charge_efficiency if power_w > 0.0 else power_w / self.discharge_efficiency
