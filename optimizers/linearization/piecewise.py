"""A curve as straight pieces: breakpoints where they help most, and the greatest error that is left.

A convex curve that is minimised needs no binary variables: it is the highest of its pieces' lines.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Bend = Literal["straight", "convex", "concave", "neither"]

_STRAIGHT = 1e-9
"""Slopes that differ by less, of the steepest, are the same: differences of sampled values have no more digits."""


@dataclass(frozen=True, eq=False)
class PiecewiseLinear:
    """Straight pieces in place of a curve."""

    breakpoints: Array
    """Where pieces meet, and both ends, rising, shape (breakpoint,)."""
    values: Array
    """Of the pieces there, shape (breakpoint,)."""
    largest_error: float
    """Greatest difference from the curve at its samples."""
    error_at: float
    """Where that is."""
    error_bound: float
    """No point between samples is off by more: rigorous where the curve bends one way; infinity where it does not."""
    bend: Bend
    """How the pieces bend. `convex` and `straight` can be minimised without binary variables."""

    def __call__(self, x: ArrayLike) -> Array:
        """Return the pieces' value at x, which lies between the outermost breakpoints."""
        return np.interp(np.asarray(x, dtype=np.float64), self.breakpoints, self.values)

    def lines(self) -> tuple[tuple[float, float], ...]:
        """Return (value at 0, slope) of each piece."""
        slopes = np.diff(self.values) / np.diff(self.breakpoints)
        at_zero = self.values[:-1] - slopes * self.breakpoints[:-1]
        return tuple(zip(at_zero.tolist(), slopes.tolist(), strict=True))


def piecewise_linear(
    curve: Callable[[Array], ArrayLike] | ArrayLike,
    x: ArrayLike,
    *,
    breakpoints: int,
) -> PiecewiseLinear:
    """Return the continuous pieces, with at most so many breakpoints, that keep closest to a curve.

    `curve` is a function of an array, or its values at `x`, rising samples of shape (sample,). Breakpoints are chosen
    among the samples, such that a polyline through the curve there has the least greatest error of all choices; the
    values at them are then moved off the curve to make the error less still (on a convex curve to half). Samples that
    bend one way give pieces that bend the same way. Work grows with the cube of the number of samples: give a few
    hundred.

    Raises ValueError where there are fewer than two breakpoints or samples, or samples are not finite and rising.
    """
    at = np.asarray(x, dtype=np.float64)
    y = np.asarray(curve(at) if callable(curve) else curve, dtype=np.float64)
    if at.ndim != 1 or at.shape != y.shape or at.size < 2:
        raise ValueError(f"at least two samples of shape (sample,): not {at.shape} and {y.shape}")
    if not (np.isfinite(at).all() and np.isfinite(y).all() and (np.diff(at) > 0.0).all()):
        raise ValueError("samples must be finite and x must rise")
    if breakpoints < 2:
        raise ValueError(f"a line has 2 breakpoints at least, not {breakpoints}")
    chosen = _best_breakpoints(_chord_errors(at, y), min(breakpoints, at.size))
    bend = bend_of(at, y)
    values = _best_values(at, y, chosen, bend)
    off = np.abs(np.interp(at, at[chosen], values) - y)
    worst = int(np.argmax(off))
    bound = float((np.maximum(off[:-1], off[1:]) + _beside_chords(at, y, bend)).max())
    return PiecewiseLinear(at[chosen], values, float(off[worst]), float(at[worst]), bound, bend_of(at[chosen], values))


def bend_of(x: Array, y: Array) -> Bend:
    """Return how the polyline through points bends."""
    slopes = np.diff(y) / np.diff(x)
    turns = np.diff(slopes)
    slack = _STRAIGHT * float(np.abs(slopes).max(initial=0.0))
    if (np.abs(turns) <= slack).all():
        return "straight"
    if (turns >= -slack).all():
        return "convex"
    return "concave" if (turns <= slack).all() else "neither"


