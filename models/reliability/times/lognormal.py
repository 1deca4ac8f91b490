"""Failures after times whose logarithm is normal."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...units import Duration
from .time_between_failures import TimeBetweenFailures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class LognormalTimes(TimeBetweenFailures):
    """Times whose logarithm is normal: few failures at once, a hazard that rises and then falls."""

    kind: Literal["lognormal"] = "lognormal"
    median: Annotated[Duration, Field(gt=0)]
    """The age by which half have failed."""
    sigma: Annotated[float, Field(gt=0.0, le=10.0)]
    """Standard deviation of the natural logarithm."""

    @property
    def rate_per_s(self) -> float:
        return math.exp(-(self.sigma**2) / 2.0) / self.median

    def draw(
        self, generator: np.random.Generator, characters: NDArray[np.float64], age_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        import numpy as np
        from scipy.special import ndtr, ndtri

        # Survival beyond the age, shared out evenly; the upper tail keeps its digits when written as survival.
        with np.errstate(divide="ignore"):
            alive = ndtr(-(np.log(age_s / self.median) / self.sigma))
        survival = alive * (1.0 - generator.random(len(characters)))
        drawn: NDArray[np.float64] = self.median * np.exp(-self.sigma * ndtri(survival)) - age_s
        return drawn.clip(0.0)
