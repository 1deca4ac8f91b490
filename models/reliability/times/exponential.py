"""Failures at a constant rate, whatever the age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from ...units import Duration
from .time_between_failures import TimeBetweenFailures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ExponentialTimes(TimeBetweenFailures):
    """Times without memory: a part fails at the same rate when new and when old."""

    memoryless: ClassVar[bool] = True
    kind: Literal["exponential"] = "exponential"
    mtbf: Annotated[Duration, Field(gt=0)]
    """Mean time between failures of a part in service."""

    @property
    def rate_per_s(self) -> float:
        return 1.0 / self.mtbf

    def draw(
        self, generator: np.random.Generator, characters: NDArray[np.float64], age_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        return generator.standard_exponential(len(characters)) * self.mtbf
