"""Units on the site that burn fuel, as a run asks them for power."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from models.power.supply.generation.generation import OnSiteGeneration

_DAY_S = 86_400.0


class FuelBurnt(NamedTuple):
    """Energy given [J], the fuel's energy [J, higher heating value], its CO2 [kg], fuel and upkeep [USD]."""

    given_j: float
    fuel_j: float
    carbon_kg: float
    cost_usd: float


class FuelledUnits:
    """Alike units: asked for power at borders, with the time that they take to start and to ramp.

    Those that a run begins with are warm. What nobody takes they do not make: they follow the load down at once.
    """

    def __init__(self, units: OnSiteGeneration, random: np.random.Generator) -> None:
        self.units = units
        self.power_w = 0.0
        self._random = random
        self._drawn_to_s = 0.0
        self._available = units.units
        self._called_s = -math.inf
        self._as_of_s: float | None = None

    def plan(self, now_s: float, load_w: float, feeds_w: float) -> None:
        """Set the power for what is left of the load [W], beside feeds of the grid that bring `feeds_w`."""
        while now_s >= self._drawn_to_s:
            self._available = self.units.available_units(self._random)
            self._drawn_to_s += _DAY_S
        there = self.units.is_there(now_s)
        wanted_w = self.units.power_w(load_w, feeds_w, self._available) if there else 0.0
        before_w, first = self.power_w, self._as_of_s is None
        if wanted_w <= 0.0:
            self._called_s = math.inf
        elif before_w <= 0.0:
            self._called_s = now_s - self.units.start_time if first else min(self._called_s, now_s)
            if now_s < self._called_s + self.units.start_time:
                wanted_w = 0.0
        if self._as_of_s is not None and wanted_w > before_w:
            rise_w = self.units.running(wanted_w) * self.units.ramp_w_per_s * (now_s - self._as_of_s)
            wanted_w = min(wanted_w, before_w + rise_w)
        self.power_w, self._as_of_s = wanted_w, now_s

    def most_w(self, now_s: float) -> float:
        """Return the most that the units can give once they run [W]."""
        return self._available * self.units.rating if self.units.is_there(now_s) else 0.0

    @property
    def running_w(self) -> float:
        """The most that the units that run can give [W]."""
        return self.units.running(self.power_w) * self.units.rating

    def give(self, given_j: float, duration_s: float) -> FuelBurnt:
        """Return what comes of giving so much energy [J] over a time [s], at a constant power."""
        fuel_j = self.units.fuel_j(given_j / duration_s, duration_s)
        cost_usd = self.units.fuel_cost_usd(fuel_j) + self.units.upkeep_usd(given_j)
        return FuelBurnt(given_j, fuel_j, self.units.carbon_kg(fuel_j), cost_usd)
