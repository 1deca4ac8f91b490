"""How much carbon a unit of grid electricity carries: the contract of every source."""

from __future__ import annotations

from abc import abstractmethod

from ..section import Section
from ..series import Series


class CarbonSource(Section):
    """The carbon intensity of the grid. Its kinds are found in this package; YAML selects one by `kind:`."""

    @abstractmethod
    def intensity(self, start_utc_s: float, end_utc_s: float) -> Series:
        """Return the carbon intensity [kg of CO2 equivalent per J] by the hour in UTC, over all of [start, end).

        Raises InputError with every problem of the file that it reads, or where the values do not cover the run.
        """
