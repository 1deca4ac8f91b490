"""The best lines through sampled curves: no other lines have a smaller greatest error."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linprog

from optimizers.linearization.affine import affine_fit

Array = NDArray[np.float64]


def by_linear_program(load: Array, power: Array, fixed: tuple[float, float], slope: tuple[float, float]) -> float:
    """The least greatest error as a linear program over the fixed part, all slopes and the error."""
    hours, loads = power.shape
    rows, bounds_on = [], []
    for hour in range(hours):
        for at in range(loads):
            for sign in (1.0, -1.0):
                row = np.zeros(hours + 2)
                row[0], row[1 + hour], row[-1] = sign / power[hour, at], sign * load[at] / power[hour, at], -1.0
                rows.append(row)
                bounds_on.append(sign)
    cost = np.zeros(hours + 2)
    cost[-1] = 1.0
    bounds = [fixed, *[slope] * hours, (0.0, None)]
    done = linprog(cost, A_ub=np.array(rows), b_ub=np.array(bounds_on), bounds=bounds)
    assert done.status == 0
    return float(done.fun)


@st.composite
def curves(draw: st.DrawFn) -> tuple[Array, Array]:
    loads = draw(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]), min_size=1, max_size=5, unique=True))
    hours = draw(st.integers(1, 4))
    powers = draw(
        st.lists(st.floats(0.05, 3.0), min_size=hours * len(loads), max_size=hours * len(loads)),
    )
    return np.array(loads), np.array(powers).reshape(hours, len(loads))


@given(curves(), st.sampled_from([(0.0, math.inf), (0.2, 0.4), (0.0, 0.0)]), st.sampled_from([(0.0, 9.0), (1.0, 1.5)]))
@settings(max_examples=80, deadline=None)
def test_no_lines_within_the_limits_have_a_smaller_greatest_error(
    drawn: tuple[Array, Array], fixed: tuple[float, float], slope: tuple[float, float]
) -> None:
    load, power = drawn
    fit = affine_fit(
        load, power, least_fixed_w=fixed[0], most_fixed_w=fixed[1], least_slope=slope[0], most_slope=slope[1]
    )
    assert fixed[0] <= fit.fixed_w <= fixed[1]
    assert ((slope[0] <= fit.slope) & (fit.slope <= slope[1])).all()
    # The solver's own tolerance is 1e-7.
    assert fit.largest_error == pytest.approx(by_linear_program(load, power, fixed, slope), abs=1e-6)


@given(curves())
@settings(max_examples=40, deadline=None)
def test_the_error_stated_is_that_of_the_samples(drawn: tuple[Array, Array]) -> None:
    load, power = drawn
    fit = affine_fit(load, power)
    off = np.abs(fit.power_w(load) - power) / power
    assert off.max() == fit.largest_error
    assert off[fit.hour, list(load).index(fit.load_w)] == fit.largest_error


@given(st.floats(0.0, 5e5), st.lists(st.floats(1.0, 2.0), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_lines_come_back_as_they_are(fixed_w: float, slopes: list[float]) -> None:
    load = np.array([1e5, 4e5, 1e6])
    fit = affine_fit(load, fixed_w + np.multiply.outer(np.array(slopes), load), least_slope=1.0)
    assert fit.largest_error < 1e-12
    assert fit.fixed_w == pytest.approx(fixed_w, abs=1e-5)
    assert fit.slope == pytest.approx(slopes, abs=1e-9)
