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


def design_day_of(site: PlanSite) -> DesignDay:
    """Return the air that the site's plants are sized for; raise InputError where there is no weather to tell."""
    weather = site.site.weather
    if weather is None:
        raise InputError(
            Fault("", "site.weather", "modules with 'cooling' stand in weather: give it, or state a 'pue'")
        )
    try:
        return design_day(weather.read(), site.site.design)
    except InputError as error:
        raise InputError(Fault(f.where, f.path if f.path.startswith("site") else "site.weather", f.message)
                         for f in error.problems) from None  # fmt: skip


def weather_at(site: PlanSite, hours: Hours) -> SiteWeather:
    """Return the weather of a site in representative hours: means over each step; the design day in a design hour.

    Wet bulbs are those of mean temperature, humidity and pressure. Raises InputError where the site has no weather, or
    its weather does not reach.
    """
    from models.cooling.psychrometrics import wet_bulb_c

    day = design_day_of(site)
    assert site.site.weather is not None
    weather = site.site.weather.read()
    columns = [over_steps(series, hours) for series in
               (weather.dry_bulb_c, weather.relative_humidity, weather.pressure_pa)]  # fmt: skip
    design = hours.weight_h == 0.0
    for column, value in zip(columns, (day.dry_bulb_c, day.relative_humidity, day.pressure_pa), strict=True):
        column[design] = value
    dry_bulb_c, humidity, pressure_pa = columns
    wet = np.asarray(wet_bulb_c(dry_bulb_c.ravel(), humidity.ravel(), pressure_pa.ravel())).reshape(dry_bulb_c.shape)
    wet[design] = min(day.wet_bulb_c, day.dry_bulb_c)
    return SiteWeather(dry_bulb_c, humidity, np.minimum(wet, dry_bulb_c), pressure_pa)


def over_steps(series: Series, hours: Hours) -> Array:
    """Return the mean of a series over each step of the representative days, shape (quarter, hour).

    A design hour has the mean of the hour that it was taken from. Raises InputError where the series does not reach.
    """
    found = np.zeros(hours.start_utc_s.shape)
    for quarter, starts in enumerate(hours.start_utc_s):
        for day in hours.days:
            mine = starts[day.first : day.first + day.count]
            step_s = mine[1] - mine[0] if day.count > 1 else _step_of_one(hours, day.first)
            found[quarter, day.first : day.first + day.count] = series.mean_over([*mine, mine[-1] + step_s])
    return found


def _step_of_one(hours: Hours, index: int) -> float:
    """Return the length of a day's only step [s]: a whole day, or an hour of design."""
    return 24.0 * _HOUR_S if hours.weight_h[0, index] > 0.0 else _HOUR_S
