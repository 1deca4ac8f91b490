"""Outside air blown into the hall."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...units import Pressure, quantity
from ..heat_path import PathDuty, SizedHeatPath
from .air_handlers import AirHandlers
from .air_side import AnyPlant

# 6300 to 7700 kPa at an efficiency of 0.6 to 0.8 (Lei and Masanet 2022, humidification pump), for water of 1000 kg/m3.
HUMIDIFIER_J_PER_KG = 7.0e6 / 0.7 / 1000.0
PAD_J_PER_KG = 1.0e3
"""Pumping over pads by water evaporated: 100 kPa at an efficiency of 0.5, five times as much water as evaporates; an
assumption."""


class OutsideAir(AirHandlers):
    """Air handlers that take in outside air where it is cool and neither too moist nor too dry, as much as the heat
    needs, mixed with the hall's own; the plant's coils take what outside air does not. Without a plant the hall gets
    as warm as outside air makes it."""

    kind: Literal["outside-air"] = "outside-air"
    plant: AnyPlant | None = None
    """The plant that cools the coils' water; left out, there are no coils. It is sized for all the heat, as there are
    hours too moist for outside air."""
    fan_pressure: Pressure = quantity("650 Pa")
    """What the fans raise the air by at full flow: coil, room, and filters and dampers of outside air, which stay in
    the way in all hours. The default is an assumption, 150 Pa more than without outside air."""
    pad_effectiveness: float = Field(default=0.0, ge=0.0, le=1.0)
    """Of wetted pads, on the way from dry bulb to wet bulb, used where outside air alone is too warm; 0 without."""
    cycles_of_concentration: float = Field(default=4.0, gt=1.0, le=100.0)
    """Concentration of the pads' water over that of fresh water. The default is an assumption within 3 to 15."""
    humidifies: bool = True
    """Whether water is sprayed into outside air that is too dry; if not, such air stays out. An assumption."""
    worth: float = Field(default=5.0, gt=0.0)
    """W of heat that sprayed outside air must take by a W of the water's pumps where the plant could take it too: about
    the plant's COP, an assumption."""

    def sized(self, duty: PathDuty) -> SizedHeatPath:
        from ...compiled import plain
        from ...moist_air.psychrometrics_kernel import saturation_pressure_pa
        from .outside_air_kernel import ask

        limits = duty.humidity
        more = (
            float(self.plant is not None),
            plain(saturation_pressure_pa)(limits.most_dew_point_c),
            plain(saturation_pressure_pa)(limits.least_dew_point_c),
            limits.most_relative_humidity,
            limits.least_relative_humidity,
            self.pad_effectiveness,
            float(self.humidifies),
            HUMIDIFIER_J_PER_KG,
            PAD_J_PER_KG,
            self.cycles_of_concentration,
            self.worth,
        )
        return self.built(duty, self.plant, ask, more)
