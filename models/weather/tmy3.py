"""Typical years of NREL's TMY3 collection."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

from ..data_file import FromFile
from ..problems import InputError, Problem
from .readings import IRRADIANCE_COLUMNS, TYPICAL_YEAR, Site, typical_readings, weather_of
from .source import WeatherSource
from .weather import Weather

_FIRST_LINE = 3  # site, column names
_PA_PER_MBAR = 100.0
_COLUMNS = {
    "dry_bulb_c": "temp_air",
    "relative_humidity": "relative_humidity",
    "pressure_pa": "pressure",
    "dew_point_c": "temp_dew",
    "wind_speed_m_per_s": "wind_speed",
    **IRRADIANCE_COLUMNS,
}


class Tmy3Weather(FromFile, WeatherSource):
    """A typical year from a TMY3 file (Wilcox and Marion, NREL/TP-581-43156, 2008).

    The file's months come from different years, which do not count: the year stands for every calendar year. The row
    of 01:00 is the hour from 00:00 to 01:00 of the local standard time that the file's first line names.
    """

    kind: Literal["tmy3"] = "tmy3"

    def read(self) -> Weather:
        return read_tmy3_weather(self.path, self.file)


def read_tmy3_weather(path: Path, file: str) -> Weather:
    """Return the typical year of a TMY3 file; `file` is its name in messages. Raises InputError."""
    import numpy as np
    import pandas as pd
    from pvlib.iotools import read_tmy3

    try:
        with warnings.catch_warnings():
            # What pandas warns of over a broken file becomes NaN or an error below, with its place in the file.
            warnings.simplefilter("ignore")
            # The year has no 29 February, so that an hour before 1 March, where pvlib puts 28 February 24:00 even of
            # a leap year, is 28 February 23:00.
            table, header = read_tmy3(path, coerce_year=TYPICAL_YEAR)
        place = header["latitude"], header["longitude"], header["altitude"]
        site = Site(header["Name"].strip('"'), *place, utc_offset_s=int(header["TZ"] * 3600))
        values = {
            name: pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
            for name, column in _COLUMNS.items()
        }
        # read_tmy3 labels the hour's end, a series its start.
        local_starts = table.index.tz_localize(None) - pd.Timedelta(hours=1)
    # What pvlib and pandas raise over a file that is not in the format.
    except (OSError, ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError) as error:
        raise InputError(Problem(file, "", f"can not be read as a TMY3 file: {error}")) from error
    values["pressure_pa"] = values["pressure_pa"] * _PA_PER_MBAR
    readings = typical_readings(site, local_starts, values, _COLUMNS, file, _FIRST_LINE)
    return weather_of(site, readings, repeats_yearly=True)
