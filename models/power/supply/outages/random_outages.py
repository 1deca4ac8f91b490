"""Outages at random: so many a year, each as long as a distribution says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ....distributions.durations import DurationDistribution, LognormalDuration
from ....units import quantity
from .grid_outages import GridOutages, Outage

if TYPE_CHECKING:
    import numpy as np

_YEAR_S = 365.25 * 86_400


class RandomOutages(GridOutages):
    """Outages of a grid that, while it is there, may be lost at any instant alike (a Poisson process)."""

    kind: Literal["random"] = "random"
    per_year: float = Field(default=1.0, ge=0.0, le=10_000.0)
    """Outages in a year of grid. A single utility circuit has 0.5 to 2 (IEEE 493-1997, from memory, unverified); 1 is
    an assumption within."""
    duration: DurationDistribution = LognormalDuration(mean=quantity("2 h"), sigma=1.0)
    """How long they last: `kind: constant`, `exponential`, `lognormal` or `empirical`. The mean of a single utility
    circuit is 1.3 to 2.7 h (as above); 2 h and a lognormal of sigma 1 are assumptions."""

    def draw(self, random: np.random.Generator, horizon_s: float) -> list[Outage]:
        outages: list[Outage] = []
        if self.per_year == 0.0:
            return outages
        there_s = _YEAR_S / self.per_year
        start_s = random.standard_exponential() * there_s
        while start_s < horizon_s:
            duration_s = float(self.duration.draw(random, 1)[0])
            outages.append(Outage(start_s, duration_s))
            start_s += duration_s + random.standard_exponential() * there_s
        return outages

    @property
    def expected_fraction(self) -> float:
        """The share of time without grid in the long run: mean outage over mean time between beginnings."""
        lost = self.per_year * self.duration.expected()
        return lost / (_YEAR_S + lost)
