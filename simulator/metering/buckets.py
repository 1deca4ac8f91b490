"""Buckets into which meters fold what they integrate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .meter_kernel import GREATEST, INTEGRAL, LEAST


def empty_buckets(rows: int, count: int) -> NDArray[np.float64]:
    """Return buckets that hold nothing yet, shape (rows, count, 3): integral 0, least inf, greatest -inf."""
    buckets = np.empty((rows, count, 3))
    buckets[:, :, INTEGRAL] = 0.0
    buckets[:, :, LEAST] = np.inf
    buckets[:, :, GREATEST] = -np.inf
    return buckets
