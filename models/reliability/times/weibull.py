"""Failures at a rate that falls, or rises, with the time since the last repair."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...units import Duration
from .time_between_failures import TimeBetweenFailures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class WeibullTimes(TimeBetweenFailures):
    """Times after Weibull, survival exp(-(t / scale)^shape): below a shape of 1 the hazard falls with age, as field
    data of large systems have it (Schroeder and Gibson, DSN 2006), above 1 parts wear out."""

    kind: Literal["weibull"] = "weibull"
    shape: Annotated[float, Field(gt=0.05, le=50.0)]
    """The shape; 0.48 was fitted to LANL's systems (Failure Trace Archive)."""
    scale: Annotated[Duration, Field(gt=0)]
    """The age by which 63 % have failed."""

    @property
    def mean_s(self) -> float:
        """The mean time between failures, scale Gamma(1 + 1 / shape) [s]."""
        return self.scale * math.gamma(1.0 + 1.0 / self.shape)

    @property
    def rate_per_s(self) -> float:
        return 1.0 / self.mean_s

    def draw(
        self, generator: np.random.Generator, characters: NDArray[np.float64], age_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        # The cumulative hazard (t / scale)^shape grows by a unit exponential from where age has brought it.
        spent = (age_s / self.scale) ** self.shape
        drawn: NDArray[np.float64] = (
            self.scale * (spent + generator.standard_exponential(len(characters))) ** (1.0 / self.shape) - age_s
        )
        return drawn.clip(0.0)
