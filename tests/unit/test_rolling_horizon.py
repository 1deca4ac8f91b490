"""Plans made window by window, held against one solve of the whole."""

from __future__ import annotations

import json

import numpy as np
import pytest

from instances import batch, gang, hours, instance, mode, module, node, serving, site
from optimizers.capacity_model import CapacityModel
from optimizers.instance.instance import Instance
from optimizers.rolling_horizon import rolled

QUARTERS = 4


def growing(**changes: object) -> Instance:
    """Demand grows over four quarters, nodes get cheaper, modules are lumpy: what is bought early matters later."""
    given: dict[str, object] = {
        "hours": hours(QUARTERS),
        "sites": (site(quarters=QUARTERS, grid_w=[[80e3, 120e3, 200e3, 400e3]]),),
        "nodes": (
            node(QUARTERS, batch=3, price_usd=[120e3, 110e3, 90e3, 80e3], value_kept=0.9, lead=1, supply=[9, 9, 9, 9]),
            node(QUARTERS, name="big", batch=2, price_usd=200e3, value_kept=0.9, supply=[0, 4, 4, 4], idle_w=5e3),
        ),
        "modules": (module(quarters=QUARTERS, capacity_w=90e3, price_usd=2e6, most=6, exists=1),),
        "modes": (mode(2),),
        "serving": (
            serving(
                quarters=QUARTERS,
                nodes=2,
                rate=[[1.0], [2.2]],
                demand=[[[0.0] * 2, [5.0, 7.0], [11.0, 12.0], [17.0, 19.0]]],
            ),
        ),
        "batch": (batch(quarters=QUARTERS, nodes=2, least_served=0.5, unserved_usd=4.0 / 3600.0),),
    } | changes
    return instance(QUARTERS, 0.97, **given)


def test_a_window_of_all_quarters_is_the_plain_solve() -> None:
    plain = CapacityModel(growing()).solve()
    found = rolled(CapacityModel(growing()), window=QUARTERS)
    assert found.plan.objective == pytest.approx(plain.objective)
    assert (found.plan.status, len(found.windows)) == ("optimal", 1)


@pytest.mark.parametrize(("window", "step"), [(1, 1), (2, 1), (2, 2), (3, 2)])
def test_the_gap_is_stated_truthfully(window: int, step: int) -> None:
    """Neither better than the optimum, nor a bound above it; the gap is between the two."""
    optimum = CapacityModel(growing()).solve().objective
    found = rolled(CapacityModel(growing()), window=window, step=step).plan
    slack = 1e-6 * abs(optimum)
    assert found.bound - slack <= optimum <= found.objective + slack
    assert found.gap == pytest.approx((found.objective - found.bound) / abs(found.objective))
    assert found.status == ("optimal" if found.gap <= 1e-9 else "limit")


def test_what_is_planned_is_whole() -> None:
    """Purchases are whole batches in every quarter, and the five groups sum up to the cost."""
    found = rolled(CapacityModel(growing()), window=1).plan
    bought = [each for each in found.decisions if each.kind in {"buy", "module"}]
    assert bought and all(each.count == round(each.count) for each in bought)
    assert sum(found.groups.values()) == pytest.approx(found.objectives["cost"])


def test_a_window_that_fails_backs_up_and_widens() -> None:
    """Nine nodes in the last quarter are three batches; money there is for one. Relaxed, it is for one and a half, so
    that one batch seems enough in the first quarter; once that is held, the last quarter can not be served."""
    trap = instance(
        3,
        hours=hours(3),
        sites=(site(quarters=3),),
        nodes=(node(3, batch=4, supply=[2, 0, 2], price_usd=[120e3, 100e3, 100e3]),),
        modules=(module(quarters=3),),
        serving=(serving(quarters=3, demand=[[[0.0, 0.0], [0.0, 0.0], [9.0, 9.0]]]),),
        budget_usd=np.array([1e6, 0.0, 600e3]),
    )
    optimum = CapacityModel(trap).solve().objective
    found = rolled(CapacityModel(trap), window=1)
    assert found.failed >= 1
    assert found.plan.objective == pytest.approx(optimum)
    assert any("one step back" in sentence for sentence in found.sentences)


def test_what_is_infeasible_stays_so() -> None:
    found = rolled(CapacityModel(growing(sites=(site(quarters=QUARTERS, grid_w=1.0),))), window=2)
    assert found.plan.status == "infeasible"
    assert not found.plan.found and len(found.windows) == 1


def test_the_model_is_left_as_it_was() -> None:
    model = CapacityModel(growing())
    before = model.solve().objective
    rolled(model, window=1)
    assert model.solve().objective == pytest.approx(before)


def test_a_gang_is_placed_by_the_first_window_that_trains_it() -> None:
    training = growing(gangs=(gang(quarters=QUARTERS, node_types=2, first=2),))
    optimum = CapacityModel(training).solve()
    found = rolled(CapacityModel(training), window=2).plan
    assert found.objective >= optimum.objective - 1.0
    assert any(each.kind == "gang" for each in found.decisions)


def test_how_it_was_made_is_plain_data() -> None:
    made = json.loads(json.dumps(rolled(CapacityModel(growing()), window=2, step=2).as_dict()))
    assert [(each["first"], each["last"]) for each in made["windows"]] == [("Q1", "Q2"), ("Q3", "Q4")]


@pytest.mark.parametrize(("window", "step"), [(0, 1), (2, 0), (1, 2)])
def test_a_window_that_can_not_move_is_refused(window: int, step: int) -> None:
    with pytest.raises(ValueError, match="step"):
        rolled(CapacityModel(instance()), window=window, step=step)
