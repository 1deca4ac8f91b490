"""A meter for components outside the compiled loops. It takes change points and segments alike."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .buckets import empty_buckets
from .meter_kernel import fold


class Meter:
    """Integrates one quantity exactly and folds it into buckets whose edges stand `interval_s` apart.

    Bucket 0 ends at `first_edge_s` (after 0, at most `interval_s`). A component tells it either every change of the
    level, or segments of which it knows the integral and the greatest level; one after the other, without gaps.
    """

    def __init__(self, first_edge_s: float, interval_s: float) -> None:
        self._first_edge_s = first_edge_s
        self._interval_s = interval_s
        self._level = 0.0
        self.as_of_s = 0.0
        self.integral = 0.0
        self.greatest = -math.inf
        self._buckets = empty_buckets(1, 16)[0]

    def change(self, at_s: float, level: float) -> None:
        """Take notice that the level is another from `at_s` on."""
        self.reach(at_s)
        self._level = level

    def reach(self, at_s: float) -> None:
        """Bring the integral up to `at_s`, at the level last told."""
        elapsed_s = at_s - self.as_of_s
        self._fold(at_s, self._level * elapsed_s, self._level, self._level)

    def segment(self, from_s: float, to_s: float, integral: float, least: float, greatest: float) -> None:
        """Take in a stretch of time with its integral [unit s] and the least and greatest level within it.

        Across an edge of the buckets the integral is spread evenly; a component that knows better ends a segment there.
        Raises ValueError where the segment does not begin where the last one ended.
        """
        if from_s != self.as_of_s:
            raise ValueError(f"segment starts at {from_s} s; the meter has been told everything up to {self.as_of_s} s")
        self._fold(to_s, integral, least, greatest)

    def buckets(self, count: int) -> NDArray[np.float64]:
        """Return the first `count` buckets, shape (count, 3): integral, least and greatest level."""
        self._reserve(count)
        return self._buckets[:count].copy()

    def _fold(self, to_s: float, integral: float, least: float, greatest: float) -> None:
        if to_s < self.as_of_s:
            raise ValueError(f"instant {to_s} s is before {self.as_of_s} s, up to which the meter has been told")
        if to_s > self.as_of_s:
            self._reserve(int((to_s - min(self._first_edge_s, to_s)) / self._interval_s) + 3)
            fold(
                self._buckets, self.as_of_s, to_s, integral, least, greatest, self._first_edge_s, self._interval_s
            )  # fmt: skip
            self.integral += integral
            self.greatest = max(self.greatest, greatest)
            self.as_of_s = to_s

    def _reserve(self, count: int) -> None:
        have = len(self._buckets)
        if count > have:
            self._buckets = np.concatenate([self._buckets, empty_buckets(1, max(count, 2 * have) - have)[0]])
