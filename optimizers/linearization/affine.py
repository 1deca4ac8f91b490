"""The best straight lines through curves of many hours that share one fixed part.

What a hall draws in an hour is a curve over its IT load. A plan has it as `fixed + slope[hour] * load`: the fixed part
counts modules, so it is one number for all hours. The fit has the least greatest relative error that such lines can
have.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AffineFit:
    """Straight lines in place of sampled curves."""

    fixed_w: float
    """What is drawn without any load [W], the same in every hour."""
    slope: Array
    """Power over load beside what is fixed, shape (hour,)."""
    largest_error: float
    """Greatest difference of a line from a sample, over the sample."""
    hour: int
    """The hour with that error."""
    load_w: float
    """The load with that error [W]."""

    def power_w(self, load_w: ArrayLike) -> Array:
        """Return what the lines say at loads [W], shape (hour, load)."""
        return self.fixed_w + np.multiply.outer(self.slope, np.asarray(load_w, dtype=np.float64))


def affine_fit(
    load_w: ArrayLike,
    power_w: ArrayLike,
    *,
    least_fixed_w: float = 0.0,
    most_fixed_w: float = math.inf,
    least_slope: float = 0.0,
    most_slope: float = math.inf,
) -> AffineFit:
    """Return the lines `fixed + slope[hour] * load` whose greatest relative error at the samples is least.

    `load_w` has the shape (load,), none negative; `power_w` has the shape (hour, load), all positive. Facility power
    over IT power has a `least_slope` of 1. Every hour gets the slope that is best for it beside the common fixed part.

    With `fixed` and an error e given, an hour's slope must lie, for each load, between `((1 - e) P - fixed) / load` and
    `((1 + e) P - fixed) / load`. It exists where no lower end is above an upper one: for each pair of loads that is
    linear in `fixed` and e (elimination by Fourier and Motzkin). What is left is the lowest point of the highest of
    many lines over one variable, which is found exactly.

    Raises ValueError where the samples do not have these shapes and signs, or limits exclude each other.
    """
    load, power = _checked(load_w, power_w)
    for what, least, most in (("fixed part", least_fixed_w, most_fixed_w), ("slope", least_slope, most_slope)):
        if not -math.inf < least <= most:
            raise ValueError(f"the least {what} ({least:g}) must be finite and not exceed the most ({most:g})")
    running = load > 0.0
    offset, decline = _slope_limits(load[running], power[:, running], least_slope, most_slope)
    # At no load the line is what is fixed, whatever the slope: |fixed - P| <= e P.
    idle = power[:, ~running].ravel()
    at_rest = np.concatenate((np.ones_like(idle), -np.ones_like(idle)))
    fixed_w = _lowest(
        np.concatenate((offset.ravel(), at_rest, [0.0])),
        np.concatenate((decline.ravel(), at_rest / np.tile(idle, 2), [0.0])),
        least_fixed_w,
        most_fixed_w,
    )
    error = (offset - decline * fixed_w).max(axis=1, initial=0.0)
    slope = _slopes(load[running], power[:, running], fixed_w, error, least_slope, most_slope)
    off = np.abs(fixed_w + np.multiply.outer(slope, load) - power) / power
    hour, at = (int(index) for index in np.unravel_index(int(np.argmax(off)), off.shape))
    return AffineFit(fixed_w, slope, float(off[hour, at]), hour, float(load[at]))


def _checked(load_w: ArrayLike, power_w: ArrayLike) -> tuple[Array, Array]:
    load, power = np.asarray(load_w, dtype=np.float64), np.asarray(power_w, dtype=np.float64)
    if load.ndim != 1 or power.ndim != 2 or power.shape[1] != load.size or not power.size:
        raise ValueError(f"loads of shape (load,) and powers of shape (hour, load): not {load.shape} and {power.shape}")
    if not (np.isfinite(load).all() and (load >= 0.0).all()):
        raise ValueError("loads must be finite and not negative")
    if not (np.isfinite(power).all() and (power > 0.0).all()):
        raise ValueError("powers must be finite and above 0: their error is relative")
    return load, power


def _slope_limits(load: Array, power: Array, least_slope: float, most_slope: float) -> tuple[Array, Array]:
    """Return (a, b), each of shape (hour, line): an hour needs an error of at least `a - b fixed` for every line."""
    per_load, inverse = power / load, 1.0 / load
    lower, upper = np.nonzero(~np.eye(load.size, dtype=bool))
    both = per_load[:, lower] + per_load[:, upper]
    offsets = [(per_load[:, lower] - per_load[:, upper]) / both]
    declines = [(inverse[lower] - inverse[upper]) / both]
    # The same with the limits on slopes in place of one end.
    offsets.append(least_slope * load / power - 1.0)
    declines.append(-1.0 / power)
    if math.isfinite(most_slope):
        offsets.append(1.0 - most_slope * load / power)
        declines.append(1.0 / power)
    return np.hstack(offsets), np.hstack(declines)


def _lowest(offset: Array, decline: Array, low: float, high: float) -> float:
    """Return the x from low to high at which the highest of the lines `offset - decline x` is lowest.

    Cuts from left and right: where they meet, either no line is higher, or one is and takes a cut's place. Lines are
    finitely many, so this ends; of several best x it returns one next to a cut.
    """

    def top(x: float, *, rightwards: bool) -> int:
        """The highest line at x, and of equals the one that is highest next to it."""
        value = offset - decline * x
        highest = np.flatnonzero(value == value.max())
        steepness = -decline[highest]
        return int(highest[np.argmax(steepness) if rightwards else np.argmin(steepness)])

    left = top(low, rightwards=True)
    if decline[left] <= 0.0:
        return low
    if math.isfinite(high):
        right = top(high, rightwards=False)
        if decline[right] >= 0.0:
            return high
    else:
        right = int(np.argmin(decline))  # the highest of all, far enough to the right
    while True:
        x = float((offset[left] - offset[right]) / (decline[left] - decline[right]))
        found = top(x, rightwards=True)
        # Rounding: a line that is not higher by more than the last digits is as good as none.
        if offset[found] - decline[found] * x <= offset[left] - decline[left] * x + 1e-14 or decline[found] == 0.0:
            return min(max(x, low), high)
        if decline[found] > 0.0:
            left = found
        else:
            right = found


def _slopes(load: Array, power: Array, fixed_w: float, error: Array, least: float, most: float) -> Array:
    """Return each hour's slope: the middle of those that keep its error."""
    if not load.size:
        return np.full(power.shape[0], least)
    lowest = (((1.0 - error[:, None]) * power - fixed_w) / load).max(axis=1)
    highest = (((1.0 + error[:, None]) * power - fixed_w) / load).min(axis=1)
    middle: Array = 0.5 * (np.clip(lowest, least, most) + np.clip(highest, least, most))
    return np.clip(middle, least, most)
