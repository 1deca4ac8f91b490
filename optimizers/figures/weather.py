"""Outdoor air in the hours that stand for each quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.problems import InputError
from models.problems import Problem as Fault
from models.series import Series
from models.weather.design_choice import design_day
from models.weather.design_day import DesignDay

from ..given.site import PlanSite
from ..instance.time import Hours

Array = NDArray[np.float64]
_HOUR_S = 3600.0


@dataclass(frozen=True, eq=False)
class SiteWeather:
    """Outdoor air, each of shape (quarter, hour): °C, a fraction, °C, Pa."""

    dry_bulb_c: Array
    relative_humidity: Array
    wet_bulb_c: Array
    pressure_pa: Array


def weather_at(site: PlanSite, hours: Hours) -> SiteWeather:
    """Return the weather of a site in representative hours: means over each step; the design day in a design hour.

    Wet bulbs are those of mean temperature, humidity and pressure. Raises InputError where the site has no weather, or
    its weather does not reach.
    """
    return weather_and_design_day(site, hours)[0]


def weather_and_design_day(site: PlanSite, hours: Hours) -> tuple[SiteWeather, DesignDay]:
    """Return the weather as `weather_at`, and the air that plants are sized for; raises as `weather_at`."""
    from models.moist_air.psychrometrics import wet_bulb_c

    if site.site.weather is None:
        text = "modules with 'cooling' stand in weather: give it, or state a 'pue'"
        raise InputError(Fault("", "site.weather", text))
    weather = site.site.weather.read()
    day = design_day(weather, site.site.design)
    given = (weather.dry_bulb_c, weather.relative_humidity, weather.pressure_pa)
    dry_bulb_c, humidity, pressure_pa = (over_steps(series, hours) for series in given)
    design = hours.weight_h == 0.0
    dry_bulb_c[design], humidity[design], pressure_pa[design] = day.dry_bulb_c, day.relative_humidity, day.pressure_pa
    wet = np.asarray(wet_bulb_c(dry_bulb_c.ravel(), humidity.ravel(), pressure_pa.ravel())).reshape(dry_bulb_c.shape)
    wet[design] = day.wet_bulb_c
    return SiteWeather(dry_bulb_c, humidity, np.minimum(wet, dry_bulb_c), pressure_pa), day


def over_steps(series: Series, hours: Hours) -> Array:
    """Return the mean of a series over each step of the representative days, shape (quarter, hour).

    A design hour has the mean of the hour that it was taken from. Raises InputError where the series does not reach.
    """
    found = np.zeros(hours.start_utc_s.shape)
    # A typical year is laid over the horizon once, not for each day anew.
    laid = series.covering(float(hours.start_utc_s.min()), float(hours.start_utc_s.max()) + 24.0 * _HOUR_S)
    for quarter, starts in enumerate(hours.start_utc_s):
        for day in hours.days:
            mine = starts[day.first : day.first + day.count]
            step_s = mine[1] - mine[0] if day.count > 1 else _step_of_one(hours, day.first)
            found[quarter, day.first : day.first + day.count] = laid.mean_over([*mine, mine[-1] + step_s])
    return found


def _step_of_one(hours: Hours, index: int) -> float:
    """Return the length of a day's only step [s]: a whole day, or an hour of design."""
    return 24.0 * _HOUR_S if hours.weight_h[0, index] > 0.0 else _HOUR_S
