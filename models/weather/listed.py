"""Weather written out in the scenario itself: for days that stand for others, and for small examples."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from ..instant import Instant
from ..series import Series
from ..units import Length, Pressure, Temperature, quantity
from .source import WeatherSource
from .weather import Weather, standard_pressure_pa

if TYPE_CHECKING:
    from collections.abc import Sequence

HOUR_S = 3600
_MOST_VALUES = 1_000_000
"""Hours that a list may come to with its repetitions, a hundred years: a slip of the hand asks for more."""


class ListedWeather(WeatherSource):
    """Outdoor air hour by hour, from a stated hour on. Beyond the last hour there is no weather: a run must end
    before."""

    kind: Literal["listed"] = "listed"
    start: Instant
    """When the first hour begins, a whole hour, with its zone."""
    dry_bulb: tuple[Temperature, ...] = Field(min_length=1)
    """Temperature of the outdoor air in each hour."""
    relative_humidity: tuple[Annotated[float, Field(ge=0.0, le=1.0)], ...] = Field(min_length=1)
    """Relative humidity in each hour, 0 to 1; as many values."""
    pressure: tuple[Annotated[Pressure, Field(gt=0.0)], ...] | None = None
    """Pressure of the air in each hour, as many values; that of the standard atmosphere at `elevation` if nothing is
    said."""
    elevation: Annotated[Length, Field(le=9000.0)] = quantity("0 m")
    """Elevation of the site; sea level is an assumption."""
    repeat: PositiveInt = 1
    """How often the hours are gone through, one time after the other."""

    @field_validator("start")
    @classmethod
    def _on_the_hour(cls, start: datetime) -> datetime:
        if start.timestamp() % HOUR_S:
            raise ValueError(f"{start.isoformat()} is not a whole hour of UTC")
        return start

    @model_validator(mode="after")
    def _as_many_of_each(self) -> Self:
        hours = len(self.dry_bulb)
        for name in ("relative_humidity", "pressure"):
            given = getattr(self, name)
            if given is not None and len(given) != hours:
                raise ValueError(f"'{name}' has {len(given)} values and 'dry_bulb' {hours}; give as many of each")
        if hours * self.repeat > _MOST_VALUES:
            raise ValueError(f"{hours} hours {self.repeat} times are more than {_MOST_VALUES:,}")
        return self

    def read(self) -> Weather:
        pressure_pa = self.pressure or (standard_pressure_pa(self.elevation),) * len(self.dry_bulb)
        return Weather(
            site="listed weather",
            latitude_deg=None,
            longitude_deg=None,
            elevation_m=self.elevation,
            utc_offset_s=0,
            dry_bulb_c=self._series("dry_bulb_c", "°C", self.dry_bulb),
            relative_humidity=self._series("relative_humidity", "fraction", self.relative_humidity),
            pressure_pa=self._series("pressure_pa", "Pa", pressure_pa),
        )

    def _series(self, name: str, unit: str, values: Sequence[float]) -> Series:
        import numpy as np

        start_utc_s = int(self.start.timestamp())
        return Series(name, unit, start_utc_s, HOUR_S, np.tile(np.array(values, np.float64), self.repeat))
