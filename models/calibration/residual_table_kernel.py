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

    The knots of all axes lie one after the other; those of axis i start at `first_knot[i]`. Outside the total is 0.
    """
    dimensions = features.shape[1]
    fractions = np.empty(dimensions)
    for row in range(features.shape[0]):
        base = 0
        cell = 0
        within = True
        for axis in range(dimensions):
            feature = features[row, axis]
            low = first_knot[axis]
            high = first_knot[axis + 1] - 1
            if not knots[low] <= feature <= knots[high]:
                within = False
                break
            start = low
            while high - low > 1:
                middle = (low + high) // 2
                if knots[middle] <= feature:
                    low = middle
                else:
                    high = middle
            fractions[axis] = (feature - knots[low]) / (knots[low + 1] - knots[low])
            base += (low - start) * value_strides[axis]
            cell += (low - start) * cell_strides[axis]
        inside[row] = within and supported[cell]
        total[row] = 0.0
        if inside[row]:
            for corner in range(1 << dimensions):
                weight = 1.0
                index = base
                for axis in range(dimensions):
                    if corner >> (dimensions - 1 - axis) & 1:
                        weight *= fractions[axis]
                        index += value_strides[axis]
                    else:
                        weight *= 1.0 - fractions[axis]
                total[row] += weight * values[index]
