"""The battery of a UPS: how long it carries a load, and how long it takes to charge again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Duration, Energy, Power, quantity

if TYPE_CHECKING:
    import numpy as np

_PEUKERT_EXPONENT = {"lithium-ion": 1.0, "lead-acid": 1.15}
_RECHARGE_SHARE = 0.1


class UpsBattery(Section):
    """What carries the load from the loss of the grid until the generators have it. Give `ride_through`, or `energy`.

    A load P empties a full battery in t = t0 (P0 / P)^k, where P0 and t0 are the load and the time that are stated and
    k is Peukert's exponent (W. Peukert, Elektrotechnische Zeitschrift 20, 1897), here of power instead of current.
    Under a load that changes, each second takes 1/t(P) of the full charge.
    """

    chemistry: Literal["lithium-ion", "lead-acid"] = "lithium-ion"
    """What the cells are made of; it tells the Peukert exponent where none is given."""
    rating: Annotated[Power, Field(gt=0.0)]
    """The most load that it carries, at the output of the UPS; a greater one it drops at once."""
    ride_through: Annotated[Duration, Field(gt=0.0)] | None = None
    """How long a new and full battery carries a load of `rating`; give this or `energy`."""
    energy: Annotated[Energy, Field(gt=0.0)] | None = None
    """What a new and full battery stores, as on its plate; give this or `ride_through`."""
    rated_discharge: Annotated[Duration, Field(gt=0.0)] = quantity("10 h")
    """How slowly the battery is emptied to measure `energy`: 10 h is usual for lead-acid (assumption). Without meaning
    where the Peukert exponent is 1."""
    usable_fraction: float = Field(default=0.8, gt=0.0, le=1.0)
    """Share of `energy` that may be taken out: 80% is an assumption. `ride_through` holds that share already."""
    remaining_capacity: float = Field(default=1.0, gt=0.0, le=1.0)
    """Capacity over that of a new battery. Batteries are usually replaced at 0.8; a new one is assumed."""
    peukert_exponent: Annotated[float, Field(ge=1.0, le=1.6)] | None = None
    """1 where energy does not depend on power, as is assumed for lithium-ion. Lead-acid with glass mats has 1.05 to
    1.15, gel 1.1 to 1.25, flooded 1.2 to 1.6 (bdbatteries.com/peukert.php, secondary); 1.15 where not given."""
    discharge_efficiency: float = Field(default=0.948, gt=0.0, le=1.0)
    """Energy at the output over energy from the cells: 0.96 of the inverter times the root of 0.975 of the cells
    (defaults of NREL's REopt.jl, electric_storage.jl)."""
    charge_efficiency: float = Field(default=0.948, gt=0.0, le=1.0)
    """Energy into the cells over energy taken: 0.96 of the rectifier times the root of 0.975 (as above)."""
    recharge_power: Annotated[Power, Field(gt=0.0)] | None = None
    """What it draws while it charges; a tenth of `rating` where not given, which is an assumption."""
    availability: float = Field(default=0.97, gt=0.0, le=1.0)
    """Chance that the battery works when it is needed (NREL's REopt.jl, backup_reliability.jl)."""

    @model_validator(mode="after")
    def _one_size(self) -> Self:
        if (self.ride_through is None) == (self.energy is None):
            raise ValueError("give 'ride_through' (the time at full rating) or 'energy', one of the two")
        return self

    @property
    def exponent(self) -> float:
        """Peukert's exponent k."""
        return _PEUKERT_EXPONENT[self.chemistry] if self.peukert_exponent is None else self.peukert_exponent

    @property
    def recharge_w(self) -> float:
        """What it draws while it charges [W]."""
        return _RECHARGE_SHARE * self.rating if self.recharge_power is None else self.recharge_power

    @property
    def stored_j(self) -> float:
        """Energy that leaves the cells from full to empty at the stated load [J].

        What a faster discharge leaves in lead-acid cells counts as taken: the recharge errs on the long side.
        """
        load_w, time_s = self._stated
        return load_w * time_s / self.discharge_efficiency

    def ride_through_s(self, load_w: float, charge: float = 1.0) -> float:
        """Return how long a load [W] at the output is carried [s]: infinite without load, 0 above the rating.

        `charge` is the charge at the start, 0 (empty) to 1 (full).
        """
        if load_w <= 0.0:
            return math.inf
        if load_w > self.rating:
            return 0.0
        stated_w, time_s = self._stated
        return float(charge * time_s * (stated_w / load_w) ** self.exponent)

    def charge_after(self, charge: float, load_w: float, duration_s: float) -> float:
        """Return the charge (0 to 1) after carrying a load [W] for a time [s]; 0 where it was dropped before."""
        if load_w <= 0.0:
            return charge
        full_s = self.ride_through_s(load_w)
        return max(0.0, charge - duration_s / full_s) if full_s > 0.0 else charge

    def recharge_time_s(self, charge: float = 0.0) -> float:
        """Return how long it takes from a charge (0 to 1) to full [s]."""
        return self.recharge_energy_j(charge) / self.recharge_w

    def recharge_energy_j(self, charge: float = 0.0) -> float:
        """Return what is drawn to bring a charge (0 to 1) to full [J]."""
        return (1.0 - charge) * self.stored_j / self.charge_efficiency

    def recharged(self, charge: float, duration_s: float) -> float:
        """Return the charge (0 to 1) after charging for a time [s]."""
        return min(1.0, charge + duration_s * self.recharge_w * self.charge_efficiency / self.stored_j)

    def is_available(self, random: np.random.Generator) -> bool:
        """Return whether the battery works when it is needed: one draw."""
        return bool(random.random() < self.availability)

    @property
    def _stated(self) -> tuple[float, float]:
        """P0 [W] and t0 [s]: a load and how long the battery, as it is now, carries it."""
        if self.ride_through is not None:
            return self.rating, self.remaining_capacity * self.ride_through
        assert self.energy is not None
        load_w = self.discharge_efficiency * self.energy / self.rated_discharge
        return load_w, self.remaining_capacity * self.usable_fraction * self.rated_discharge
