"""A curve as straight pieces: known answers, and what is refused."""

from __future__ import annotations

import math

import numpy as np
import pytest

from optimizers.linearization.piecewise import bend_of, piecewise_linear

TENTHS = np.linspace(0.0, 1.0, 201)


def test_a_parabola_is_cut_into_equal_pieces() -> None:
    """The best n pieces for x^2 on [0, 1] are off by 1/(8 n^2), by twice that where they must meet on the curve."""
    fit = piecewise_linear(lambda x: x**2, TENTHS, breakpoints=5)
    assert fit.breakpoints == pytest.approx([0.0, 0.25, 0.5, 0.75, 1.0])
    assert fit.values == pytest.approx(np.array([0.0, 0.0625, 0.25, 0.5625, 1.0]) - 1 / 128, abs=1e-9)
    assert fit.largest_error == pytest.approx(1 / 128)
    assert fit.bend == "convex"


def test_breakpoints_go_where_the_curve_bends() -> None:
    bent = np.maximum(0.0, TENTHS - 0.8)
    fit = piecewise_linear(bent, TENTHS, breakpoints=3)
    assert fit.breakpoints == pytest.approx([0.0, 0.8, 1.0])
    assert fit.largest_error == pytest.approx(0.0, abs=1e-12)


def test_no_more_breakpoints_are_used_than_help() -> None:
    fit = piecewise_linear(3.0 * TENTHS + 1.0, TENTHS, breakpoints=6)
    assert fit.bend == "straight"
    assert fit.largest_error < 1e-12
    assert fit([0.125]) == pytest.approx([1.375])


def test_lines_give_the_pieces_again() -> None:
    fit = piecewise_linear(lambda x: x**2, TENTHS, breakpoints=3)
    highest = np.max([at_zero + slope * TENTHS for at_zero, slope in fit.lines()], axis=0)
    assert highest == pytest.approx(fit(TENTHS), abs=1e-9)


def test_the_bound_holds_between_samples_and_is_close() -> None:
    fit = piecewise_linear(np.exp, TENTHS, breakpoints=4)
    fine = np.linspace(0.0, 1.0, 50_001)
    true = float(np.abs(fit(fine) - np.exp(fine)).max())
    assert fit.largest_error <= true <= fit.error_bound
    assert fit.error_bound < fit.largest_error + 1e-4


def test_a_curve_that_bends_both_ways_promises_nothing_between_samples() -> None:
    fit = piecewise_linear(lambda x: np.sin(6.0 * x), TENTHS, breakpoints=5)
    assert fit.bend == "neither"
    assert math.isinf(fit.error_bound)


@pytest.mark.parametrize(
    ("values", "bend"),
    [([0, 1, 2], "straight"), ([0, 1, 3], "convex"), ([0, 2, 3], "concave"), ([0, 2, 3, 6], "neither")],
)
def test_bends_are_told(values: list[float], bend: str) -> None:
    y = np.array(values, dtype=np.float64)
    assert bend_of(np.arange(y.size, dtype=np.float64), y) == bend


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([0.0], [1.0], "at least two samples"),
        ([0.0, 1.0], [1.0, 2.0, 3.0], "at least two samples"),
        ([0.0, 0.0], [1.0, 2.0], "x must rise"),
        ([0.0, 1.0], [1.0, math.nan], "must be finite"),
    ],
)
def test_samples_that_make_no_sense_are_refused(x: list[float], y: list[float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        piecewise_linear(y, x, breakpoints=2)


def test_one_breakpoint_is_refused() -> None:
    with pytest.raises(ValueError, match="a line has 2 breakpoints at least, not 1"):
        piecewise_linear(TENTHS, TENTHS, breakpoints=1)