def _chord_errors(x: Array, y: Array) -> Array:
    """Return the greatest error at samples of the chord from sample i to sample j, shape (sample, sample), i < j."""
    count = x.size
    errors = np.zeros((count, count))
    for i in range(count - 1):
        run, rise = x[i + 1 :] - x[i], y[i + 1 :] - y[i]
        # Row j, column k: the chord to j at sample k, for k up to j.
        chords = np.multiply.outer(rise / run, run)
        errors[i, i + 1 :] = np.tril(np.abs(chords - rise)).max(axis=1)
    return errors


def _best_breakpoints(errors: Array, breakpoints: int) -> NDArray[np.intp]:
    """Return the samples that chords from first to last meet at, with the least greatest error.

    R. Bellman and R. S. Roth, Curve fitting by segmented straight lines, Journal of the American Statistical
    Association 64, 1969: the best way to a sample in n pieces is the best way to another in n - 1 and one chord more.
    """
    count = errors.shape[0]
    forward = np.where(np.tri(count, dtype=bool), math.inf, errors)
    best, came_from = forward[0].copy(), []
    best[0] = 0.0
    for _ in range(breakpoints - 2):
        ways = np.maximum(best[:, None], forward)
        np.fill_diagonal(ways, best)  # fewer pieces are allowed
        before = np.argmin(ways, axis=0)
        came_from.append(before)
        best = ways[before, np.arange(count)]
    chosen = [count - 1]
    for before in reversed(came_from):
        chosen.append(int(before[chosen[-1]]))
    return np.unique([0, *chosen])


def _best_values(x: Array, y: Array, chosen: NDArray[np.intp], bend: Bend) -> Array:
    """Return the values at breakpoints with the least greatest error, by a linear program over them and the error."""
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, hstack, vstack

    knots = x[chosen]
    scale = float(np.abs(np.interp(x, knots, y[chosen]) - y).max())
    if scale == 0.0:
        return y[chosen]
    # The unknowns are the values' distances from the curve in units of the error that is to be lessened.
    share = np.array([np.interp(x, knots, one) for one in np.eye(knots.size)]).T
    off = (y - np.interp(x, knots, y[chosen])) / scale
    one = np.ones((x.size, 1))
    rows = [hstack([csr_matrix(share), -one]), hstack([csr_matrix(-share), -one])]
    limits = [off, -off]
    if bend in {"convex", "concave"} and knots.size > 2:
        width = np.diff(knots) / (knots[-1] - knots[0])
        turn = np.zeros((knots.size - 2, knots.size + 1))
        for k in range(knots.size - 2):
            turn[k, k : k + 3] = (1.0 / width[k], -1.0 / width[k] - 1.0 / width[k + 1], 1.0 / width[k + 1])
        sign = -1.0 if bend == "convex" else 1.0
        rows.append(csr_matrix(sign * turn))
        limits.append(-sign * turn[:, :-1] @ (y[chosen] / scale))
    cost = np.append(np.zeros(knots.size), 1.0)
    bounds = [(None, None)] * knots.size + [(0.0, None)]
    done = linprog(cost, A_ub=vstack(rows), b_ub=np.concatenate(limits), bounds=bounds, method="highs")
    # The curve's own values are feasible: a solver that finds nothing better leaves them.
    return y[chosen] + scale * done.x[:-1] if done.status == 0 and done.x[-1] <= 1.0 else y[chosen]


def _beside_chords(x: Array, y: Array, bend: Bend) -> Array:
    """Return how far a curve can be from the chord between neighbouring samples, shape (sample - 1,).

    A curve that bends one way lies between the chord and what the neighbouring chords come to when they are drawn on.
    """
    if bend == "neither" or x.size == 2:
        return np.full(x.size - 1, math.inf)
    slopes, width = np.diff(y) / np.diff(x), np.diff(x)
    turns = np.abs(np.diff(slopes))
    # At an end one neighbour is known, and its line alone holds the curve.
    before, after = np.append(turns[0], turns), np.append(turns, turns[-1])
    height = np.where(before + after > 0.0, before * after / np.maximum(before + after, 1e-300), 0.0)
    height[0], height[-1] = turns[0], turns[-1]
    return height * width
