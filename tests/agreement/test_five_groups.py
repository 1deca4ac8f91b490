"""The capacity model on the textbook's case: the same plan and the same five groups as the textbook's own program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from instances import fabric, instance, mode, module, node, serving, site
from optimizers.capacity_model import CapacityModel
from optimizers.formulation import fabrics, provisioning
from optimizers.instance.instance import Instance
from optimizers.instance.time import Day, Hours, Quarter
from optimizers.textbook.five_groups import FiveGroups, least_cost


def as_instance(case: FiveGroups) -> Instance:
    """The case with its horizon as the only quarter: nodes are worth nothing after it."""
    shape: Any = {"quarters": 1, "hours": 1}
    modes = tuple(
        mode(
            name=f"{tier.name}, {level.name}",
            maintenance=tier.name,
            security=level.name,
            availability=tier.availability,
            maintenance_usd=tier.usd,
            maintenance_usd_per_node=tier.usd_per_node,
            security_usd=level.usd,
            security_usd_per_node=level.usd_per_node,
        )
        for tier in case.tiers
        for level in case.levels
    )
    rates = [case.rate * level.throughput * level.suffices for _ in case.tiers for level in case.levels]
    given: Instance = instance(
        quarters=1,
        hours=Hours(np.array([[case.hours_h]]), np.zeros((1, 1)), (Day(0, 1),)),
        sites=(
            site(
                **shape,
                price_usd_per_kwh=case.usd_per_kwh,
                demand_charge_usd_per_kw=case.demand_usd_per_kw,
            ),
        ),
        nodes=(
            node(
                1,
                price_usd=case.node_usd,
                provisioned_w=case.provisioned_w,
                rated_w=case.provisioned_w,
                idle_w=case.idle_w,
                ports=case.ports,
                life=1,
                supply=case.most_nodes,
            ),
        ),
        modules=(
            module(
                **shape,
                # Only one of so many quarters is written off within the horizon.
                price_usd=case.module_usd * provisioning.LASTING,
                capacity_w=case.module_w,
                fixed_w=case.fixed_w,
                slope=case.slope,
                most=100,
            ),
        ),
        fabrics=(
            fabric(
                quarters=1, price_usd=case.block_usd * fabrics.LASTING, ports=case.block_ports, power_w=case.block_w
            ),
        ),
        modes=modes,
        serving=(serving(**shape, modes=len(modes), rate=np.array([rates]), busy_w=case.busy_w, demand=case.demand),),
    )
    return replace(given, quarters=(Quarter("horizon", 0.0, case.hours_h, 1.0),))


@pytest.mark.parametrize("demand", [50.0, 100.0, 333.0])
def test_the_capacity_model_finds_the_textbooks_plan(demand: float) -> None:
    case = FiveGroups(demand=demand)
    by_textbook = least_cost(case)
    model = CapacityModel(as_instance(case))
    solution = model.solve()
    plan = model.plan(solution)
    assert solution.status == "optimal"
    assert plan.objectives["cost"] == pytest.approx(by_textbook.cost_usd, rel=1e-6)
    assert dict(plan.groups) == pytest.approx(dict(by_textbook.groups), rel=1e-5)
    bought = {decision.what: decision.count for decision in plan.decisions}
    assert bought["node"] == by_textbook.nodes
    assert bought["block"] == by_textbook.modules
    assert bought["fabric"] == by_textbook.blocks
    assert f"{by_textbook.tier}, {by_textbook.level}" in bought


def test_both_buy_no_security_that_nothing_asks_for() -> None:
    case = FiveGroups()
    case = replace(case, levels=tuple(level._replace(suffices=True) for level in case.levels))
    model = CapacityModel(as_instance(case))
    plan = model.plan(model.solve())
    assert plan.groups["S"] == pytest.approx(least_cost(case).groups["S"])
