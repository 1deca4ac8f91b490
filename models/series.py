"""A quantity over time, constant over each interval: weather, price, carbon intensity."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Series:
    """Values of equal intervals, each labelled at its start (left), in UTC.

    `start_utc_s` is the Unix time of the first interval's start, `step_s` the length of each, `values` float64 of
    shape (n,) in `unit`, all finite. `repeats_yearly` marks a typical year, which stands for every calendar year.
    """

    name: str
    unit: str
    start_utc_s: int
    step_s: int
    values: NDArray[np.float64]
    repeats_yearly: bool = False

    @property
    def end_utc_s(self) -> int:
        """Unix time at which the last interval ends."""
        return self.start_utc_s + self.step_s * len(self.values)

    def named(self, name: str, unit: str, values: NDArray[np.float64]) -> Series:
        """Return a series over the same intervals with other values."""
        return dataclasses.replace(self, name=name, unit=unit, values=values)
