"""Outside air that cools the hall's air through an exchanger, without entering the hall."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...units import Pressure, quantity
from ..heat_path import PathDuty, SizedHeatPath
from .air_handlers import AirHandlers
from .air_side import AnyPlant
from .outside_air import PAD_J_PER_KG


class IndirectAir(AirHandlers):
    """Air handlers with an exchanger from air to air. Fans blow outside air through its other side, wetted by pads
    where it is too warm; the plant's coils take what is left."""

    kind: Literal["indirect-air"] = "indirect-air"
    plant: AnyPlant | None = None
    """The plant that cools the coils' water; left out, there are no coils. It is sized for all the heat."""
    fan_pressure: Pressure = quantity("650 Pa")
    """What the fans raise the hall's air by at full flow: coil, room and exchanger. The default is an assumption, 150
    Pa more than without exchanger."""
    exchanger_effectiveness: float = Field(default=0.65, gt=0.0, le=1.0)
    """Of the exchanger at equal flows. The default is an assumption, a plate exchanger in cross flow."""
    outdoor_fan_pressure: Pressure = quantity("300 Pa")
    """What the outside air's fans raise it by at full flow. The default is an assumption."""
    pad_effectiveness: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of wetted pads, on the way from dry bulb to wet bulb, used where dry outside air is too warm; 0 without."""
    cycles_of_concentration: float = Field(default=4.0, gt=1.0, le=100.0)
    """Concentration of the pads' water over that of fresh water. The default is an assumption within 3 to 15."""
    worth: float = Field(default=5.0, gt=0.0)
    """W of heat that the outdoor fans must bring by a W of power where the plant could take it too: about the plant's
    COP, an assumption. It sets how fast they turn when the outside is warm."""

    def sized(self, duty: PathDuty) -> SizedHeatPath:
        from .indirect_air_kernel import ask

        more = (
            float(self.plant is not None),
            self.exchanger_effectiveness,
            self.outdoor_fan_pressure / self.fan_efficiency,
            self.pad_effectiveness,
            PAD_J_PER_KG,
            self.cycles_of_concentration,
            self.worth,
        )
        return self.built(duty, self.plant, ask, more)
