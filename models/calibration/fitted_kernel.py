"""A fitted kernel: parameters of the closed form, the residual table, and where they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import Basis, FloatArray
from .operation import Operation, Rates, Shape
from .residual_table import ResidualTable

GREATEST_CACHE_B = 1.28e8
"""What a loop over one kernel may find in cache of what it moves [B]: no accelerator that was measured caches more."""


@dataclass(frozen=True)
class HeldOutError:
    """Errors on shape families that the fit did not see."""

    median: float
    """Median of |predicted / measured - 1|."""
    p95: float
    """95th percentile of the same."""
    closed_form_median: float
    """Median with the closed form alone."""
    closed_form_p95: float
    """95th percentile with the closed form alone."""
    fallback_share: float
    """Share of the held-out rows that lay outside of the table's range."""
    rows: int
    """Held-out rows."""


@dataclass(frozen=True)
class FittedKernel:
    """One operation in one number format on one accelerator under one framework."""

    operation: str
    dtype: str
    framework: str
    parameters: Mapping[str, float]
    """Of the operation's closed form."""
    table: ResidualTable | None
    """What the closed form leaves over; None where it is enough."""
    least: Mapping[str, float]
    """Least value of each column that was measured."""
    greatest: Mapping[str, float]
    """Greatest value of each column that was measured."""
    rows: int
    """Measurements that were fitted."""
    source: str
    """Distribution and version of the measurements, or the file of our own."""
    device: str
    """The device as it named itself."""
    held_out: HeldOutError | None
    """Errors on held-out families of the shapes that are promised, from a fit on the others."""
    held_out_anywhere: HeldOutError | None = None
    """Errors on all held-out families, where some are of shapes that are not promised."""

    def predict(self, operation: Operation, shape: Shape, rates: Rates) -> tuple[FloatArray, NDArray[np.uint8]]:
        """Return times [s] and the `Basis` that each rests on.

        Where an operation's work is the least that any kernel does, none is faster than the datasheet's rates allow:
        fitted efficiencies may be above 1, where caches answered for the memory or where the data did not tell them
        apart, and a table may overshoot.
        """
        time_s = operation.closed_form_s(shape, self.dtype, rates, self.parameters)
        inside = np.ones(len(time_s), dtype=bool)
        if self.table is not None:
            logarithm, inside = self.table(operation.coordinates(shape, rates))
            time_s = time_s * np.exp(logarithm)
        else:
            for column in operation.columns:
                inside &= (shape[column] >= self.least[column]) & (shape[column] <= self.greatest[column])
        if operation.work_is_least:
            flop, traffic_b = operation.work(shape, self.dtype)
            time_s = np.maximum(time_s, flop * (1.0 / rates.compute_flop_per_s))
            time_s = np.maximum(time_s, (traffic_b - GREATEST_CACHE_B) * (1.0 / rates.bandwidth_b_per_s))
        return time_s, np.where(inside, Basis.MEASURED, Basis.EXTRAPOLATED).astype(np.uint8)
