"""Fit a residual table: penalised least squares on the knots, robust against single odd measurements.

P-splines of degree one in several dimensions (Eilers and Marx, Statistical Science 11(2), 1996): the sum of weighted
squared residuals, plus `smoothness` times the squared second differences along each axis, plus a small pull to zero.
Iteratively reweighted towards least absolute residuals, so that the median is what is fitted.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from .estimate import FloatArray
from .operation import Axis
from .residual_table import ResidualTable, _strides, locate

_PULL_TO_ZERO = 1e-3
_REWEIGHTINGS = 4
_MARGIN = 0.01
"""How far the outer knots lie beyond the outermost measurements [log2]: what was measured is inside, rounded or not."""
_LEAST_WIDTH = 0.1
"""Least distance of an inner knot from an outermost measurement [log2]: a thinner cell would hold next to no rows."""
_LEAST_RESIDUAL = 0.01
"""Residuals below this count as this when they are reweighted: repeated measurements differ by about a percent."""


def fit_residual_table(
    axes: tuple[Axis, ...],
    features: FloatArray,
    log_residual: FloatArray,
    *,
    smoothness: float | tuple[float, ...] = 1.0,
    bridged_cells: int | tuple[int, ...] = 0,
    weight: FloatArray | None = None,
) -> ResidualTable:
    """Return the table that fits the logarithms best; rows outside of the axes are left out.

    Its axes end where the measurements do: a wide cell with some in one corner does not speak for all of its width.
    `smoothness` is one number for all axes or one an axis: the weight of a squared second difference, in rows.
    Gaps of up to `bridged_cells` cells, one number or one an axis, between measured ones along an axis count as
    measured.
    """
    _, _, inside = locate(axes, features)
    axes = tuple(_measured(axis, features[inside, index]) for index, axis in enumerate(axes))
    cells, fractions, _ = locate(axes, features)
    cells, fractions, target = cells[inside], fractions[inside], log_residual[inside]
    prior = np.ones(len(target)) if weight is None else weight[inside]
    knots = tuple(len(axis.knots) for axis in axes)
    design = _design(cells, fractions, knots)
    penalty = _penalty(axes, smoothness)
    values = np.zeros(design.shape[1])
    robust = np.ones(len(target))
    for _ in range(_REWEIGHTINGS):
        weighted = design.T @ sparse.diags(prior * robust)
        normal = (weighted @ design + penalty).tocsc()
        # The matrix is symmetric and positive definite: no pivots are sought, which spares most of the filling in.
        factors = splu(normal, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
        values = factors.solve(weighted @ target)
        robust = _LEAST_RESIDUAL / np.maximum(np.abs(target - design @ values), _LEAST_RESIDUAL)
    supported = np.zeros(tuple(count - 1 for count in knots), dtype=bool)
    supported[tuple(cells.T)] = True
    bridged = (bridged_cells,) * supported.ndim if isinstance(bridged_cells, int) else bridged_cells
    for axis, most in enumerate(bridged):
        if most:
            supported = _bridged(supported, axis, most)
    return ResidualTable(axes, values.reshape(knots), supported)


def _measured(axis: Axis, features: FloatArray) -> Axis:
    """Return an axis with its outer knots at the outermost features."""
    if not axis.continuous or not len(features):
        return axis
    least, greatest = float(features.min()), float(features.max())
    inner = tuple(knot for knot in axis.knots if least + _LEAST_WIDTH < knot < greatest - _LEAST_WIDTH)
    first, last = max(least - _MARGIN, axis.knots[0]), min(greatest + _MARGIN, axis.knots[-1])
    return axis._replace(knots=(first, *inner, last))


def _bridged(supported: NDArray[np.bool_], axis: int, most: int) -> NDArray[np.bool_]:
    lines = np.moveaxis(supported.copy(), axis, -1)
    for index in np.ndindex(lines.shape[:-1]):
        line = lines[index]  # A view: what is set here is set in the copy.
        measured = np.flatnonzero(line)
        for before, after in itertools.pairwise(measured):
            if after - before - 1 <= most:
                line[before:after] = True
    return np.moveaxis(lines, -1, axis)


def _design(cells: Any, fractions: FloatArray, knots: tuple[int, ...]) -> Any:
    strides = _strides(knots)
    base = cells @ strides
    rows, columns, entries = [], [], []
    for corner in itertools.product((0, 1), repeat=len(knots)):
        factor = np.ones(len(base))
        for axis, upper in enumerate(corner):
            factor *= fractions[:, axis] if upper else 1.0 - fractions[:, axis]
        rows.append(np.arange(len(base)))
        columns.append(base + int(np.dot(corner, strides)))
        entries.append(factor)
    return sparse.csr_matrix(
        (np.concatenate(entries), (np.concatenate(rows), np.concatenate(columns))),
        shape=(len(base), int(np.prod(knots))),
    )


def _penalty(axes: tuple[Axis, ...], smoothness: float | tuple[float, ...]) -> Any:
    per_axis = (smoothness,) * len(axes) if isinstance(smoothness, int | float) else smoothness
    total = _PULL_TO_ZERO * sparse.identity(int(np.prod([len(axis.knots) for axis in axes])))
    for index, (axis, strength) in enumerate(zip(axes, per_axis, strict=True)):
        if len(axis.knots) < 3:
            continue
        # Slopes before and after each inner knot, in steps of the mean width: 1, -2, 1 where knots are evenly spaced.
        width = np.diff(axis.knots)
        mean = (width[:-1] + width[1:]) / 2.0
        before, after = mean / width[:-1], mean / width[1:]
        difference = sparse.diags(
            [before, -(before + after), after], [0, 1, 2], shape=(len(axis.knots) - 2, len(axis.knots))
        )
        factors = [sparse.identity(len(other.knots)) for other in axes]
        factors[index] = difference.T @ difference
        product = factors[0]
        for factor in factors[1:]:
            product = sparse.kron(product, factor)
        total = total + strength * product
    return total.tocsc()
