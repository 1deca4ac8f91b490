"""Weather of past years as Open-Meteo gives it."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ..data_file import FromFile
from ..hourly import raise_any
from ..problems import InputError, Problem
from .readings import IRRADIANCE_COLUMNS, PLACE_RANGES, Readings, Site, weather_of
from .source import WeatherSource
from .weather import Weather, standard_pressure_pa

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Names that Open-Meteo has used, and the factor to the unit of `Readings` for each unit that it may answer in.
_VARIABLES: dict[str, tuple[tuple[str, ...], dict[str, float]]] = {
    "dry_bulb_c": (("temperature_2m",), {"°C": 1.0}),
    "relative_humidity": (("relative_humidity_2m", "relativehumidity_2m"), {"%": 1.0}),
    "pressure_pa": (("surface_pressure",), {"hPa": 100.0}),
    "dew_point_c": (("dew_point_2m", "dewpoint_2m"), {"°C": 1.0}),
    "wind_speed_m_per_s": (("wind_speed_10m", "windspeed_10m"), {"km/h": 1.0 / 3.6, "m/s": 1.0}),
    "global_horizontal_w_per_m2": (("shortwave_radiation",), {"W/m²": 1.0}),
    "direct_normal_w_per_m2": (("direct_normal_irradiance",), {"W/m²": 1.0}),
    "diffuse_horizontal_w_per_m2": (("diffuse_radiation",), {"W/m²": 1.0}),
}
# "Solar radiation is averaged over the past hour" (Open-Meteo's documentation, hourly radiation variables); all else
# holds at the time itself and is taken for the hour that begins there.
_OF_THE_HOUR_BEFORE = frozenset(IRRADIANCE_COLUMNS)
_TOO_LARGE = 1e12  # beyond any number of an answer, and within the floats
_REQUIRED = ("dry_bulb_c", "relative_humidity")
_PLACE_KEYS = ("latitude", "longitude", "elevation", "utc_offset_seconds")


class OpenMeteoWeather(FromFile, WeatherSource):
    """Hourly weather from a JSON answer of Open-Meteo with `temperature_2m` and `relative_humidity_2m` in °C and %.

    Local times are shifted to UTC by the one `utc_offset_seconds` of the file: Open-Meteo applies the offset of the
    day of the request to all times and knows no daylight saving within an answer (its issues 488 and 1255). A year
    asked for in local time therefore begins some hours off the year in UTC; `repeat: year` fills them, and
    `timezone=GMT` in the request avoids them. Without `surface_pressure` the standard atmosphere's is taken.
    Radiation is the mean of the hour before its label and is moved to that hour; the last hour, which the file does
    not reach, takes the value of the hour before it.
    """

    kind: Literal["open-meteo"] = "open-meteo"
    repeat: Literal["year"] | None = None
    """`year` takes the same weather in every calendar year, by month, day and hour in UTC."""

    def read(self) -> Weather:
        import numpy as np

        answer = self._answer()
        hourly, units = answer.get("hourly"), answer.get("hourly_units", {})
        if not isinstance(hourly, dict) or not isinstance(units, dict) or not isinstance(hourly.get("time"), list):
            raise InputError(Problem(self.file, "hourly", "there is no block of hourly values with 'time'"))
        problems: list[Problem] = []
        numbers = {key: _number(answer, key, self.file, problems) for key in _PLACE_KEYS}
        hours_utc_s = self._hours_utc_s(hourly["time"], numbers["utc_offset_seconds"], problems)
        values, columns = self._values(hourly, units, problems)
        raise_any(problems, self.file)
        order = np.argsort(hours_utc_s, kind="stable")
        for name in _OF_THE_HOUR_BEFORE & values.keys():
            rising = values[name][order]
            values[name][order] = np.append(rising[1:], rising[-1:])
        if "pressure_pa" not in values:
            values["pressure_pa"] = np.full(len(hours_utc_s), standard_pressure_pa(numbers["elevation"]))
            columns["pressure_pa"] = "elevation"
        site = Site(
            str(answer.get("timezone", "Open-Meteo")),
            numbers["latitude"],
            numbers["longitude"],
            numbers["elevation"],
            int(numbers["utc_offset_seconds"]),
        )
        readings = Readings(self.file, np.array(hours_utc_s, dtype=np.int64), values, columns)
        return weather_of(site, readings, repeats_yearly=self.repeat == "year")

    def _answer(self) -> dict[str, Any]:
        try:
            answer = json.loads(self.path.read_text(encoding="utf-8"))
        except json.JSONDecodeError as error:
            where = f"{self.file}:{error.lineno}:{error.colno}"
            raise InputError(Problem(where, "", f"is not JSON: {error.msg}")) from error
        except (OSError, ValueError, RecursionError) as error:
            raise InputError(Problem(self.file, "", f"can not be read as JSON in UTF-8: {error}")) from error
        if not isinstance(answer, dict):
            raise InputError(Problem(self.file, "", "is not an answer of Open-Meteo: a mapping with 'hourly'"))
        return answer

    def _hours_utc_s(self, times: list[Any], utc_offset_s: float, problems: list[Problem]) -> list[int]:
        offset_s = 0 if math.isnan(utc_offset_s) else int(utc_offset_s)  # NaN is among the problems already
        hours_utc_s = []
        for index, text in enumerate(times):
            try:
                time = datetime.fromisoformat(text)
                if time.tzinfo is not None:
                    raise ValueError
                hours_utc_s.append(int(time.replace(tzinfo=UTC).timestamp()) - offset_s)
            except (ValueError, TypeError):
                message = f"{repr(text)[:40]} is not a local time such as '2023-01-31T13:00'"
                problems.append(Problem(self.file, f"hourly.time[{index}]", message))
        return hours_utc_s

    def _values(
        self, hourly: dict[str, Any], units: dict[str, Any], problems: list[Problem]
    ) -> tuple[dict[str, NDArray[np.float64]], dict[str, str]]:
        """Return the variables that the answer has, in the units of `Readings`, and what the answer calls them."""
        import numpy as np

        hours = len(hourly["time"])
        values: dict[str, NDArray[np.float64]] = {}
        columns: dict[str, str] = {}
        for name, (spellings, factors) in _VARIABLES.items():
            column = next((spelling for spelling in spellings if spelling in hourly), None)
            if column is None:
                if name in _REQUIRED:
                    problems.append(Problem(self.file, "hourly", f"there is no '{spellings[0]}'"))
                continue
            factor = factors.get(str(units.get(column, next(iter(factors)))))
            if factor is None:
                message = f"is in {repr(units[column])[:40]}; allowed is {' or '.join(factors)}"
                problems.append(Problem(self.file, column, message))
            elif not isinstance(hourly[column], list) or len(hourly[column]) != hours:
                problems.append(Problem(self.file, column, f"is no list of {hours} values, one for each time"))
            else:
                values[name] = factor * np.array([_finite(value) for value in hourly[column]])
                columns[name] = column
        return values, columns


def _number(answer: dict[str, Any], key: str, file: str, problems: list[Problem]) -> float:
    value = _finite(answer.get(key))
    least, most = PLACE_RANGES[key.removesuffix("_seconds")]
    if not least <= value <= most:
        problems.append(Problem(file, key, f"{repr(answer.get(key))[:40]} is not a number from {least:g} to {most:g}"))
    return value


def _finite(value: object) -> float:
    """Return a JSON number as a float; NaN for null, text, and what is not finite."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < _TOO_LARGE:
        return math.nan
    return float(value)
