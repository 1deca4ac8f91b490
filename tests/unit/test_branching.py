"""Branching on choices first: what it returns brackets the least there is."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np
import pytest

from optimizers.branching import CHOICES, Branching

SITES, PARTS = 6, 4


def silent() -> Any:
    made: Any = highspy.Highs  # published without types
    highs = made()
    highs.setOptionValue("output_flag", False)
    return highs


def located(seed: int) -> Any:
    """Return a problem of facilities with a fixed cost each, whole units bought in them, and demand to cover."""
    draw = np.random.default_rng(seed)
    highs = silent()
    opened = [highs.addBinary(obj=float(cost)) for cost in draw.uniform(20.0, 40.0, SITES)]
    bought = [highs.addIntegral(lb=0, ub=9, obj=float(cost)) for cost in draw.uniform(3.0, 6.0, SITES)]
    for is_open, units in zip(opened, bought, strict=True):
        highs.addConstr(units <= 9 * is_open)
    for _ in range(PARTS):
        size = draw.uniform(0.5, 2.0, SITES)
        highs.addConstr(sum(float(each) * units for each, units in zip(size, bought, strict=True)) >= 17.3)
    return highs


def branching(highs: Any) -> Branching:
    ranks = np.array([0.0] * SITES + [float(len(CHOICES))] * SITES)
    return Branching(highs, np.arange(2 * SITES), ranks)


@pytest.mark.parametrize("seed", range(8))
def test_its_plan_and_bound_bracket_the_least_there_is(seed: int) -> None:
    highs = located(seed)
    found = branching(highs).run(0.01)
    highs.setOptionValue("mip_rel_gap", 0.0)
    highs.run()
    least = highs.getInfo().objective_function_value
    assert found.bound <= least + 1e-6
    if found.columns is not None:
        assert found.objective >= least - 1e-6
        assert np.allclose(found.columns, np.round(found.columns), atol=1e-6)
        assert found.objective == pytest.approx(float(np.array(highs.getLp().col_cost_) @ found.columns))


def test_it_leaves_bounds_and_options_as_they_were() -> None:
    highs = located(0)
    before = np.array(highs.getLp().col_lower_), np.array(highs.getLp().col_upper_)
    branching(highs).run(0.01)
    after = np.array(highs.getLp().col_lower_), np.array(highs.getLp().col_upper_)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
    assert highs.getOptionValue("presolve")[1] == "choose"
    assert not highs.getOptionValue("solve_relaxation")[1]


def test_what_is_impossible_has_no_plan() -> None:
    highs = located(0)
    highs.changeColsBounds(SITES, np.arange(SITES, dtype=np.int32), np.zeros(SITES), np.zeros(SITES))
    assert branching(highs).run(0.01).columns is None


def test_what_is_unbounded_is_left_to_the_solver() -> None:
    highs = silent()
    highs.addIntegral(lb=0, obj=-1.0)
    assert Branching(highs, np.arange(1), np.array([0.0])).run(0.01).columns is None
