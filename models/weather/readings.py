"""What a weather file says, hour by hour, checked before anything is made of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..hourly import HOUR_S, hour_problems, raise_any
from ..problems import Problem
from ..series import Series, utc_text
from .weather import Weather

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

TYPICAL_YEAR = 2001
"""The year that stands for a typical year: any without a 29 February."""
LEAP_YEAR = 2000
"""The same for a file that has a 29 February."""

# Unit and range of what the air can be. Pressure and the 110 % are the limits of the EPW format (EnergyPlus Auxiliary
# Programs, "EnergyPlus Weather File"); temperatures reach somewhat beyond the records of -89.2 and 56.7 °C (WMO).
# Sunlight above the atmosphere is 1361 W/m2 (solar constant, Kopp and Lean 2011), and clouds may add some to an hour.
# The marks for a missing value (99.9, 999, 9999, 999999 in EPW, -9900 in TMY3) lie outside.
_RANGES = {
    "dry_bulb_c": ("°C", -90.0, 70.0),
    "relative_humidity": ("%", 0.0, 110.0),
    "pressure_pa": ("Pa", 31_000.0, 120_000.0),
    "dew_point_c": ("°C", -90.0, 70.0),
    "wind_speed_m_per_s": ("m/s", 0.0, 120.0),
    "global_horizontal_w_per_m2": ("W/m2", 0.0, 1600.0),
    "direct_normal_w_per_m2": ("W/m2", 0.0, 1600.0),
    "diffuse_horizontal_w_per_m2": ("W/m2", 0.0, 1600.0),
}
PLACE_RANGES = {
    "latitude": (-90.0, 90.0),
    "longitude": (-180.0, 180.0),
    "elevation": (-500.0, 9000.0),
    "utc_offset": (-50_400.0, 50_400.0),
}
"""Least and most that a place on Earth can have: degrees, m, and s."""
_OPTIONAL = (
    "dew_point_c",
    "wind_speed_m_per_s",
    "global_horizontal_w_per_m2",
    "direct_normal_w_per_m2",
    "diffuse_horizontal_w_per_m2",
)
IRRADIANCE_COLUMNS = {
    "global_horizontal_w_per_m2": "ghi",
    "direct_normal_w_per_m2": "dni",
    "diffuse_horizontal_w_per_m2": "dhi",
}
"""What pvlib calls the columns of irradiance, of EPW and TMY3 files alike."""


@dataclass(frozen=True)
class Site:
    """The place that a file speaks of."""

    name: str
    latitude_deg: float
    longitude_deg: float
    elevation_m: float
    utc_offset_s: int


@dataclass(frozen=True, eq=False)
class Readings:
    """Columns of a file, each of shape (n,) and in the order of its rows; NaN where there is no number.

    `relative_humidity` is in percent. `columns` are the file's own names, for messages; `first_line` is the line of
    row 0, None where a row is no line. `span_utc_s` are the hours that must be there: [first, end).
    `time_text` writes a Unix time as the file's reader would.
    """

    file: str
    hours_utc_s: NDArray[np.int64]
    values: dict[str, NDArray[np.float64]]
    columns: dict[str, str]
    first_line: int | None = None
    span_utc_s: tuple[int, int] | None = None
    time_text: Callable[[int], str] = utc_text


def weather_of(site: Site, readings: Readings, *, repeats_yearly: bool) -> Weather:
    """Return the weather that the readings tell; air above saturation counts as saturated.

    Raises InputError with every reading that is missing or impossible and every hour that is missing or doubled.
    """
    import numpy as np

    order = np.argsort(readings.hours_utc_s, kind="stable")
    hours_utc_s = readings.hours_utc_s[order]
    lines = None if readings.first_line is None else order + readings.first_line
    problems = _place_problems(site, readings.file)
    problems += hour_problems(hours_utc_s, readings.file, lines, readings.span_utc_s, readings.time_text)
    for name, values in readings.values.items():
        if name not in _OPTIONAL:
            problems.extend(_impossible(readings, name, values))
    raise_any(problems, readings.file)

    def series(name: str) -> Series:
        values = readings.values[name][order]
        if name == "relative_humidity":
            values = np.minimum(values / 100.0, 1.0)
        unit = "fraction" if name == "relative_humidity" else _RANGES[name][0]
        return Series(name, unit, int(hours_utc_s[0]), HOUR_S, values, repeats_yearly, readings.file)

    told = [name for name in _OPTIONAL if name in readings.values and not len(_outside(name, readings.values[name]))]
    optional: dict[str, Any] = {name: series(name) for name in told}
    return Weather(
        site.name,
        site.latitude_deg,
        site.longitude_deg,
        site.elevation_m,
        site.utc_offset_s,
        dry_bulb_c=series("dry_bulb_c"),
        relative_humidity=series("relative_humidity"),
        pressure_pa=series("pressure_pa"),
        **optional,
    )


def typical_readings(
    site: Site,
    local_starts: pd.DatetimeIndex,
    values: dict[str, NDArray[np.float64]],
    columns: dict[str, str],
    file: str,
    first_line: int,
) -> Readings:
    """Return the readings of a typical year, all its hours moved to one year.

    `local_starts` are the hours' starts on the site's clock, without a zone; their years do not count. The year has
    a 29 February if the file has one, and every hour of it must be there.
    """
    import numpy as np
    import pandas as pd

    year = LEAP_YEAR if np.any((local_starts.month == 2) & (local_starts.day == 29)) else TYPICAL_YEAR
    clock = {"month": local_starts.month, "day": local_starts.day, "hour": local_starts.hour}
    dates = pd.to_datetime({"year": year, **clock}).to_numpy().astype("datetime64[s]")
    hours_utc_s = dates.astype(np.int64) - site.utc_offset_s
    begins, ends = (int(np.datetime64(f"{y}-01-01", "s").astype(np.int64)) for y in (year, year + 1))
    span_utc_s = begins - site.utc_offset_s, ends - site.utc_offset_s

    def local_text(utc_s: int) -> str:
        month_day, hour = utc_text(utc_s + site.utc_offset_s)[5:-1].split("T")
        return f"{month_day} {hour} local time"

    return Readings(file, hours_utc_s, values, columns, first_line, span_utc_s, local_text)


def _place_problems(site: Site, file: str) -> list[Problem]:
    place = site.latitude_deg, site.longitude_deg, site.elevation_m, site.utc_offset_s
    return [
        Problem(f"{file}:1", name, f"{value:g} is impossible; allowed are {least:g} to {most:g}")
        for (name, (least, most)), value in zip(PLACE_RANGES.items(), place, strict=True)
        if not least <= value <= most
    ]


def _impossible(readings: Readings, name: str, values: NDArray[np.float64]) -> list[Problem]:
    unit, least, most = _RANGES[name]
    problems = []
    for row in _outside(name, values):
        time = readings.time_text(int(readings.hours_utc_s[row]))
        given = "no number is" if math.isnan(values[row]) else f"{values[row]:g} {unit} is"
        where = readings.file if readings.first_line is None else f"{readings.file}:{readings.first_line + row}"
        message = f"{given} given for {time}; allowed are {least:g} to {most:g} {unit}"
        problems.append(Problem(where, readings.columns[name], message))
    return problems


def _outside(name: str, values: NDArray[np.float64]) -> NDArray[np.int64]:
    import numpy as np

    _, least, most = _RANGES[name]
    return np.flatnonzero(~((values >= least) & (values <= most)))
