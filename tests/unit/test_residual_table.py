"""Residual tables: multilinear between knots, going on outside of what was measured, smooth and robust when fitted."""

from __future__ import annotations

import numpy as np
import pytest

from models.calibration.operation import Axis
from models.calibration.residual_table import ResidualTable
from models.calibration.table_fit import fit_residual_table

AXES = (Axis("x", (0.0, 1.0, 3.0)), Axis("y", (0.0, 2.0)))
TABLE = ResidualTable(AXES, np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 9.0]]), np.array([[True], [False]]))


def test_a_table_is_exact_at_knots_and_linear_between() -> None:
    values, inside = TABLE(np.array([[0.0, 0.0], [0.0, 2.0], [0.5, 1.0], [1.0, 0.5]]))
    assert inside[:3].all()
    # The middle of the first cell is the mean of its corners 0, 1, 2 and 3.
    assert values[:3].tolist() == [0.0, 1.0, 1.5]


@pytest.mark.parametrize(("feature", "edge"), [([-0.1, 1.0], [0.0, 1.0]), ([0.5, 2.1], [0.5, 2.0]), ([-9, -9], [0, 0])])
def test_beyond_its_axes_a_table_keeps_the_value_of_its_edge_and_says_that_it_is_outside(
    feature: list[float], edge: list[float]
) -> None:
    values, inside = TABLE(np.array([feature, edge]))
    assert inside.tolist() == [False, True]
    assert values[0] == values[1]


def test_in_a_cell_without_measurements_a_table_goes_on_and_says_that_it_is_outside() -> None:
    values, inside = TABLE(np.array([[2.0, 0.0], [3.5, 0.0], [3.0, 2.0]]))
    assert not inside.any()
    assert values.tolist() == [3.0, 4.0, 9.0]


@pytest.mark.parametrize("feature", [[np.nan, 1.0], [0.5, np.nan]])
def test_of_a_shape_that_has_no_place_a_table_says_nothing(feature: list[float]) -> None:
    values, inside = TABLE(np.array([feature]))
    assert not inside[0]
    assert values[0] == 0.0


def test_a_fit_finds_the_plane_that_the_data_lie_on() -> None:
    rng = np.random.default_rng(5)
    features = np.column_stack([rng.uniform(0, 3, 400), rng.uniform(0, 2, 400)])
    plane = 0.2 + 0.1 * features[:, 0] - 0.3 * features[:, 1]
    table = fit_residual_table(AXES, features, plane, smoothness=1.0)
    values, inside = table(features)
    assert inside.all()
    assert np.abs(values - plane).max() < 1e-3


def test_one_odd_measurement_in_ten_does_not_move_the_fit() -> None:
    rng = np.random.default_rng(6)
    features = np.column_stack([rng.uniform(0, 3, 500), rng.uniform(0, 2, 500)])
    level = np.full(500, 0.1)
    odd = level.copy()
    odd[::10] += 3.0
    values, _ = fit_residual_table(AXES, features, odd, smoothness=1.0)(features)
    # The mean of these data is 0.4; the median is 0.1.
    assert np.abs(values - 0.1).max() < 0.01


def test_the_axes_of_a_fit_end_where_its_measurements_do() -> None:
    features = np.column_stack([np.linspace(0.5, 1.5, 50), np.linspace(0.2, 0.8, 50)])
    table = fit_residual_table((AXES[0], AXES[1]._replace(continuous=False)), features, np.zeros(50))
    assert table.axes[0].knots == pytest.approx((0.49, 1.0, 1.51))
    assert table.axes[1].knots == (0.0, 2.0), "classes keep their knots"
    assert table(features)[1].all()
    assert not table(np.array([[2.9, 0.5]]))[1].any(), "the cell from 1 to 3 was measured in its lower quarter alone"


def test_an_axis_on_which_all_measurements_agree_answers_for_no_other_value() -> None:
    features = np.column_stack([np.full(50, 2.0), np.linspace(0.0, 2.0, 50)])
    table = fit_residual_table(AXES, features, np.full(50, 0.3), smoothness=0.1)
    values, inside = table(np.array([[2.0, 1.0], [1.0, 1.0]]))
    assert inside.tolist() == [True, False]
    assert values == pytest.approx([0.3, 0.3], rel=1e-3)
