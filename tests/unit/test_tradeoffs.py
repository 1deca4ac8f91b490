"""Priorities, caps and targets, on plans that are listed."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

import pytest

from criterion_space import ListedPoints
from optimizers.solution import Solution
from optimizers.tradeoff.box_bisection import box_bisection, usual_resolution
from optimizers.tradeoff.caps import minimise_under_caps
from optimizers.tradeoff.filtered_set import filtered_set
from optimizers.tradeoff.lexicographic import lexicographic
from optimizers.tradeoff.nearest import nearest_to
from optimizers.tradeoff.payoff import payoff_table

KINDS = ("cost", "carbon", "risk")
PLANS = [
    (10.0, 90.0, 0.4),
    (10.0, 70.0, 0.5),
    (20.0, 40.0, 0.3),
    (20.0, 60.0, 0.1),
    (50.0, 30.0, 0.2),
    (60.0, 95.0, 0.1),
]


def plans() -> ListedPoints:
    return ListedPoints(PLANS, KINDS)


def test_later_objectives_break_the_ties_of_earlier_ones() -> None:
    outcome = lexicographic(plans(), ("cost", "carbon", "risk"))
    assert outcome.point is not None and outcome.point.solution.point == (10.0, 70.0, 0.5)
    assert outcome.status == "optimal" and len(outcome.stages) == 3


def test_slack_lets_an_earlier_objective_give_way() -> None:
    outcome = lexicographic(plans(), ("cost", "carbon"), slack=1.0)
    assert outcome.point is not None and outcome.point.values == {"cost": 20.0, "carbon": 40.0}
    assert outcome.stages[1].caps == {"cost": 20.0}


def test_priorities_keep_to_caps_of_the_caller() -> None:
    outcome = lexicographic(plans(), ("cost", "carbon"), caps={"risk": 0.2})
    assert outcome.point is not None and outcome.point.solution.point == (20.0, 60.0, 0.1)


def test_priorities_without_a_plan_say_why() -> None:
    outcome = lexicographic(plans(), ("cost", "carbon"), caps={"risk": 0.0})
    assert outcome.point is None and outcome.status == "infeasible" and len(outcome.stages) == 1


def test_a_payoff_table_has_efficient_rows_and_their_extremes() -> None:
    table = payoff_table(plans(), KINDS)
    assert [point.solution.point for point in table.points] == [PLANS[1], PLANS[4], PLANS[3]]
    assert table.ideal == {"cost": 10.0, "carbon": 30.0, "risk": 0.1}
    assert table.nadir == {"cost": 50.0, "carbon": 70.0, "risk": 0.5}
    assert table.solves == 9


def test_caps_return_no_plan_that_another_equals_and_betters() -> None:
    width = {"cost": 40.0, "carbon": 40.0, "risk": 0.4}
    solve = minimise_under_caps(plans(), "cost", {"carbon": 95.0, "risk": 0.45}, width)
    assert solve.solution.point == (10.0, 90.0, 0.4)
    solve = minimise_under_caps(plans(), "cost", {"carbon": 60.0, "risk": 0.9}, width)
    assert solve.solution.point in {PLANS[2], PLANS[3]}
    solve = minimise_under_caps(plans(), "risk", {"cost": 99.0, "carbon": 99.0}, width)
    assert solve.solution.point == (20.0, 60.0, 0.1), "not the one with the same risk at three times the cost"


def test_the_bound_under_caps_is_of_the_objective_alone() -> None:
    width = {"cost": 40.0, "carbon": 40.0, "risk": 0.4}
    solve = minimise_under_caps(plans(), "cost", {"carbon": 65.0}, width, augmentation=0.01)
    assert 20.0 - 0.01 * 40.0 <= solve.least <= 20.0
    assert minimise_under_caps(plans(), "cost", {"carbon": 1.0}, width).least == math.inf


def test_a_tighter_cap_of_the_caller_wins() -> None:
    width = {"cost": 40.0, "carbon": 40.0}
    solve = minimise_under_caps(plans(), "cost", {"carbon": 65.0}, width, also={"carbon": 45.0, "risk": 0.25})
    assert solve.caps == {"carbon": 45.0, "risk": 0.25} and solve.solution.point == PLANS[4]


def test_the_nearest_plan_to_a_target_balances_what_is_missed() -> None:
    scales = {"cost": 10.0, "carbon": 10.0}
    outcome = nearest_to(plans(), {"cost": 15.0, "carbon": 35.0}, scales=scales)
    assert outcome.point is not None and outcome.point.values == {"cost": 20.0, "carbon": 40.0}
    assert outcome.distance == pytest.approx(0.5) and outcome.gap == 0.0 and outcome.solves == 1


def test_a_target_within_reach_is_exceeded() -> None:
    outcome = nearest_to(plans(), {"cost": 40.0, "carbon": 60.0}, scales={"cost": 10.0, "carbon": 10.0})
    assert outcome.distance == -2.0


def test_the_payoff_table_scales_a_target_without_scales() -> None:
    outcome = nearest_to(plans(), {"cost": 10.0, "carbon": 30.0})
    assert outcome.scales == {"cost": 40.0, "carbon": 40.0} and outcome.solves == 5
    assert outcome.point is not None and outcome.point.values == {"cost": 20.0, "carbon": 40.0}


@pytest.mark.parametrize(
    ("target", "scales", "message"),
    [
        ({"cost": 1.0}, {"cost": 0.0}, "a scale must be above 0 and finite: cost"),
        ({"cost": 1.0, "risk": 0.0}, {"cost": 1.0}, "a scale must be above 0 and finite: risk"),
        ({"cost": math.nan}, {"cost": 1.0}, "a target must be a finite number: cost"),
        ({"water": 1.0}, None, "objectives must be some of cost, carbon, risk, each once, not water"),
        ({}, None, "not none"),
    ],
)
def test_targets_that_mean_nothing_are_refused(target: Mapping[str, float], scales: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nearest_to(plans(), target, scales=scales)


def test_a_target_without_a_plan_says_why() -> None:
    outcome = nearest_to(plans(), {"cost": 1.0}, caps={"risk": 0.0})
    assert outcome.point is None and outcome.status == "infeasible" and math.isnan(outcome.distance)


def test_fronts_of_the_wrong_number_of_objectives_are_refused() -> None:
    with pytest.raises(ValueError, match="for two objectives, not 3"):
        box_bisection(plans(), KINDS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two objectives or more, not 1"):
        filtered_set(plans(), ("cost",))
    with pytest.raises(ValueError, match="each once"):
        box_bisection(plans(), ("cost", "cost"))


def test_objectives_that_do_not_conflict_have_a_front_of_one_point() -> None:
    front = box_bisection(ListedPoints([(1.0, 2.0), (2.0, 3.0)]), ("cost", "carbon"))
    assert [point.values for point in front.points] == [{"cost": 1.0, "carbon": 2.0}]
    assert front.anytime_gap == 0.0 and front.solves == 4


def test_a_front_without_a_plan_decides_nothing() -> None:
    for front in (
        box_bisection(plans(), ("cost", "carbon"), caps={"risk": 0.0}),
        filtered_set(plans(), KINDS, caps={"risk": 0.0}),
    ):
        assert (front.points, front.status, front.anytime_gap, front.solves) == ((), "infeasible", 1.0, 1)


class WithPriceOfUnserved(ListedPoints):
    """A third number, the price of what is not served, is minimised with the cost and reported apart."""

    def minimise(self, *args: Any, **options: Any) -> Solution:
        solution = super().minimise(*args, **options)
        if not solution.values:
            return solution
        values = {"cost": solution.values["cost"] - 1.0, "carbon": solution.values["carbon"], "unserved_usd": 1.0}
        return dataclasses.replace(solution, values=values)


def test_the_price_of_unserved_work_counts_on_the_axis_of_cost() -> None:
    points = [(5.0, 9.0), (7.0, 4.0), (9.0, 1.0)]
    front = box_bisection(WithPriceOfUnserved(points), ("cost", "carbon"), gap=0.0)
    assert [(point.values["cost"], point.values["carbon"]) for point in front.points] == points
    assert [point.solution.values["cost"] for point in front.points] == [4.0, 6.0, 8.0]
    assert front.anytime_gap < 0.01


def test_the_undecided_share_falls_with_every_few_solves() -> None:
    curve = [(float(x), 400.0 / x) for x in range(4, 101)]
    shares = [
        box_bisection(ListedPoints(curve), ("cost", "carbon"), gap=0.0, most_solves=solves).anytime_gap
        for solves in (4, 8, 16, 32, 64)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.99 and shares[2] < 0.1 and shares[4] < 0.02


def test_pieces_of_a_line_are_decided_without_creeping_along_them() -> None:
    """Whole purchases, and in between a little more for a little more: eleven steep pieces of a hundred points each."""
    pieces = [(900.0 * step + more, 10_000.0 - 900.0 * step - 9.0 * more) for step in range(11) for more in range(101)]
    usual, finest = (
        box_bisection(
            ListedPoints(pieces, ("cost", "carbon")),
            ("cost", "carbon"),
            gap=0.01,
            most_solves=60,
            resolution=resolution,
        )
        for resolution in (None, 1e-4)
    )
    assert usual.anytime_gap <= 0.01 < finest.anytime_gap
    assert usual.solves < finest.solves == 60
    assert [usual_resolution(gap) for gap in (0.0, 0.002, 0.1)] == pytest.approx([1e-4, 1e-3, 5e-3])
