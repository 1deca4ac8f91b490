"""Typical years in the EnergyPlus weather format."""

from __future__ import annotations

import dataclasses
import itertools
import warnings
from typing import Literal

from ..data_file import FromFile
from ..problems import InputError, Problem
from .design_conditions import design_conditions
from .readings import IRRADIANCE_COLUMNS, Site, typical_readings, weather_of
from .source import WeatherSource
from .weather import Weather

_FIRST_LINE = 9  # eight header lines
_COLUMNS = {
    "dry_bulb_c": "temp_air",
    "relative_humidity": "relative_humidity",
    "pressure_pa": "atmospheric_pressure",
    "dew_point_c": "temp_dew",
    "wind_speed_m_per_s": "wind_speed",
    **IRRADIANCE_COLUMNS,
}


class EpwWeather(FromFile, WeatherSource):
    """A typical year from an EPW file, as EnergyPlus and climate.onebuilding.org use it.

    The file's months come from different years, which do not count: the year stands for every calendar year. Hour 1
    of the file is the hour from 00:00 to 01:00 of the local standard time that the file's header names.
    """

    kind: Literal["epw"] = "epw"

    def read(self) -> Weather:
        import numpy as np
        import pandas as pd
        from pvlib.iotools import read_epw

        try:
            with warnings.catch_warnings():
                # What pandas warns of over a broken file becomes NaN or an error below, with its place in the file.
                warnings.simplefilter("ignore")
                table, header = read_epw(self.path)
            with self.path.open(encoding="utf-8", errors="replace") as lines:
                found = design_conditions(next(itertools.islice(lines, 1, None), ""))
            place = header["latitude"], header["longitude"], header["altitude"]
            site = Site(header["city"], *place, utc_offset_s=int(header["TZ"] * 3600))
            values = {
                name: pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
                for name, column in _COLUMNS.items()
            }
            # read_epw labels the hour's start already: it takes 1 from the hours 1 to 24 of the file.
            local_starts = table.index.tz_localize(None)
        # What pvlib and pandas raise over a file that is not in the format.
        except (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError) as error:
            raise InputError(Problem(self.file, "", f"can not be read as an EPW file: {error}")) from error
        readings = typical_readings(site, local_starts, values, _COLUMNS, self.file, _FIRST_LINE)
        weather = weather_of(site, readings, repeats_yearly=True)
        if isinstance(found, str):
            return dataclasses.replace(weather, why_no_design_conditions=found)
        return dataclasses.replace(weather, design_conditions=found)
