"""The weather of a site."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..series import Series
from .design_conditions import DesignConditions


@dataclass(frozen=True, eq=False)
class Weather:
    """Outdoor air over time, every series on the same left-labelled intervals in UTC: hours, or one constant.

    `dry_bulb_c` is in degrees C, `relative_humidity` a fraction (0 to 1), `pressure_pa` the station's own pressure,
    not reduced to sea level. `utc_offset_s` is how far the source's clock is ahead of UTC. Irradiance [W/m2] is the
    mean of each interval: global and diffuse on a horizontal plane, direct on a plane that faces the sun. What a
    source does not tell, or tells with gaps where it is not needed, is None; of design conditions
    `why_no_design_conditions` says why.
    """

    site: str
    latitude_deg: float | None
    longitude_deg: float | None
    elevation_m: float
    utc_offset_s: int
    dry_bulb_c: Series
    relative_humidity: Series
    pressure_pa: Series
    dew_point_c: Series | None = None
    wind_speed_m_per_s: Series | None = None
    global_horizontal_w_per_m2: Series | None = None
    direct_normal_w_per_m2: Series | None = None
    diffuse_horizontal_w_per_m2: Series | None = None
    design_conditions: DesignConditions | None = None
    why_no_design_conditions: str = "this source of weather has no design conditions"

    def covering(self, from_utc_s: float, to_utc_s: float) -> Weather:
        """Return the weather of the intervals that [from, to) touches; raises InputError as `Series.covering` does."""
        told = {name: value for name, value in vars(self).items() if isinstance(value, Series)}
        cut: dict[str, Any] = {name: series.covering(from_utc_s, to_utc_s) for name, series in told.items()}
        return dataclasses.replace(self, **cut)


def standard_pressure_pa(elevation_m: float) -> float:
    """Return the pressure of the standard atmosphere [Pa] at an elevation [m], -5000 to 11000.

    Source: ASHRAE Handbook Fundamentals 2021, chapter 1, equation 3, after the U.S. Standard Atmosphere of 1976.

    >>> round(standard_pressure_pa(1000.0))
    89875
    """
    return float(101_325.0 * (1.0 - 2.25577e-5 * elevation_m) ** 5.2559)
