"""The nearest point whose parts keep within limits and sum up to a total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def nearest_with_total(point: Array, *, total: float, most: Array, weight: Array | None = None) -> Array:
    """Return the x that minimises `sum weight (x - point)^2` under `sum x = total`, `0 <= x <= most`.

    All of shape (part,), weights above 0 (1 where none are given). Exact: the solution is `clip(point - shift / weight,
    0, most)`, and its sum falls piece by piece along a line as the shift grows; the piece that holds the total is found
    among the shifts at which a part meets a limit.

    Raises ValueError where the total is below 0 or above what the limits allow.

    References
    ----------
    P. Brucker, An O(n) algorithm for quadratic knapsack problems, Operations Research Letters 3, 1984.

    >>> nearest_with_total(np.array([3.0, 1.0, 0.0]), total=2.0, most=np.array([1.5, 2.0, 2.0]))
    array([1.5, 0.5, 0. ])
    """
    weight = np.ones_like(point) if weight is None else weight
    if not 0.0 <= total <= most.sum():
        raise ValueError(f"no parts between 0 and their limits sum up to {total:g}; they can to {most.sum():g}")

    def moved(shift: float) -> Array:
        return np.clip(point - shift / weight, 0.0, most)

    meets = np.sort(np.concatenate((weight * (point - most), weight * point)))
    # Sums fall from all limits to nothing over these shifts: the last at which they are not below the total.
    low, high = 0, meets.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if moved(meets[middle]).sum() >= total else (low, middle)
    x = moved(meets[low])
    # Between two neighbours the free parts alone move, each by the shift over its weight.
    inner = moved(0.5 * (meets[low] + meets[high]))
    free = (inner > 0.0) & (inner < most)
    if free.any():
        share = np.where(free, 1.0 / weight, 0.0)
        x -= share * ((x.sum() - total) / share.sum())
    return np.clip(x, 0.0, most)
