"""What electricity costs at each time: the contract of every tariff."""

from __future__ import annotations

from abc import abstractmethod

from ..section import Section
from ..series import Series


class Tariff(Section):
    """A price of electrical energy. Its kinds are found in this package; YAML selects one by `kind:`."""

    @property
    @abstractmethod
    def step_s(self) -> int:
        """The grid on which the price may change [s]: its prices change at UTC multiples of this only."""

    @abstractmethod
    def energy_price(self, start_utc_s: float, end_utc_s: float) -> Series:
        """Return the price [USD/J, may be negative] on the tariff's grid, over all of [start, end).

        Raises InputError with every problem of the file that it reads, or where the prices do not cover the run.
        """
