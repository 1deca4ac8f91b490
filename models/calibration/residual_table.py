"""A table of what a closed form leaves over, by shape: multilinear between knots, smooth where data are thin."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .estimate import FloatArray
from .operation import Axis
from .residual_table_kernel import interpolate

_Indices = NDArray[np.int64]


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

        In cells without measurements it goes on from their neighbours as smoothly as the fit does, and beyond the axes
        it stays that of the edge, so that time does not jump. Of kernels held out there the closed form alone is off by
        half as much again and more. Where a feature is not a number it is 0: the closed form stands alone.
        """
        total, inside = np.empty(len(features)), np.empty(len(features), dtype=np.bool_)
        knots, first_knot, values, value_strides, supported, cell_strides = self._flat
        rows = np.ascontiguousarray(features, dtype=float)
        interpolate(rows, knots, first_knot, values, value_strides, supported, cell_strides, total, inside)
        return total, inside

    @functools.cached_property
    def _flat(self) -> tuple[FloatArray, _Indices, FloatArray, _Indices, NDArray[np.bool_], _Indices]:
        """The table as `interpolate` takes it."""
        counts = [len(axis.knots) for axis in self.axes]
        return (
            np.concatenate([np.asarray(axis.knots, dtype=float) for axis in self.axes]),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            np.ascontiguousarray(self.values.ravel(), dtype=float),
            _strides(self.values.shape).astype(np.int64),
            np.ascontiguousarray(self.supported.ravel(), dtype=np.bool_),
            _strides(self.supported.shape).astype(np.int64),
        )


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
