"""Ten nodes that come down to 8,000 GFLOP/s: every way that defines a plan agrees, and plain descent does not."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from optimizers.textbook.comparison import compare
from optimizers.textbook.gradient_descent import descend_on_total, resting_point
from optimizers.textbook.mixed_integer import switched_plan
from optimizers.textbook.projected_gradient import projected_gradient
from optimizers.textbook.projection import nearest_with_total
from optimizers.textbook.reduction import Reduction

Array = NDArray[np.float64]
PRESENT = np.full(10, 1000.0)
PACES = np.resize(np.array([0.01, 0.03, 0.08]), 10)


def reduction(*weights: float, total: float = 8000.0, watt_cost: float = 0.0) -> Reduction:
    """Ten nodes of 1,000 GFLOP/s, the weights taken in turn."""
    return Reduction(PRESENT, np.resize(np.array(weights), 10), total, 150.0, 350.0, watt_cost)


def test_equal_nodes_give_up_equally_much() -> None:
    case = reduction(1.0)
    assert case.optimum() == pytest.approx(np.full(10, 800.0))
    assert case.cost(case.optimum()) == pytest.approx(10 * 200.0**2)


def test_nodes_give_up_in_inverse_proportion_to_their_weights() -> None:
    """2,000 GFLOP/s over a sum of 1/weight of 6.25 is 320 for the weight 1, 160 for 2, 80 for 4."""
    case = reduction(1.0, 2.0, 4.0)
    assert case.optimum() == pytest.approx(np.resize([680.0, 840.0, 920.0], 10))
    assert case.cost(case.optimum()) == pytest.approx(2000.0**2 / 6.25)


def test_a_node_whose_share_exceeds_its_rate_stops_and_the_others_share_the_rest() -> None:
    case = reduction(0.01, *[1.0] * 9)
    assert case.optimum() == pytest.approx([0.0, *[1000.0 - 1000.0 / 9.0] * 9])


@pytest.mark.parametrize("weights", [(1.0,), (1.0, 2.0, 4.0), (0.01, 1.0, 5.0), (0.01, *[1.0] * 9)])
def test_projected_gradient_comes_to_the_optimum(weights: tuple[float, ...]) -> None:
    case = reduction(*weights)
    found = projected_gradient(case)
    assert found.rates == pytest.approx(case.optimum(), rel=1e-9, abs=1e-9)
    costs = [step.cost for step in found.way]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize("step", [0.02, 0.125, 0.24])
@pytest.mark.parametrize("start", [np.zeros(10), PRESENT, np.linspace(0.0, 1000.0, 10)])
def test_its_plan_hangs_neither_on_the_step_nor_on_the_start(step: float, start: Array) -> None:
    case = reduction(1.0, 2.0, 4.0)
    assert projected_gradient(case, start=start, step=step).rates == pytest.approx(case.optimum(), rel=1e-9)


@pytest.mark.parametrize("breakpoints", [2, 5, 17, 65])
def test_the_linear_program_is_off_by_no_more_than_its_pieces(breakpoints: int) -> None:
    case = reduction(1.0, 2.0, 4.0)
    found = switched_plan(case, breakpoints=breakpoints, switching=False)
    best = case.cost(case.optimum())
    assert found.rates.sum() == pytest.approx(8000.0)
    assert abs(found.objective - case.cost(found.rates)) <= found.error_bound * (1.0 + 1e-9)
    assert best * (1.0 - 1e-9) <= case.cost(found.rates) <= best + 2.0 * found.error_bound
    # A cost that is not higher by more than this is close by: squares have a curvature of at least the least weight.
    apart = float((case.weight * (found.rates - case.optimum()) ** 2).sum())
    assert apart <= 2.0 * found.error_bound


def test_finer_pieces_bring_the_linear_program_to_the_optimum() -> None:
    case = reduction(1.0, 2.0, 4.0)
    bounds = [switched_plan(case, breakpoints=b, switching=False).error_bound for b in (9, 17, 33)]
    assert bounds[0] / bounds[1] == pytest.approx(4.0, rel=0.1)
    assert bounds[1] / bounds[2] == pytest.approx(4.0, rel=0.2)


def by_trying_every_set_of_nodes(case: Reduction) -> float:
    """The least cost with power where nodes may be off: each set in closed form."""
    least = np.inf
    for chosen in product((True, False), repeat=case.present.size):
        on = np.array(chosen)
        if case.present[on].sum() < case.total or not on.any():
            continue
        part = Reduction(case.present[on], case.weight[on], case.total)
        rates = np.zeros(case.present.size)
        rates[on] = part.optimum()
        least = min(least, case.cost(rates) + case.watt_cost * case.power_w(rates, on))
    return float(least)


@pytest.mark.parametrize(("watt_cost", "off"), [(0.0, 0), (1_000.0, 0), (4_500.0, 1), (10_000.0, 2)])
def test_switching_nodes_off_is_what_trying_every_set_finds(watt_cost: float, off: int) -> None:
    case = reduction(1.0, 2.0, 4.0, watt_cost=watt_cost)
    found = switched_plan(case, breakpoints=65, switching=True)
    cost = case.cost(found.rates) + watt_cost * case.power_w(found.rates, found.on)
    least = by_trying_every_set_of_nodes(case)
    assert least * (1.0 - 1e-9) <= cost <= least + 2.0 * found.error_bound
    assert int((~found.on).sum()) == off
    assert not found.rates[~found.on].any()


def test_plain_descent_meets_the_total_and_rests_where_learning_rates_and_start_put_it() -> None:
    case = reduction(1.0, 2.0, 4.0)
    elsewhere = np.linspace(1000.0, 700.0, 10)
    runs = [
        (PRESENT, np.full(10, 0.05)),
        (PRESENT, PACES),
        (elsewhere, PACES),
    ]
    rests = [descend_on_total(start, pace, 8000.0).rates for start, pace in runs]
    for (start, pace), rates in zip(runs, rests, strict=True):
        assert rates.sum() == pytest.approx(8000.0, rel=1e-11)
        assert rates == pytest.approx(resting_point(start, pace, 8000.0), rel=1e-9)
        assert case.cost(rates) > 1.3 * case.cost(case.optimum())
    for one, other in ((0, 1), (1, 2), (0, 2)):
        assert np.abs(rests[one] - rests[other]).max() > 50.0


def test_plain_descent_leaves_the_limits_without_noticing() -> None:
    rates = descend_on_total(PRESENT, np.array([0.5, *[0.01] * 9]), 8000.0).rates
    assert rates.sum() == pytest.approx(8000.0)
    assert rates[0] < -600.0


def test_learning_rates_of_its_own_mislead_even_a_descent_that_projects() -> None:
    """It rests where `learning rate * weight * reduction` is alike: at the optimum of other weights than the case's."""
    case = reduction(1.0, 2.0, 4.0)
    paces, rates = PACES, PRESENT
    for _ in range(2_000):
        rates = nearest_with_total(rates - paces * case.gradient(rates), total=8000.0, most=PRESENT)
    assert rates == pytest.approx(Reduction(PRESENT, case.weight * paces, 8000.0).optimum(), rel=1e-9)
    assert case.cost(rates) == pytest.approx(792_000.0, rel=1e-3)
    # A projection in the norm of 1 over the learning rates puts it right.
    for _ in range(2_000):
        down = rates - paces * case.gradient(rates)
        rates = nearest_with_total(down, total=8000.0, most=PRESENT, weight=1.0 / paces)
    assert rates == pytest.approx(case.optimum(), rel=1e-9)


