"""IT equipment that is no node: storage arrays, switches, management. The contract of an entry of `loads:`."""

from __future__ import annotations

from abc import abstractmethod

from pydantic import Field

from ..section import Section
from ..series import Series


class Load(Section):
    """A piece of IT equipment whose power is given over time instead of simulated."""

    name: str = Field(min_length=1)
    """What it is, such as `storage`."""

    @property
    @abstractmethod
    def step_s(self) -> int | None:
        """The grid on which the power may change [s]; None where it never does."""

    @abstractmethod
    def power(self) -> Series:
        """Return the power [W] over time; raises InputError with every problem of the file that is read."""
