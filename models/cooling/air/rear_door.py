"""Exchangers in the rear doors of the racks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...units import Power, Pressure, quantity
from ..heat_path import PathDuty, SizedHeatPath
from .air_handlers import AirHandlers
from .air_side import AnyPlant

_LARGEST_W = 50e3


class RearDoors(AirHandlers):
    """Doors with a coil and fans that cool a rack's exhaust to the hall's temperature before it leaves the rack. The
    hall's other heat goes through them too, as the racks draw the hall's air. There are no spare doors unless racks
    stand idle; where a door fails the others take more."""

    kind: Literal["rear-door"] = "rear-door"
    plant: AnyPlant
    """The plant that cools the doors' water."""
    unit_capacity: Power | None = Field(default=None, gt=0.0)
    """Heat that a door takes at full flow and at the design's temperatures; by default an equal share of the heat for
    the fewest doors of no more than 50 kW (assumption, an active door of today)."""
    spare: int = Field(default=0, ge=0)
    """Doors beyond those that the heat needs."""
    air_rise_k: float = Field(default=12.0, gt=0.0, le=40.0)
    """K that the computers warm their air by, and the door cools it. The default is an assumption."""
    fan_pressure: Pressure = quantity("75 Pa")
    """What the door's fans raise the air by at full flow; 0 for a passive door, whose resistance the computers' own
    fans then overcome. The default is an assumption: a coil alone, without filters and room."""
    fan_efficiency: float = Field(default=0.5, gt=0.0, le=1.0)
    """Of fan, drive and motor. The default is an assumption: small axial fans."""

    @property
    def largest_unit_w(self) -> float:
        return _LARGEST_W

    def sized(self, duty: PathDuty) -> SizedHeatPath:
        from .coil_kernel import ask

        return self.built(duty, self.plant, ask)
