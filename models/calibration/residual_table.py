"""A table of what a closed form leaves over, by shape: multilinear between knots, smooth where data are thin."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import FloatArray
from .operation import Axis


@dataclass(frozen=True)
class ResidualTable:
    """Natural logarithm of measured over predicted time, on a grid of the shape's features."""

    axes: tuple[Axis, ...]
    """The grid."""
    values: FloatArray
    """The logarithm at each knot, one dimension an axis."""
    supported: NDArray[np.bool_]
    """Cells with at least one measurement, one fewer than knots in each dimension."""

    def __call__(self, features: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Return the logarithm for each row of features, and whether the row is inside the range that was measured.

        Outside of the range the logarithm is 0: the closed form stands alone.
        """
        cells, fractions, inside = locate(self.axes, features)
        inside &= self.supported.ravel()[np.ravel_multi_index(tuple(cells.T), self.supported.shape)]
        flat = self.values.ravel()
        strides = _strides(self.values.shape)
        base = cells @ strides
        total = np.zeros(len(features))
        for corner in itertools.product((0, 1), repeat=len(self.axes)):
            weight = np.ones(len(features))
            for axis, upper in enumerate(corner):
                weight *= fractions[:, axis] if upper else 1.0 - fractions[:, axis]
            total += weight * flat[base + int(np.dot(corner, strides))]
        return np.where(inside, total, 0.0), inside


def locate(axes: tuple[Axis, ...], features: FloatArray) -> tuple[NDArray[np.intp], FloatArray, NDArray[np.bool_]]:
    """Return the cell of each row, where in it the row lies (0 to 1 an axis), and whether it is inside all axes."""
    cells = np.empty(features.shape, dtype=np.intp)
    fractions = np.empty(features.shape)
    inside = np.ones(len(features), dtype=bool)
    for index, axis in enumerate(axes):
        knots = np.asarray(axis.knots)
        feature = features[:, index]
        inside &= (feature >= knots[0]) & (feature <= knots[-1])
        cell = np.clip(np.searchsorted(knots, feature, side="right") - 1, 0, len(knots) - 2)
        cells[:, index] = cell
        fractions[:, index] = np.clip((feature - knots[cell]) / (knots[cell + 1] - knots[cell]), 0.0, 1.0)
    return cells, fractions, inside


def _strides(shape: tuple[int, ...]) -> NDArray[np.intp]:
    return np.array([int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))], dtype=np.intp)
