"""Where weather comes from: the contract of every source."""

from __future__ import annotations

from abc import abstractmethod

from ..section import Section
from .weather import Weather


class WeatherSource(Section):
    """A source of weather. Its kinds are found in this package; YAML selects one by `kind:`."""

    @abstractmethod
    def read(self) -> Weather:
        """Return the weather. Raises InputError with every problem of the file: where, what, how many hours."""
