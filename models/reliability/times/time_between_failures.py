"""The time between failures of a part: the contract of every kind."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from ...section import Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TimeBetweenFailures(Section):
    """How long a part works until it fails. YAML selects a kind by `kind:`."""

    memoryless: ClassVar[bool] = False
    """Whether every part fails at the same rate at any age, so that parts need no clocks of their own."""

    @property
    @abstractmethod
    def rate_per_s(self) -> float:
        """Failures a second of a part in service, over many parts and a long time."""

    def characters(self, generator: np.random.Generator, count: int) -> NDArray[np.float64]:
        """Return what each part is made with and keeps until it is replaced, shape (count,): here nothing, ones."""
        import numpy as np

        return np.ones(count)

    @abstractmethod
    def draw(
        self, generator: np.random.Generator, characters: NDArray[np.float64], age_s: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return how long each part goes on [s] that has worked for `age_s` [s] since its last repair, same shape."""
