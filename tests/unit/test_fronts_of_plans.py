"""Fronts of a capacity plan: coal at home against hydropower at a site that has to be opened."""

from __future__ import annotations

import numpy as np
import pytest

import instances as parts
from optimizers.capacity_model import CapacityModel
from optimizers.tradeoff.box_bisection import box_bisection
from optimizers.tradeoff.filtered_set import filtered_set
from optimizers.tradeoff.nearest import nearest_to


def model(*, least_served: float = 1.0, unserved_usd: float = 0.0) -> CapacityModel:
    demand = np.array([20.0, 32.0])[:, None, None]
    coal = parts.site(
        futures=2, name="coal", price_usd_per_kwh=0.05, carbon_kg_per_kwh=0.7, grid_w=0.5e6,
    )  # fmt: skip
    hydro = parts.site(
        futures=2, name="hydro", exists=False, opening_usd=300_000.0, price_usd_per_kwh=0.12, carbon_kg_per_kwh=0.02,
        grid_w=0.3e6,
    )  # fmt: skip
    return CapacityModel(
        parts.instance(
            futures=parts.futures((0.6, 0.4)),
            sites=(coal, hydro),
            nodes=(
                parts.node(name="small", price_usd=60_000.0, embodied_kg=2_000.0, batch=2),
                parts.node(name="large", price_usd=150_000.0, embodied_kg=5_000.0, idle_w=3_000.0),
            ),
            modules=(parts.module(sites=2, capacity_w=2e5, price_usd=400_000.0, fixed_w=4_000.0, slope=1.2),),
            modes=(parts.mode(nodes=2),),
            serving=(
                parts.serving(
                    futures=2, nodes=2, rate=np.array([[1.0], [2.4]]), demand=demand, least_served=least_served,
                    unserved_usd=unserved_usd,
                ),
            ),
        )
    )  # fmt: skip


def test_no_plan_under_a_points_carbon_costs_less() -> None:
    plans = model()
    front = box_bisection(plans, ("cost", "carbon"), most_solves=9)
    assert front.solves == 9 and front.anytime_gap < 0.15 and len(front.points) >= 5
    width = front.nadir["cost"] - front.ideal["cost"]
    for point in front.points:
        alone = plans.minimise({"cost": 1.0}, caps={"carbon": point.values["carbon"] * (1.0 + 1e-6)})
        assert alone.values["cost"] == pytest.approx(point.values["cost"], abs=1e-4 * width)
        assert plans.plan(point.solution).objectives["carbon"] == pytest.approx(point.values["carbon"])


def test_the_nearest_plan_is_no_further_than_any_of_the_front() -> None:
    plans = model()
    front = box_bisection(plans, ("cost", "carbon"), most_solves=8)
    scales = {kind: front.nadir[kind] - front.ideal[kind] for kind in front.objectives}
    nearest = nearest_to(plans, front.ideal, scales=scales)
    for point in front.points:
        distance = max((point.values[kind] - front.ideal[kind]) / scales[kind] for kind in scales)
        assert nearest.distance <= distance + 1e-3
    assert 0.0 < nearest.distance < 1.0


def test_a_filtered_set_trades_unserved_work_off_against_cost_and_carbon() -> None:
    kinds = ("cost", "carbon", "risk")
    front = filtered_set(model(least_served=0.5, unserved_usd=1e-3), kinds, most_solves=14, solver_gap=0.01)
    assert front.status == "optimal" and len(front.points) >= 6
    assert all(point.gap <= 0.01 for point in front.points)
    for point in front.points:
        assert point.values["cost"] == pytest.approx(
            point.solution.values["cost"] + point.solution.values["unserved_usd"]
        )
        for other in front.points:
            assert point is other or any(other.values[kind] < point.values[kind] for kind in kinds)
