"""Least C + B + M + S + O under a demand: equal to trying everything, and each group pulls on the others."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from optimizers.plan import GROUPS
from optimizers.textbook.five_groups import FiveGroups, SecurityLevel, Tier, by_mode, least_cost


def by_hand(case: FiveGroups, tier: Tier, level: SecurityLevel) -> dict[str, float]:
    """The five groups of a mode: nodes, modules and blocks are what the demand needs, rounded up."""
    at_work = case.demand / (case.rate * level.throughput)
    nodes = math.ceil(at_work / tier.availability - 1e-9)
    blocks = math.ceil(case.ports * nodes / case.block_ports)
    filled = (case.provisioned_w * nodes + case.block_w * blocks) / case.module_w
    modules = math.ceil(max(filled, nodes / (case.module_w // case.provisioned_w)))
    it_w = case.idle_w * nodes + case.busy_w * at_work + case.block_w * blocks
    facility_kw = (case.fixed_w * modules + case.slope * it_w) / 1e3
    return {
        "C": case.node_usd * nodes + case.module_usd * modules,
        "B": case.block_usd * blocks,
        "M": tier.usd + tier.usd_per_node * nodes,
        "S": level.usd + level.usd_per_node * nodes,
        "O": facility_kw * (case.hours_h * case.usd_per_kwh + case.demand_usd_per_kw),
    }


@pytest.mark.parametrize("demand", [10.0, 50.0, 86.4, 100.0, 333.0])
def test_the_plan_is_the_least_of_all_modes_done_by_hand(demand: float) -> None:
    case = FiveGroups(demand=demand)
    every = {
        (tier.name, level.name): by_hand(case, tier, level)
        for tier in case.tiers
        for level in case.levels
        if level.suffices
    }
    best = min(every, key=lambda mode: sum(every[mode].values()))
    found = least_cost(case)
    assert (found.tier, found.level) == best
    assert dict(found.groups) == pytest.approx(every[best], rel=1e-6)
    assert found.cost_usd == pytest.approx(sum(every[best].values()), rel=1e-6)
    assert tuple(found.groups) == GROUPS


def test_better_maintenance_is_bought_where_it_saves_more_nodes_than_it_costs() -> None:
    assert least_cost(FiveGroups(demand=50.0)).tier == "lean"
    large = least_cost(FiveGroups(demand=100.0))
    assert large.tier == "staffed"
    lean = next(plan for plan in by_mode(FiveGroups(demand=100.0)) if plan.tier == "lean")
    assert large.groups["M"] > lean.groups["M"]
    assert large.groups["C"] < lean.groups["C"]
    assert large.groups["O"] < lean.groups["O"]


def test_security_is_bought_only_where_the_demand_asks_for_it() -> None:
    case = FiveGroups()
    assert least_cost(case).level == "strict"
    free = replace(case, levels=tuple(level._replace(suffices=True) for level in case.levels))
    assert least_cost(free).level == "basic"
    assert least_cost(free).groups["S"] < least_cost(case).groups["S"]


def test_a_demand_beyond_every_node_is_refused() -> None:
    with pytest.raises(ValueError, match="no plan serves 1000 requests a second with 10 nodes at most"):
        least_cost(FiveGroups(demand=1000.0, most_nodes=10))


def test_a_demand_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        FiveGroups(demand=0.0)
