"""When the grid fails, and for how long: the contract of every source of outages."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from ....section import Section

if TYPE_CHECKING:
    import numpy as np


class Outage(NamedTuple):
    """One loss of the grid: when it begins [s from the scenario's start] and how long it lasts [s]."""

    start_s: float
    duration_s: float


class GridOutages(Section):
    """Losses of the grid. YAML selects a kind by `kind:`."""

    @abstractmethod
    def draw(self, random: np.random.Generator, horizon_s: float) -> list[Outage]:
        """Return the outages that begin before `horizon_s`, in order; none begins before the last has ended.

        The last may end after the horizon. A longer horizon adds outages and leaves the earlier ones as they are.
        """
