"""Requests a second over time: the contract of the key `demand` of a service."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from ...section import Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOUR_S = 3600.0
Rate = Annotated[float, Field(ge=0.0)]
"""Requests a second."""


class OfferedRates(NamedTuple):
    """A rate that is constant over stretches of time: from `from_s[i]` to `from_s[i + 1]`, or to the end of the last.

    Both have the shape (stretch,); `from_s` [s from the scenario's start] rises and begins at the start asked for.
    """

    from_s: NDArray[np.float64]
    requests_per_s: NDArray[np.float64]


class Demand(Section):
    """What a service is asked for. Requests have lengths: tokens a second say nothing of how many nodes they need."""

    @abstractmethod
    def offered(self, start_utc_s: float, until_s: float) -> OfferedRates:
        """Return the rates from the scenario's start, a Unix time [s], to `until_s` after it.

        Raises InputError where what was given does not reach so far.
        """
