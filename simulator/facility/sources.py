"""What the site gives itself beside the grid: panels, units that burn fuel, and storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .fuelled_units import FuelledUnits
from .photovoltaic_power import PhotovoltaicPower
from .storage_dispatch import StorageDispatch


class SourcesGave(NamedTuple):
    """What the sources gave over a time [J], storage below 0 where it charged, and what came of burning fuel."""

    photovoltaic_j: float
    spilled_j: float
    generation_j: float
    storage_j: float
    fuel_j: float
    fuel_carbon_kg: float
    fuel_cost_usd: float


class Sources:
    """Panels first, then units in the order given, then storage: each is asked for what those before it leave.

    They are set at borders for the mean load since the last one, and hold in between. Where the load falls meanwhile
    below what they give, the excess goes back: storage keeps it, units did not make it, and what is left the panels
    spill into the grid.
    """

    def __init__(
        self, panels: PhotovoltaicPower | None, units: Sequence[FuelledUnits], storage: StorageDispatch | None
    ) -> None:
        self.storage = storage
        self._panels = panels
        self._units = tuple(units)
        self._photovoltaic_w = 0.0

    @property
    def powers_w(self) -> dict[str, float]:
        """What each kind of source gives now [W], storage below 0 while it charges."""
        return {
            "photovoltaics": self._photovoltaic_w,
            "generation": sum(units.power_w for units in self._units),
            "storage": 0.0 if self.storage is None else -self.storage.power_w,
        }

    @property
    def running_w(self) -> float:
        """The most that the units can give that run now [W]."""
        return sum(units.running_w for units in self._units)

    def plan(self, now_s: float, load_w: float | None, feeds_w: float, holds_s: float) -> None:
        """Set every source for a load [W], beside feeds of the grid that bring `feeds_w`, for the next `holds_s`.

        Where no load is known yet, units and storage stand still.
        """
        self._photovoltaic_w = 0.0 if self._panels is None else self._panels.at(now_s)
        if load_w is None:
            return
        left_w = max(load_w - self._photovoltaic_w, 0.0)
        for units in self._units:
            units.plan(now_s, left_w, feeds_w)
            left_w = max(left_w - units.power_w, 0.0)
        if self.storage is not None:
            self.storage.plan(now_s, left_w, holds_s)
            # Computers come before what charges: they would be capped for it.
            self.storage.power_w = min(self.storage.power_w, max(feeds_w - left_w, 0.0))

    def stop(self) -> None:
        """Have panels and storage stand still; units go on as they are."""
        self._photovoltaic_w = 0.0
        if self.storage is not None:
            self.storage.power_w = 0.0

    def most_w(self, now_s: float) -> float:
        """Return the most that units and panels can give at an instant [W]; storage is not counted on."""
        panels_w = 0.0 if self._panels is None else self._panels.at(now_s)
        return panels_w + sum(units.most_w(now_s) for units in self._units)

    def settle(self, spilled_j: float, duration_s: float) -> SourcesGave:
        """Return what was given over a time [s] beside the grid, of which so much found nobody to take it [J]."""
        storage_j, left_j = 0.0, spilled_j
        if self.storage is not None:
            storage_j, left_j = self.storage.settle(left_j, duration_s)
        wanted_j = sum(units.power_w for units in self._units) * duration_s
        generation_j = max(wanted_j - left_j, 0.0)
        spilled_j = max(left_j - wanted_j, 0.0)
        burnt = self._burn(generation_j / wanted_j if wanted_j > 0.0 else 0.0, duration_s)
        panels_j = self._photovoltaic_w * duration_s - spilled_j
        return SourcesGave(panels_j, spilled_j, generation_j, storage_j, *burnt)

    def settle_alone(self, given_j: float, duration_s: float) -> SourcesGave:
        """Return what came of units that gave so much [J] over a time [s] while the grid was lost."""
        most_j = sum(units.power_w for units in self._units) * duration_s
        burnt = self._burn(given_j / most_j if most_j > 0.0 else 0.0, duration_s)
        return SourcesGave(0.0, 0.0, given_j, 0.0, *burnt)

    def _burn(self, share: float, duration_s: float) -> tuple[float, float, float]:
        """Return fuel [J], CO2 [kg] and cost [USD] of units that give a share of what they are set to."""
        burnt = [units.give(share * units.power_w * duration_s, duration_s) for units in self._units]
        return (
            sum(each.fuel_j for each in burnt),
            sum(each.carbon_kg for each in burnt),
            sum(each.cost_usd for each in burnt),
        )
