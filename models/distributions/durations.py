"""How long jobs, outages and repairs last: distributions of durations, in seconds."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, PositiveFloat, model_validator

from ..data_file import FromFile
from ..file_columns import read_columns
from ..file_faults import Faults
from ..problems import InputError, Problem
from ..units import Duration
from .distribution import Distribution, WeightedList

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PositiveDuration = Annotated[Duration, Field(gt=0)]


class ConstantDuration(Distribution):
    """Every job lasts as long as every other."""

    kind: Literal["constant"] = "constant"
    value: PositiveDuration
    """The duration."""

    def expected(self) -> float:
        return self.value

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        return np.full(count, self.value)


class ExponentialDuration(Distribution):
    """Durations without memory, as in the M/M/c queue."""

    kind: Literal["exponential"] = "exponential"
    mean: PositiveDuration
    """The mean duration."""

    def expected(self) -> float:
        return self.mean

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        return generator.standard_exponential(count) * self.mean


class LognormalDuration(Distribution):
    """Durations whose logarithm is normal; draws beyond `minimum` or `maximum` are set to it."""

    kind: Literal["lognormal"] = "lognormal"
    median: PositiveDuration | None = None
    """The median; give this or `mean`."""
    mean: PositiveDuration | None = None
    """The mean before `minimum` and `maximum` apply; give this or `median`."""
    sigma: PositiveFloat
    """Standard deviation of the natural logarithm; 1 means that 68 % lie within a factor e of the median."""
    minimum: PositiveDuration | None = None
    """No job is shorter."""
    maximum: PositiveDuration | None = None
    """No job is longer."""

    @model_validator(mode="after")
    def _one_centre(self) -> Self:
        if (self.median is None) == (self.mean is None):
            raise ValueError("give 'median' or 'mean', one of the two")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError("'minimum' is above 'maximum'")
        return self

    @property
    def _mu(self) -> float:
        """Mean of the natural logarithm of the duration in seconds."""
        if self.median is not None:
            return math.log(self.median)
        assert self.mean is not None
        return math.log(self.mean) - self.sigma**2 / 2.0

    def expected(self) -> float:
        """Return E[min(max(X, a), b)] = a F(a) + b (1 - F(b)) + the part of the mean between a and b."""
        lower = (math.log(self.minimum) - self._mu) / self.sigma if self.minimum else -math.inf
        upper = (math.log(self.maximum) - self._mu) / self.sigma if self.maximum else math.inf
        between = _normal_cdf(upper - self.sigma) - _normal_cdf(lower - self.sigma)
        below = self.minimum * _normal_cdf(lower) if self.minimum else 0.0
        above = self.maximum * _normal_cdf(-upper) if self.maximum else 0.0
        return math.exp(self._mu + self.sigma**2 / 2.0) * between + below + above

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        import numpy as np

        draws = np.exp(self._mu + self.sigma * generator.standard_normal(count))
        return np.clip(draws, self.minimum, self.maximum) if self.minimum or self.maximum else draws


class EmpiricalDuration(WeightedList):
    """Durations from a list, each drawn as often as its weight says."""

    kind: Literal["empirical"] = "empirical"
    values: tuple[PositiveDuration, ...] = Field(min_length=1)
    """The durations."""

    @property
    def listed(self) -> Sequence[float]:
        return self.values


class EmpiricalFileDuration(FromFile, Distribution):
    """Durations of a column of a CSV file, in seconds, each line as likely as the others."""

    kind: Literal["empirical-file"] = "empirical-file"
    column: str = "duration_s"
    """The column, which holds seconds above 0."""

    def expected(self) -> float:
        return float(self._values.mean())

    def draw(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        values = self._values
        return values[generator.integers(len(values), size=count)]

    @functools.cached_property
    def _values(self) -> NDArray[np.float64]:
        table = read_columns(self.path, Faults(self.file), [self.column], None)
        values = table.numbers(self.column, above=True)
        table.faults.raise_if_any()
        if not len(values):
            raise InputError(Problem(self.file, self.column, "no value; at least one is needed"))
        return values


DurationDistribution = Annotated[
    ConstantDuration | ExponentialDuration | LognormalDuration | EmpiricalDuration | EmpiricalFileDuration,
    Field(discriminator="kind"),
]
"""How long jobs run, in seconds."""


def _normal_cdf(x: float) -> float:
    return 0.5 * math.erfc(-x / math.sqrt(2.0))
