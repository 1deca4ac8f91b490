"""Multilinear interpolation in a table of any number of dimensions, row by row: ten times as fast as array by array."""

from __future__ import annotations

import numpy as np
from numba import types
from numpy.typing import NDArray

from ..compiled import compiled_as
from .estimate import FloatArray

_REALS = types.Array(types.float64, 1, "C", readonly=True)
_INDICES = types.Array(types.int64, 1, "C", readonly=True)
_FLAGS = types.Array(types.boolean, 1, "C", readonly=True)
_ROWS = types.Array(types.float64, 2, "C", readonly=True)


_TOTALS, _INSIDE = types.float64[::1], types.boolean[::1]
_SIGNATURE = types.void(_ROWS, _REALS, _INDICES, _REALS, _INDICES, _FLAGS, _INDICES, _TOTALS, _INSIDE)


@compiled_as(_SIGNATURE)
def interpolate(
    features: FloatArray,
    knots: FloatArray,
    first_knot: NDArray[np.int64],
    values: FloatArray,
    value_strides: NDArray[np.int64],
    supported: NDArray[np.bool_],
    cell_strides: NDArray[np.int64],
    total: FloatArray,
    inside: NDArray[np.bool_],
) -> None:
    """Fill `total` with the value at each row of features and `inside` with whether its cell is supported.

    The knots of all axes lie one after the other; those of axis i start at `first_knot[i]`. A row beyond the knots is
    not inside and keeps the value of the edge. The total is 0 where a feature is not a number.
    """
    dimensions = features.shape[1]
    corners = 1 << dimensions
    offsets = np.zeros(corners, dtype=np.int64)
    for corner in range(corners):
        for axis in range(dimensions):
            offsets[corner] += (corner >> (dimensions - 1 - axis) & 1) * value_strides[axis]
    weights = np.ones(corners)
    for row in range(features.shape[0]):
        base = 0
        cell = 0
        known = True
        within = True
        weights[0] = 1.0
        for axis in range(dimensions):
            feature = features[row, axis]
            low = first_knot[axis]
            high = first_knot[axis + 1] - 1
            if not knots[low] <= feature <= knots[high]:
                within = False
                if feature < knots[low]:
                    feature = knots[low]
                elif feature > knots[high]:
                    feature = knots[high]
                else:
                    known = False
                    break
            start = low
            while high - low > 1:
                middle = (low + high) // 2
                if knots[middle] <= feature:
                    low = middle
                else:
                    high = middle
            fraction = (feature - knots[low]) / (knots[low + 1] - knots[low])
            for corner in range((1 << axis) - 1, -1, -1):  # From the last: what is written lies behind what is read.
                weights[2 * corner + 1] = weights[corner] * fraction
                weights[2 * corner] = weights[corner] * (1.0 - fraction)
            base += (low - start) * value_strides[axis]
            cell += (low - start) * cell_strides[axis]
        inside[row] = within and supported[cell]
        value = 0.0
        if known:
            for corner in range(corners):
                value += weights[corner] * values[base + offsets[corner]]
        total[row] = value
