"""Weather that never changes: for studies of one operating point."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..series import constant
from ..units import Length, Temperature, quantity
from .source import WeatherSource
from .weather import Weather, standard_pressure_pa


class ConstantWeather(WeatherSource):
    """The same air at all times, at the pressure of the standard atmosphere."""

    kind: Literal["constant"] = "constant"
    dry_bulb: Temperature
    """Temperature of the outdoor air, such as `18 °C`."""
    relative_humidity: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    """Relative humidity of the outdoor air, 0 to 1; an assumption."""
    elevation: Annotated[Length, Field(le=9000.0)] = quantity("0 m")
    """Elevation of the site, from which the pressure follows; sea level is an assumption."""

    def read(self) -> Weather:
        return Weather(
            site="constant weather",
            latitude_deg=None,
            longitude_deg=None,
            elevation_m=self.elevation,
            utc_offset_s=0,
            dry_bulb_c=constant("dry_bulb_c", "°C", self.dry_bulb),
            relative_humidity=constant("relative_humidity", "fraction", self.relative_humidity),
            pressure_pa=constant("pressure_pa", "Pa", standard_pressure_pa(self.elevation)),
        )
