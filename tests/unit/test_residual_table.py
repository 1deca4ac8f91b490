"""Residual tables: multilinear between knots, silent outside of what was measured, smooth and robust when fitted."""

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


@pytest.mark.parametrize("feature", [[-0.1, 1.0], [0.5, 2.1], [3.5, 1.0]])
def test_outside_of_its_axes_a_table_says_nothing(feature: list[float]) -> None:
    values, inside = TABLE(np.array([feature]))
    assert not inside[0]
    assert values[0] == 0.0


def test_a_cell_without_measurements_is_outside() -> None:
    values, inside = TABLE(np.array([[2.0, 1.0]]))
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
