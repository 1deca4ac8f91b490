"""Parts that differ: most are good and a few are lemons, by rates drawn from a gamma distribution."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...units import Duration
from .time_between_failures import TimeBetweenFailures

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class GammaMixedTimes(TimeBetweenFailures):
    """Each part fails at a rate of its own, constant until the part is replaced.

    Rates follow a gamma distribution (Greenwood and Yule, Journal of the Royal Statistical Society 83(2), 1920), so
    that counts of failures are negative binomial: variance = mean + mean^2 / shape.
    """

    kind: Literal["gamma-mixed"] = "gamma-mixed"
    mtbf: Annotated[Duration, Field(gt=0)]
    """Time between failures of the whole population: its mean rate is 1 / mtbf."""
    shape: Annotated[float, Field(gt=0.001, le=1e6)]
    """The gamma's shape: the smaller, the more of the failures are those of a few parts. At 0.1 the worst hundredth of
    the parts has 23 % of the failures, at 1 it has 6 % (computed)."""

    @property
    def rate_per_s(self) -> float:
        return 1.0 / self.mtbf

    def characters(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return each part's rate over the mean one, shape (count,)."""
        rates: NDArray[np.float64] = generator.standard_gamma(self.shape, count) / self.shape
        return rates

    def draw(
        self, generator: np.random.Generator, characters: NDArray[np.float64], age_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        import numpy as np

        waits = generator.standard_exponential(len(characters)) * self.mtbf
        # A gamma of small shape gives rates that are zero to a float: such a part never fails.
        never = np.full(len(characters), np.inf)
        drawn: NDArray[np.float64] = np.divide(waits, characters, out=never, where=characters > 0.0)
        return drawn
