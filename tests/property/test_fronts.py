"""Fronts found by solves equal fronts found by looking at every plan, and promise nothing that a gap forbids."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from criterion_space import ListedPoints, WholeNumbers, efficient
from optimizers.solution import Solution
from optimizers.tradeoff.box_bisection import box_bisection
from optimizers.tradeoff.filtered_set import filtered_set
from optimizers.tradeoff.front import Front

PAIRS = st.lists(st.tuples(st.integers(1, 25), st.integers(1, 25)), min_size=1, max_size=40)
TRIPLES = st.lists(st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(1, 8)), min_size=1, max_size=30)


def found(front: Front) -> list[tuple[float, ...]]:
    return [tuple(point.values[kind] for kind in front.objectives) for point in front.points]


def whole_front(model: ListedPoints | WholeNumbers, caps: Mapping[str, float] | None = None) -> Front:
    return box_bisection(model, ("cost", "carbon"), caps=caps, gap=0.0, most_solves=10_000)


def bettered(point: tuple[float, ...], front: Front, tolerance: float = 1e-4) -> bool:
    slack = [tolerance * (front.nadir[kind] - front.ideal[kind]) + 1e-9 for kind in front.objectives]
    return any(all(k <= p + s for k, p, s in zip(known, point, slack, strict=True)) for known in found(front))


def undecided(point: tuple[float, ...], front: Front) -> bool:
    return any(
        all(low[kind] - 1e-9 <= value <= high[kind] + 1e-9 for kind, value in zip(front.objectives, point, strict=True))
        for low, high in front.undecided
    )


@settings(max_examples=80, deadline=None)
@given(PAIRS)
def test_bisection_finds_the_whole_front_of_points_with_ties_and_duplicates(points: list[tuple[int, int]]) -> None:
    front = whole_front(ListedPoints(points))
    assert sorted(found(front)) == sorted(efficient(points))
    assert front.anytime_gap < 0.01


@settings(max_examples=8, deadline=None)
@given(st.integers(2, 20), st.integers(1, 3))
def test_bisection_finds_points_on_a_line(count: int, slope: int) -> None:
    points = [(10.0 + step, 10.0 + slope * (count - step)) for step in range(count)]
    assert sorted(found(whole_front(ListedPoints(points)))) == points


def test_bisection_finds_points_that_no_weighted_sum_would() -> None:
    points = [(1, 100), (2, 99), (50, 98), (98, 97), (99, 2), (100, 1), (60, 60), (99, 50)]
    assert sorted(found(whole_front(ListedPoints(points)))) == sorted(efficient(points))


@settings(max_examples=80, deadline=None)
@given(PAIRS, st.floats(0.001, 0.3), st.integers(0, 99), st.integers(4, 30))
def test_no_point_is_lost_to_a_gap_or_an_early_end(
    points: list[tuple[int, int]], gap: float, seed: int, most_solves: int
) -> None:
    model = ListedPoints(points, relative_gap=gap, seed=seed)
    front = box_bisection(model, ("cost", "carbon"), gap=0.0, most_solves=most_solves)
    assert front.solves == len(model.calls) <= most_solves
    values = found(front)
    assert set(values) <= set(points) and efficient(values) == set(values) and len(set(values)) == len(values)
    assert all(0.0 <= point.gap <= gap + 1e-9 for point in front.points)
    for point in points:
        if all(value <= front.nadir[kind] for value, kind in zip(point, front.objectives, strict=True)):
            assert bettered(point, front) or undecided(point, front)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.frozensets(st.integers(1, 20), max_size=6), st.floats(0.0, 0.1))
def test_solves_that_run_into_their_limit_promise_nothing(
    points: list[tuple[int, int]], give_up_at: frozenset[int], gap: float
) -> None:
    model = ListedPoints(points, relative_gap=gap, give_up_at=give_up_at)
    front = whole_front(model)
    if any(number in give_up_at for number in range(1, len(model.calls) + 1)):
        assert front.status == "limit"
    for point in points if front.points else ():
        if all(value <= front.nadir[kind] for value, kind in zip(point, front.objectives, strict=True)):
            assert (
                bettered(point, front)
                or undecided(point, front)
                or point[0] < front.ideal["cost"]
                or point[1] < front.ideal["carbon"]
            )


@settings(max_examples=40, deadline=None)
@example([(each, 25 - each) for each in range(1, 25)], frozenset({5}), 6)  # nothing of the half denied is found by then
@given(PAIRS, st.frozensets(st.integers(5, 20), min_size=1, max_size=6), st.integers(5, 20))
def test_infeasible_where_a_plan_is_known_decides_nothing(
    points: list[tuple[int, int]], deny_at: frozenset[int], most_solves: int
) -> None:
    model = ListedPoints(points, deny_at=deny_at)
    front = box_bisection(model, ("cost", "carbon"), gap=0.0, most_solves=most_solves)
    for point in points:
        if all(value <= front.nadir[kind] for value, kind in zip(point, front.objectives, strict=True)):
            assert bettered(point, front) or undecided(point, front)


@settings(max_examples=60, deadline=None)
@given(PAIRS, st.integers(1, 25))
def test_a_cap_of_the_caller_holds_for_every_point(points: list[tuple[int, int]], cap: int) -> None:
    front = whole_front(ListedPoints(points), caps={"carbon": cap + 0.5})
    allowed = [point for point in points if point[1] <= cap]
    assert sorted(found(front)) == sorted(efficient(allowed))
    assert (front.status == "infeasible") == (not allowed)


def knapsack(seed: int) -> WholeNumbers:
    random = np.random.default_rng(seed)
    items = 8
    gains, weights = random.integers(1, 20, (2, items)), random.integers(1, 20, (1, items))
    return WholeNumbers(-gains.astype(float), weights.astype(float), np.array([weights.sum() // 2], float))


def assignment(seed: int) -> WholeNumbers:
    random = np.random.default_rng(seed)
    people = 3
    sums = np.zeros((2 * people, people, people))
    for one in range(people):
        sums[one, one, :] = sums[people + one, :, one] = 1.0
    rows = sums.reshape(2 * people, -1)
    costs = random.integers(1, 20, (2, people * people)).astype(float)
    return WholeNumbers(costs, np.vstack([rows, -rows]), np.repeat([1.0, -1.0], 2 * people))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("problem", [knapsack, assignment])
def test_bisection_equals_enumeration_on_programs_with_whole_numbers(problem: object, seed: int) -> None:
    assert callable(problem)
    model: WholeNumbers = problem(seed)
    expected = efficient(model.all_points())
    assert sorted(found(whole_front(model))) == sorted(expected)


class CapsOnCostAlone(ListedPoints):
    """Minimises a price of unserved work with the cost, as the third number of a point, and caps the cost alone."""

    def minimise(self, weights: Mapping[str, float], **options: Any) -> Solution:
        rates = dict(weights) | ({"unserved_usd": weights["cost"]} if "cost" in weights else {})
        return super().minimise(rates, **options)


@settings(max_examples=60, deadline=None)
@given(TRIPLES, st.integers(4, 40))
def test_no_point_is_lost_where_caps_leave_the_price_of_unserved_work_out(
    points: list[tuple[int, int, int]], most_solves: int
) -> None:
    model = CapsOnCostAlone(points, ("cost", "carbon", "unserved_usd"))
    front = box_bisection(model, ("cost", "carbon"), gap=0.0, most_solves=most_solves)
    on_axes = [(cost + unserved, carbon) for cost, carbon, unserved in points]
    assert front.solves == len(model.calls) <= most_solves
    assert set(found(front)) <= set(on_axes) and efficient(found(front)) == set(found(front))
    for point in on_axes:
        if all(value <= front.nadir[kind] for value, kind in zip(point, front.objectives, strict=True)):
            assert bettered(point, front) or undecided(point, front)
    assert front.ideal["cost"] == found(front)[0][0] == min(cost for cost, _ in on_axes)


@settings(max_examples=25, deadline=None)
@example([(1, 1, 3), (2, 4, 2), (2, 5, 1)])  # the one in the middle costs what the dearest of the payoff table costs
@given(TRIPLES)
def test_skipped_solves_of_a_filtered_set_would_have_given_nothing_new(points: list[tuple[int, int, int]]) -> None:
    kinds = ("cost", "carbon", "risk")
    model = ListedPoints(points, kinds)
    front = filtered_set(model, kinds, gap=0.0, most_solves=10_000, augmentation=1e-6)
    values = found(front)
    assert set(values) <= efficient(points) and len(set(values)) == len(values)
    fresh = ListedPoints(points, kinds)
    width = {kind: max(front.nadir[kind] - front.ideal[kind], 1e-6) for kind in kinds}
    for shares in itertools.product(np.arange(1, 9) / 8, repeat=2):
        caps = {kind: front.ideal[kind] + share * width[kind] for kind, share in zip(kinds[1:], shares, strict=True)}
        weights = {"cost": 1.0} | {kind: 1e-6 / 2 * width["cost"] / width[kind] for kind in caps}
        solution = fresh.minimise(weights, caps=caps)
        if solution.values and all(solution.values[kind] <= front.nadir[kind] for kind in kinds):
            assert solution.point in values
    assert len(model.calls) <= 9 + 64


@settings(max_examples=25, deadline=None)
@given(TRIPLES, st.floats(0.0, 0.2), st.integers(0, 99), st.integers(9, 40))
def test_a_filtered_set_has_neither_dominated_points_nor_duplicates_nor_a_false_gap(
    points: list[tuple[int, int, int]], gap: float, seed: int, most_solves: int
) -> None:
    kinds = ("cost", "carbon", "risk")
    model = ListedPoints(points, kinds, relative_gap=gap, seed=seed)
    front = filtered_set(model, kinds, most_solves=most_solves)
    values = found(front)
    assert len(model.calls) == front.solves <= most_solves
    assert efficient(values) == set(values) <= set(points) and len(set(values)) == len(values)
    assert 0.0 <= front.anytime_gap <= 1.0
    assert all(point.gap <= gap + 1e-9 for point in front.points)
