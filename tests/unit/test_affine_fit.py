"""The best lines through sampled curves: known answers, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from optimizers.linearization.affine import affine_fit


def test_a_straight_hall_has_no_error() -> None:
    fit = affine_fit([100.0, 200.0], [[130.0, 240.0], [140.0, 260.0]])
    assert (fit.fixed_w, fit.largest_error) == pytest.approx((20.0, 0.0))
    assert fit.slope == pytest.approx([1.1, 1.2])


def test_the_middle_of_a_bent_curve_is_off_as_much_as_its_ends() -> None:
    """Through 1, 1 and 4 at loads 0, 1 and 2 the errors are equal and alternate (de la Vallee Poussin)."""
    fit = affine_fit([0.0, 1.0, 2.0], [[1.0, 1.0, 4.0]])
    # 1 - e = fixed; fixed + slope = 1 + e; fixed + 2 slope = 4 (1 - e): e = 3/7.
    assert (fit.fixed_w, fit.slope[0], fit.largest_error) == pytest.approx((4 / 7, 6 / 7, 3 / 7))


def test_hours_that_disagree_about_what_is_fixed_share_the_error() -> None:
    """Two hours that draw 1 and 3 without load: one fixed part is off by half either way."""
    fit = affine_fit([0.0], [[1.0], [3.0]])
    assert (fit.fixed_w, fit.largest_error) == pytest.approx((1.5, 0.5))


def test_an_hour_that_is_not_the_worst_is_fitted_as_well_as_it_can_be() -> None:
    fit = affine_fit([0.0, 1.0], [[1.0, 2.0], [3.0, 9.0]])
    assert fit.power_w([1.0])[:, 0] == pytest.approx([2.0, 9.0])


def test_a_limit_on_slopes_holds_and_costs_accuracy() -> None:
    free = affine_fit([100.0, 200.0], [[150.0, 190.0]])
    bound = affine_fit([100.0, 200.0], [[150.0, 190.0]], least_slope=1.0)
    assert free.largest_error == pytest.approx(0.0)
    assert free.slope[0] == pytest.approx(0.4)
    assert bound.slope[0] == 1.0
    # fixed + 100 = 150 (1 - e), fixed + 200 = 190 (1 + e).
    assert bound.largest_error == pytest.approx(60.0 / 340.0)
    assert (bound.hour, bound.load_w) in {(0, 100.0), (0, 200.0)}


def test_a_fixed_part_that_would_be_negative_is_none() -> None:
    fit = affine_fit([1.0, 2.0], [[1.0, 3.0]])
    assert fit.fixed_w == 0.0
    assert fit.largest_error == pytest.approx(0.2)  # slope 1.2: 1.2 for 1, 2.4 for 3


@pytest.mark.parametrize(
    ("load", "power", "said"),
    [
        ([1.0, 2.0], [[1.0, 2.0, 3.0]], r"loads of shape \(load,\)"),
        ([], np.empty((1, 0)), r"loads of shape \(load,\)"),
        ([-1.0], [[1.0]], "not negative"),
        ([1.0], [[0.0]], "above 0"),
        ([1.0], [[np.nan]], "finite"),
    ],
)
def test_samples_that_make_no_sense_are_refused(load: list[float], power: list[list[float]], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        affine_fit(load, power)


def test_limits_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the least slope \(2\) must be finite and not exceed the most \(1\)"):
        affine_fit([1.0], [[1.0]], least_slope=2.0, most_slope=1.0)