def test_the_comparison_says_which_ways_define_a_plan() -> None:
    found = compare(reduction(1.0, 2.0, 4.0, watt_cost=10_000.0), learning_rates=PACES, breakpoints=17)
    assert [outcome.plan for outcome in found.outcomes] == [True] * 4 + [False] * 3
    assert found.switched.cost_with_power < found.optimum.cost_with_power
    assert found.switched.power_w == pytest.approx(2_800.0)
    assert any("That is no plan." in statement for statement in found.explanation)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"total": 10_001.0}, r"the total \(10001\) must lie between 0 and what all nodes do now \(10000\)"),
        ({"total": float("nan")}, "the total"),
        ({"weight": np.zeros(10)}, "every weight must be above 0"),
        ({"weight": np.ones(9)}, "one weight for each node"),
        ({"present": np.zeros(10)}, "rate must be above 0"),
        ({"idle_w": 400.0}, r"idle power \(400 W\)"),
        ({"watt_cost": -1.0}, "what a watt costs"),
    ],
)
def test_cases_that_make_no_sense_are_refused(changes: dict[str, object], said: str) -> None:
    given = {"present": PRESENT, "weight": np.ones(10), "total": 8000.0, "idle_w": 150.0, "busy_w": 350.0, **changes}
    with pytest.raises(ValueError, match=said):
        Reduction(**given)  # type: ignore[arg-type]


def test_learning_rates_that_do_not_converge_are_refused() -> None:
    with pytest.raises(ValueError, match="sum up to more than 0 and less than 2, not 3"):
        descend_on_total(PRESENT, np.full(10, 0.3), 8000.0)


def test_steps_that_do_not_converge_are_refused() -> None:
    with pytest.raises(ValueError, match="the step"):
        projected_gradient(reduction(1.0, 2.0, 4.0), step=0.25)
