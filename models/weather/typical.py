"""The weather that comes with datahall: a typical year that pvlib carries."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from .source import WeatherSource
from .tmy3 import read_tmy3_weather
from .weather import Weather

_FILE = "723170TYA.CSV"


class TypicalWeather(WeatherSource):
    """A typical year of Greensboro, North Carolina, from NREL's TMY3 collection; no file is needed.

    Station 723170, Piedmont Triad International Airport. The file is one of pvlib's own.
    """

    kind: Literal["typical"] = "typical"

    def read(self) -> Weather:
        import pvlib

        return read_tmy3_weather(Path(pvlib.__file__).parent / "data" / _FILE, f"pvlib/data/{_FILE}")
