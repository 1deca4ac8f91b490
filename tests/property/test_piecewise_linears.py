"""A curve as straight pieces: no other choice of breakpoints is better."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizers.linearization.piecewise import bend_of, piecewise_linear

HEIGHTS = st.lists(st.floats(-5.0, 5.0), min_size=3, max_size=9)


def on_the_curve(y: np.ndarray, breakpoints: int) -> float:
    """The least greatest error of polylines through the samples themselves, every choice tried."""
    x = np.arange(y.size, dtype=np.float64)
    return min(
        float(np.abs(np.interp(x, x[at], y[at]) - y).max())
        for count in range(breakpoints - 1)
        for inner in combinations(range(1, y.size - 1), count)
        for at in [[0, *inner, y.size - 1]]
    )


@given(HEIGHTS, st.integers(2, 5))
@settings(max_examples=60, deadline=None)
def test_no_polyline_through_the_samples_is_closer(heights: list[float], breakpoints: int) -> None:
    y = np.array(heights)
    fit = piecewise_linear(y, np.arange(y.size), breakpoints=breakpoints)
    best = on_the_curve(y, min(breakpoints, y.size))
    assert fit.largest_error <= best + 1e-9
    assert fit.breakpoints.size <= max(breakpoints, 2)
    assert fit.largest_error == pytest.approx(np.abs(fit(np.arange(y.size)) - y).max(), abs=0.0)


@given(st.lists(st.floats(0.01, 3.0), min_size=3, max_size=12), st.integers(2, 5))
@settings(max_examples=40, deadline=None)
def test_a_convex_curve_keeps_its_bend_and_half_its_error(turns: list[float], breakpoints: int) -> None:
    y = np.cumsum(np.cumsum(turns))
    x = np.arange(y.size, dtype=np.float64)
    fit = piecewise_linear(y, x, breakpoints=breakpoints)
    assert bend_of(fit.breakpoints, fit.values) in {"convex", "straight"}
    assert fit.largest_error == pytest.approx(on_the_curve(y, min(breakpoints, y.size)) / 2.0, abs=1e-6)
