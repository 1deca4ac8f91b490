"""How wide jobs are: distributions of their numbers of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from ..distributions.distribution import Distribution, WeightedList
from .resources import Count

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ConstantWidth(Distribution):
    """Every job has as many tasks as every other."""

    kind: Literal["constant"] = "constant"
    value: Count = 1
    """Tasks of a job."""

    def expected(self) -> float:
        return float(self.value)

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        return np.full(count, float(self.value))


class WidthRange(Distribution):
    """Widths between two bounds, both of them included."""

    minimum: Count = 1
    """Fewest tasks of a job."""
    maximum: Count
    """Most tasks of a job."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.minimum > self.maximum:
            raise ValueError(f"'minimum' ({self.minimum}) is above 'maximum' ({self.maximum})")
        return self


class UniformWidth(WidthRange):
    """Every whole number from minimum to maximum is as likely as the others."""

    kind: Literal["uniform"] = "uniform"

    def expected(self) -> float:
        return (self.minimum + self.maximum) / 2.0

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        return generator.integers(self.minimum, self.maximum, size=count, endpoint=True).astype(np.float64)


class PowerOfTwoWidth(WidthRange, WeightedList):
    """Powers of two from minimum to maximum, each as likely as the others or by weight."""

    kind: Literal["power-of-two"] = "power-of-two"

    @model_validator(mode="after")
    def _powers(self) -> Self:
        for name, bound in (("minimum", self.minimum), ("maximum", self.maximum)):
            if bound & (bound - 1):
                raise ValueError(f"'{name}' is {bound}, which is no power of two; allowed: 1, 2, 4, 8, ...")
        return self

    @property
    def listed(self) -> Sequence[float]:
        return [2.0**power for power in range(self.minimum.bit_length() - 1, self.maximum.bit_length())]


class ChoiceWidth(WeightedList):
    """Widths from a list, each drawn as often as its weight says."""

    kind: Literal["choice"] = "choice"
    values: tuple[Count, ...] = Field(min_length=1)
    """Tasks of a job."""

    @property
    def listed(self) -> Sequence[float]:
        return self.values


WidthDistribution = Annotated[ConstantWidth | UniformWidth | PowerOfTwoWidth | ChoiceWidth, Field(discriminator="kind")]
"""How many tasks jobs have."""
