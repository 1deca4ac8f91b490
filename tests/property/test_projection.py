"""The nearest point within limits and with a total: it is a plan, it stays, and none is nearer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import minimize

from optimizers.textbook.projection import nearest_with_total

Array = NDArray[np.float64]


@st.composite
def cases(draw: st.DrawFn) -> tuple[Array, Array, Array, float]:
    """(point, limits, weights, total)."""
    size = draw(st.integers(1, 6))
    point, most, weight = (
        np.array(draw(st.lists(st.floats(low, high), min_size=size, max_size=size)))
        for low, high in ((-3.0, 3.0), (0.1, 2.0), (0.2, 5.0))
    )
    return point, most, weight, draw(st.floats(0.0, 1.0)) * float(most.sum())


@given(cases())
@settings(max_examples=200, deadline=None)
def test_it_keeps_the_limits_and_the_total_and_stays_where_it_is(case: tuple[Array, Array, Array, float]) -> None:
    point, most, weight, total = case
    found = nearest_with_total(point, total=total, most=most, weight=weight)
    assert ((found >= 0.0) & (found <= most)).all()
    assert found.sum() == pytest.approx(total, abs=1e-12)
    assert nearest_with_total(found, total=total, most=most, weight=weight) == pytest.approx(found, abs=1e-12)


@given(cases())
@settings(max_examples=40, deadline=None)
def test_no_other_point_is_nearer(case: tuple[Array, Array, Array, float]) -> None:
    point, most, weight, total = case
    found = nearest_with_total(point, total=total, most=most, weight=weight)
    by_scipy = minimize(
        lambda x: float((weight * (x - point) ** 2).sum()),
        most * (total / most.sum()),
        jac=lambda x: 2.0 * weight * (x - point),
        bounds=[(0.0, limit) for limit in most],
        constraints={"type": "eq", "fun": lambda x: x.sum() - total},
        method="SLSQP",
        options={"ftol": 1e-12},
    )
    assert by_scipy.success
    distance = float((weight * (found - point) ** 2).sum())
    assert distance <= by_scipy.fun + 1e-9
    assert found == pytest.approx(by_scipy.x, abs=1e-5)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_the_conditions_of_karush_kuhn_and_tucker_hold(case: tuple[Array, Array, Array, float]) -> None:
    """Free parts have one `weight (point - x)`; parts at 0 have no more, parts at their limit no less."""
    point, most, weight, total = case
    found = nearest_with_total(point, total=total, most=most, weight=weight)
    shift = weight * (point - found)
    free = (found > 1e-9) & (found < most - 1e-9)
    if free.any():
        price = shift[free].mean()
        assert shift[free] == pytest.approx(np.full(int(free.sum()), price), abs=1e-8)
        assert (shift[found <= 1e-9] <= price + 1e-8).all()
        assert (shift[found >= most - 1e-9] >= price - 1e-8).all()


def test_a_total_that_can_not_be_is_refused() -> None:
    with pytest.raises(ValueError, match="no parts between 0 and their limits sum up to 5; they can to 2"):
        nearest_with_total(np.zeros(2), total=5.0, most=np.ones(2))
