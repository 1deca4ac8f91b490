"""What a distribution must tell: its draws, and the mean that an offered load is computed from."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from ..section import Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Weight = Annotated[float, Field(ge=0, le=1e12)]


class Distribution(Section):
    """A distribution of positive numbers."""

    @abstractmethod
    def expected(self) -> float:
        """Return the mean of the distribution, exact, in the unit of the draws."""

    @abstractmethod
    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return independent draws, shape (count,)."""


class WeightedList(Distribution):
    """Values from a list, each drawn as often as its weight says."""

    weights: tuple[Weight, ...] | None = None
    """A weight for each value; without it all are equal."""

    @property
    @abstractmethod
    def listed(self) -> Sequence[float]:
        """The values."""

    @model_validator(mode="after")
    def _weights_fit(self) -> Self:
        if self.weights is not None and len(self.weights) != len(self.listed):
            raise ValueError(f"{len(self.weights)} weights for {len(self.listed)} values; give one for each")
        if self.weights is not None and not any(self.weights):
            raise ValueError("all weights are zero; at least one must be above")
        return self

    def expected(self) -> float:
        weights = self.weights or (1.0,) * len(self.listed)
        return math.fsum(v * w for v, w in zip(self.listed, weights, strict=True)) / math.fsum(weights)

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        indices = drawn_by_weight(generator, self.weights or (1.0,) * len(self.listed), count)
        draws: NDArray[np.float64] = np.array(self.listed, dtype=np.float64)[indices]
        return draws


def drawn_by_weight(generator: np.random.Generator, weights: Sequence[float], count: int) -> NDArray[np.intp]:
    """Return indices drawn in proportion to the weights, shape (count,); a weight of zero is never drawn."""
    import numpy as np

    cumulative = np.cumsum(weights)
    # The product may round up to the total, which is beyond the last step.
    draws = np.minimum(generator.random(count) * cumulative[-1], np.nextafter(cumulative[-1], 0.0))
    drawn: NDArray[np.intp] = np.searchsorted(cumulative, draws, side="right")
    return drawn
