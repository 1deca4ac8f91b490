"""Known answers for what a plan buys and builds: nodes, modules, modes, networks, storage."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from instances import (
    QUARTER_H,
    changed,
    fabric,
    futures,
    gang,
    hours,
    instance,
    mode,
    module,
    node,
    serving,
    site,
    store,
)
from optimizers.capacity_model import CapacityModel, solved
from optimizers.instance.hardware import Cohort
from optimizers.instance.places import Battery, Photovoltaics
from optimizers.plan import Plan

ENERGY_USD = 0.1 * 10 * 10.0 * QUARTER_H
"""Of ten nodes of 10 kW at 0.1 USD a kWh, a quarter."""


def bought(plan: Plan, kind: str = "buy") -> dict[tuple[str, str, str], float]:
    return {(each.site, each.quarter, each.what): each.count for each in plan.decisions if each.kind == kind}


def test_ten_requests_a_second_need_ten_nodes_and_their_energy() -> None:
    plan = solved(instance())
    assert bought(plan) == {("site", "Q1", "node"): 10.0}
    assert plan.groups["C"] == pytest.approx(1_000_000.0)
    assert plan.groups["O"] == pytest.approx(2 * ENERGY_USD)
    assert plan.objective == pytest.approx(1_000_000.0 + 2 * ENERGY_USD)


def test_nodes_serve_after_their_lead_and_not_before() -> None:
    late = changed(instance(), nodes=(node(lead=1),), serving=(serving(least_served=0.0, unserved_usd=1.0),))
    plan = solved(late)
    assert [each.served for each in plan.served] == pytest.approx([0.0, 10.0 * QUARTER_H * 3600.0])
    assert next(each for each in plan.decisions if each.kind == "buy").in_service == "Q2"


def test_a_late_delivery_leaves_its_future_without_nodes() -> None:
    slipping = changed(
        instance(),
        futures=futures((0.5, 0.5), slips=(0, 1)),
        sites=(site(futures=2),),
        serving=(serving(futures=2, least_served=0.0, unserved_usd=1.0),),
    )
    served = {(each.quarter, each.future): each.served for each in solved(slipping).served}
    whole = 10.0 * QUARTER_H * 3600.0
    assert served["Q1", "future 0"] == pytest.approx(whole)
    assert served["Q1", "future 1"] == pytest.approx(0.0)
    assert served["Q2", "future 1"] == pytest.approx(whole)


def test_old_nodes_leave_at_the_end_of_their_life_and_are_replaced() -> None:
    aging = instance(nodes=(node(life=4),), cohorts=(Cohort(0, 0, 10, 3, 100_000.0),))
    assert bought(solved(aging)) == {("site", "Q2", "node"): 10.0}


def test_nodes_that_nobody_needs_are_sold_at_once() -> None:
    idle = instance(nodes=(node(value_kept=0.9),), cohorts=(Cohort(0, 0, 14, 1, 100_000.0),))
    plan = solved(idle)
    assert bought(plan, "retire") == {("site", "Q1", "node"): 4.0}
    stood_usd, left_usd = 14 * 100_000.0 * 0.9, 10 * 100_000.0 * 0.9**3
    assert plan.groups["C"] == pytest.approx(stood_usd - 4 * 100_000.0 * 0.9 - left_usd)


def test_what_a_node_is_worth_at_the_end_is_credited() -> None:
    plan = solved(instance(nodes=(node(value_kept=0.9, lead=0),)))
    assert plan.groups["C"] == pytest.approx(1_000_000.0 * (1.0 - 0.9**2))


def test_what_is_left_is_discounted_from_the_horizons_end() -> None:
    plan = solved(instance(nodes=(node(value_kept=0.9),), end_discount=0.8))
    assert plan.groups["C"] == pytest.approx(1_000_000.0 * (1.0 - 0.8 * 0.9**2))
    assert plan.left_at_end["C"] == pytest.approx(-1_000_000.0 * 0.8 * 0.9**2)


def test_an_old_node_is_never_worth_more_than_a_new_one_would_be_at_its_age() -> None:
    # Bought at 500,000 USD, while new ones cost 200,000 USD and then 100,000 USD.
    kind = node(value_kept=0.9, price_usd=[200_000.0, 100_000.0])
    plan = solved(instance(nodes=(kind,), cohorts=(Cohort(0, 0, 14, 1, 500_000.0),)))
    assert bought(plan, "retire") == {("site", "Q1", "node"): 4.0}
    assert next(each.cost_usd for each in plan.decisions if each.kind == "retire") == pytest.approx(-4 * 180_000.0)
    assert plan.groups["C"] == pytest.approx(10 * (180_000.0 - 100_000.0 * 0.9**3))


def test_nodes_that_have_lived_their_life_are_sold_for_what_they_have_kept() -> None:
    # Those of the start leave in Q2, three quarters old; those bought in Q1 in Q3; of Q2 and Q3 some are left.
    aging = instance(
        quarters=3, discount=0.5, end_discount=0.1, hours=hours(3), sites=(site(quarters=3),),
        nodes=(node(3, life=2, value_kept=0.8),), modules=(module(quarters=3),),
        serving=(serving(quarters=3, demand=[[[1.0] * 2, [1.0] * 2, [1.0] * 2]]),),
        cohorts=(Cohort(0, 0, 1, 1, 100_000.0),),
    )  # fmt: skip
    plan = solved(aging)
    assert bought(plan) == {("site", "Q2", "node"): 1.0}
    assert plan.taken_over["C"] == pytest.approx(80_000.0)
    assert plan.resale_by_quarter == pytest.approx((0.0, -0.5 * 64_000.0, 0.0))
    assert plan.groups_by_quarter[1]["C"] == pytest.approx(0.5 * (100_000.0 - 64_000.0))
    assert plan.left_at_end["C"] == pytest.approx(-0.1 * 64_000.0)


def test_a_node_that_is_bought_is_sold_when_its_life_ends_within_the_horizon() -> None:
    short = instance(nodes=(node(life=1, value_kept=0.7),), discount=0.5, end_discount=0.25)
    plan = solved(short)
    assert plan.resale_by_quarter == pytest.approx((0.0, -0.5 * 700_000.0))
    assert plan.left_at_end["C"] == pytest.approx(-0.25 * 700_000.0)
    assert plan.groups["C"] == pytest.approx(1_000_000.0 * (1.0 + 0.5) - 0.5 * 700_000.0 - 0.25 * 700_000.0)


@pytest.mark.parametrize(
    ("changes", "modules"),
    [
        ({"capacity_w": 50e3}, 2.0),
        ({"breaker_w": 60e3, "capacity_w": 1e6}, 2.0),
        ({"racks": 1}, 3.0),
        ({"racks": 1, "rack_w": 20e3}, 5.0),
    ],
)
def test_modules_fill_with_provisioned_power_breakers_and_racks(changes: dict[str, Any], modules: float) -> None:
    plan = solved(instance(modules=(module(price_usd=1.0, **changes),)))
    assert plan.site_quarters[0].modules == {"block": modules}


def test_a_rack_that_a_design_can_not_power_stays_out_of_it() -> None:
    weak = instance(modules=(module(rack_w=9e3),))
    assert solved(weak).status == "infeasible"


@pytest.mark.parametrize(("nodes", "modules"), [(11, 1.0), (22, 2.0), (23, 3.0)])
def test_no_node_stands_in_two_modules(nodes: int, modules: float) -> None:
    # Of 8.4 kW each, 11 stand in 100 kW, though 23 are but 193.2 kW.
    whole = instance(
        nodes=(node(provisioned_w=8.4e3),), modules=(module(capacity_w=100e3, price_usd=1.0),),
        serving=(serving(demand=float(nodes), busy_w=6.0e3),),
    )  # fmt: skip
    row = solved(whole).site_quarters[0]
    assert row.modules == {"block": modules}
    assert row.stranded_kw == {"block": pytest.approx(modules * 100.0 - nodes * 8.4)}


def test_a_node_that_no_module_can_power_stays_out_though_two_could() -> None:
    assert solved(instance(modules=(module(capacity_w=9e3, rack_w=20e3, most=100),))).status == "infeasible"


@pytest.mark.parametrize("spare", [0, 1, 2])
def test_spare_modules_come_on_top_of_those_that_the_load_needs(spare: int) -> None:
    spared = instance(sites=(site(spare_modules=spare),), modules=(module(capacity_w=50e3, price_usd=1.0),))
    row = solved(spared).site_quarters[0]
    assert row.modules == {"block": 2.0 + spare}
    assert row.stranded_kw == {"block": pytest.approx(0.0)}


def test_networks_and_storage_fill_modules_too_and_spares_take_neither() -> None:
    networked = instance(
        sites=(site(spare_modules=1),),
        modules=(module(capacity_w=100e3, price_usd=1.0),),
        fabrics=(fabric(power_w=4e3),),
    )
    assert solved(networked).site_quarters[0].modules == {"block": 3.0}
    assert solved(changed(networked, fabrics=(fabric(power_w=0.0),))).site_quarters[0].modules == {"block": 2.0}
    row = solved(changed(networked, modules=(module(capacity_w=110e3, price_usd=1.0),))).site_quarters[0]
    assert row.modules == {"block": 2.0}
    assert row.provisioned_kw == {"block": pytest.approx(104.0)}
    assert row.stranded_kw == {"block": pytest.approx(6.0)}


def test_a_design_that_is_offered_makes_no_plan_dearer() -> None:
    liquid = module(name="liquid", cooling="liquid", price_usd=1_000.0, slope=1.1)
    air = module(name="air", price_usd=1_000.0, fixed_w=1e3, slope=1.5)
    given = instance(nodes=(node(cooling="liquid"),), modules=(liquid,), fabrics=(fabric(power_w=4e3),))
    alone, offered = solved(given), solved(changed(given, modules=(air, liquid)))
    assert offered.objective == pytest.approx(alone.objective)
    assert offered.site_quarters[0].modules == {"air": 0.0, "liquid": 1.0}
    assert offered.site_quarters[0].shared_kw == pytest.approx({"air": 0.0, "liquid": 4.0})
    assert offered.site_quarters[0].provisioned_kw == pytest.approx({"liquid": 104.0})


def test_networks_stand_where_there_is_room_for_them() -> None:
    full = module(name="liquid", cooling="liquid", capacity_w=102e3, most=1, slope=1.1)
    air = module(name="air", price_usd=1_000.0, slope=1.5)
    plan = solved(instance(nodes=(node(cooling="liquid"),), modules=(air, full), fabrics=(fabric(power_w=4e3),)))
    assert plan.site_quarters[0].modules == {"air": 1.0, "liquid": 1.0}
    assert plan.site_quarters[0].shared_kw == pytest.approx({"air": 2.0, "liquid": 2.0})


def test_a_site_without_modules_yet_owes_no_spares() -> None:
    waiting = instance(
        sites=(site(spare_modules=1),),
        modules=(module(lead=1, price_usd=1.0),),
        serving=(serving(least_served=0.0, unserved_usd=1.0),),
    )
    assert [row.modules["block"] for row in solved(waiting).site_quarters] == [0.0, 2.0]


def test_stranded_power_is_what_no_node_fills() -> None:
    row = solved(instance(modules=(module(capacity_w=70e3, price_usd=1.0),))).site_quarters[0]
    assert row.provisioned_kw == {"block": pytest.approx(100.0)}
    assert row.stranded_kw == {"block": pytest.approx(40.0)}


def test_floor_limits_modules() -> None:
    narrow = instance(
        modules=(module(capacity_w=50e3, floor_m2=100.0),),
        sites=(site(floor_m2=150.0),),
        serving=(serving(least_served=0.0, unserved_usd=1.0),),
    )
    assert solved(narrow).site_quarters[0].modules == {"block": 1.0}


def test_a_site_has_one_design_a_class_of_cooling() -> None:
    two = instance(modules=(module(most=1, capacity_w=50e3), module(name="other", most=1, capacity_w=50e3)))
    assert solved(two).status == "infeasible"


def test_the_mode_pays_for_itself_in_availability() -> None:
    lean = mode(name="lean", availability=0.5)
    staffed = mode(name="staffed", availability=1.0, maintenance_usd=400_000.0)
    plan = solved(instance(modes=(lean, staffed), serving=(serving(modes=2),)))
    assert [each.what for each in plan.decisions if each.kind == "mode"] == ["staffed"]
    assert plan.groups["M"] == pytest.approx(800_000.0)
    dear = changed(staffed, maintenance_usd=600_000.0)
    cheaper = solved(instance(modes=(lean, dear), serving=(serving(modes=2),)))
    assert bought(cheaper) == {("site", "Q1", "node"): 20.0}


def test_work_that_asks_for_security_gets_the_mode_that_has_it() -> None:
    plain, secure = mode(name="plain"), mode(name="secure", security_usd=5_000.0, security_usd_per_node=10.0)
    plan = solved(instance(modes=(plain, secure), serving=(serving(modes=2, rate=[[0.0, 1.0]]),)))
    assert plan.groups["S"] == pytest.approx(2 * (5_000.0 + 10 * 10.0))


def test_spares_are_bought_with_nodes() -> None:
    plan = solved(instance(modes=(mode(spares_usd_per_node=2_000.0),)))
    assert plan.groups["M"] == pytest.approx(20_000.0)


@pytest.mark.parametrize("standing", [10, 14])
def test_spares_are_bought_for_nodes_that_stand_there_and_stay(standing: int) -> None:
    plan = solved(
        instance(
            nodes=(node(embodied_kg=100.0),),
            modes=(mode(spares_usd_per_node=2_000.0, spares_per_node=0.1),),
            cohorts=(Cohort(0, 0, standing, 1, 100_000.0),),
        )
    )
    # Those beyond the ten that are needed leave at once, and need none.
    assert plan.groups["M"] == pytest.approx(10 * 2_000.0)
    assert plan.objectives["carbon"] == pytest.approx(10 * 10.0)


def test_every_port_of_every_node_has_a_port() -> None:
    plan = solved(instance(nodes=(node(ports=8),), fabrics=(fabric(price_usd=5_000.0),)))
    assert bought(plan, "fabric") == {("site", "Q1", "fabric"): 2.0}
    # Two of the twenty quarters that it lasts are over at the end.
    assert plan.groups["B"] == pytest.approx(10_000.0 * 2 / 20)


def test_a_new_site_is_opened_for_what_the_old_one_can_not_power() -> None:
    two = instance(
        sites=(site(grid_w=60e3), site(name="new", exists=False, opening_usd=50_000.0, fixed_usd=1_000.0)),
        modules=(module(sites=2),),
    )
    plan = solved(two)
    assert bought(plan, "open") == {("new", "Q1", "new"): 1.0}
    rows = {(row.site, row.quarter): row for row in plan.site_quarters}
    assert rows["site", "Q1"].nodes["node"] + rows["new", "Q1"].nodes["node"] == pytest.approx(10.0)


def test_a_site_opens_when_what_was_ordered_for_it_serves() -> None:
    late = instance(
        quarters=3,
        hours=hours(quarters=3),
        sites=(site(quarters=3, exists=False, opening_usd=5_000.0, fixed_usd=50_000.0),),
        nodes=(node(3, lead=1),),
        modules=(module(quarters=3, lead=2),),
        modes=(mode(maintenance_usd=1_000.0),),
        serving=(serving(quarters=3, demand=[[[0.0] * 2, [0.0] * 2, [10.0] * 2]]),),
    )
    plan = solved(late)
    assert bought(plan, "open") == {("site", "Q3", "site"): 1.0}
    assert [(each.kind, each.quarter) for each in plan.decisions if each.in_service == "Q3"] == [
        ("module", "Q1"),
        ("buy", "Q2"),
    ]
    assert plan.groups["M"] == pytest.approx(1_000.0)
    assert plan.groups["C"] == pytest.approx(55_000.0 + 1_000_000.0)


def training(**changes: Any) -> Any:
    return instance(serving=(), gangs=(gang(fabrics=1, **changes),), fabrics=(fabric(),))


def test_a_gang_has_all_its_nodes_at_one_site() -> None:
    idle_w = 8 * 2e3
    two = changed(
        training(unserved_usd=0.0),
        sites=(site(grid_w=0.9 * idle_w), site(name="other", grid_w=0.9 * idle_w)),
        modules=(module(sites=2),),
        fabrics=(fabric(sites=2),),
    )
    assert solved(two).status == "infeasible"
    one = changed(two, sites=(site(), site(name="other", grid_w=0.9 * idle_w)))
    plan = solved(one)
    assert [(site_of, count) for (site_of, *_), count in bought(plan, "gang").items()] == [("site", 8.0)]
    assert sum(bought(plan).values()) == pytest.approx(8.0)


def test_a_gang_needs_a_network_as_large_as_itself() -> None:
    assert solved(training()).status == "optimal"
    assert solved(changed(training(), fabrics=(fabric(largest_gang=7),))).status == "infeasible"


def test_a_slower_network_holds_the_nodes_for_longer() -> None:
    plan = solved(training(fabric_factor=0.5))
    assert [each.served for each in plan.served] == pytest.approx([4.0 * QUARTER_H * 3600.0] * 2)


def test_a_gang_brings_storage_for_its_checkpoints() -> None:
    kept = changed(training(write_b_per_s=2.5e11, stored_b=1e15), stores=(store(price_usd=1_000.0),))
    plan = solved(kept)
    # In the later of its quarters, when less of what it lasts is over at the end: one quarter of twenty.
    assert bought(plan, "storage") == {("site", "Q2", "store"): 3.0}
    assert plan.left_at_end["C"] == pytest.approx(-3_000.0 * 19 / 20)


def test_a_budget_spreads_purchases_over_quarters() -> None:
    growing = instance(budget_usd=np.full(2, 600_000.0), serving=(serving(demand=[[[6.0, 6.0], [10.0, 10.0]]]),))
    assert bought(solved(growing)) == {("site", "Q1", "node"): 6.0, ("site", "Q2", "node"): 4.0}
    assert solved(changed(growing, budget_usd=np.full(2, 500_000.0))).status == "infeasible"


def test_spares_of_new_nodes_are_in_the_budget() -> None:
    """Ten nodes with their spares cost 1.02 MUSD, and a plan costs the same with a budget that does not bind."""
    dear = instance(modes=(mode(spares_usd_per_node=2_000.0),))
    enough, short = (solved(changed(dear, budget_usd=np.array([usd, 0.0]))) for usd in (1_020_000.0, 1_019_999.0))
    assert enough.objectives["cost"] == pytest.approx(solved(dear).objectives["cost"], abs=0.01)
    assert short.status == "infeasible"


def test_spares_of_nodes_that_stand_there_are_in_the_budget_of_the_first_quarter() -> None:
    """Ten are needed; the two beyond them are sold, and get none."""
    dear = instance(modes=(mode(spares_usd_per_node=2_000.0),), cohorts=(Cohort(0, 0, 12, 1, 100_000.0),))
    enough, short = (solved(changed(dear, budget_usd=np.array([usd, 0.0]))) for usd in (20_000.0, 19_999.0))
    assert enough.groups["M"] == pytest.approx(20_000.0)
    assert short.status == "infeasible"


def test_batteries_and_panels_are_in_the_budget() -> None:
    battery = Battery(unit_j=50e3 * 3600.0, unit_w=50e3, round_trip=1.0, price_usd=3_000.0, most=1)
    panels = Photovoltaics(50e3, 3_000.0, 1, np.ones((2, 2)))
    free = instance(
        nodes=(node(price_usd=0.0),),
        sites=(site(price_usd_per_kwh=[0.1, 0.5], battery=battery, photovoltaics=panels),),
    )
    both, one = (solved(changed(free, budget_usd=np.array([usd, 0.0]))) for usd in (6_000.0, 5_999.0))
    assert [sum(bought(both, kind).values()) for kind in ("battery", "photovoltaics")] == [1.0, 1.0]
    assert [sum(bought(one, kind).values()) for kind in ("battery", "photovoltaics")] == [0.0, 1.0]


def test_vendors_limit_what_all_sites_buy_together() -> None:
    two = instance(
        nodes=(node(supply=7),), sites=(site(), site(name="other")), modules=(module(sites=2),),
        serving=(serving(least_served=0.0, unserved_usd=1.0),),
    )  # fmt: skip
    ordered = [each for each in solved(two).decisions if each.kind == "buy" and each.quarter == "Q1"]
    assert sum(each.count for each in ordered) == 7.0


def test_an_impossible_plan_is_a_status_with_numbers_that_are_not_there() -> None:
    plan = solved(instance(sites=(site(grid_w=1e3),)))
    assert plan.status == "infeasible"
    assert not plan.found
    assert math.isnan(plan.objective)


def test_integers_of_a_quarter_are_its_orders() -> None:
    model = CapacityModel(instance())
    assert {each.parent_component().name for each in model.integers_of(0)} == {"open", "buy", "build"}
    assert {each.parent_component().name for each in model.integers_of(None)} == {"mode", "design"}
