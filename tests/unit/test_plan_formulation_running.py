"""Known answers for how a plan is run: energy, water, risk, caps and targets, and what it reports."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from instances import QUARTER_H, batch, changed, futures, gang, hours, instance, mode, module, node, serving, site
from optimizers.capacity_model import CapacityModel, solved
from optimizers.instance.hardware import Cohort
from optimizers.instance.places import Battery, Bridging, Photovoltaics, PowerPurchase
from optimizers.instance.time import Day
from optimizers.objectives.risk import conditional_value_at_risk
from optimizers.plan import Plan

HALF_H = QUARTER_H / 2.0


def free_nodes(**changes: Any) -> Any:
    return instance(nodes=(node(price_usd=0.0, supply=[10, 0]),), **changes)


def decided(plan: Plan, kind: str) -> float:
    return sum(each.count for each in plan.decisions if each.kind == kind)


def test_facility_power_is_fixed_and_slope_never_a_factor_of_it_power() -> None:
    plan = solved(free_nodes(modules=(module(fixed_w=30e3, slope=1.2, most=1),)))
    row = plan.site_quarters[0]
    assert row.it_energy_kwh == pytest.approx(100.0 * QUARTER_H)
    assert row.facility_energy_kwh == pytest.approx((30.0 + 120.0) * QUARTER_H)
    assert row.pue == pytest.approx(1.5)


def test_idle_nodes_draw_their_idle_power() -> None:
    half = free_nodes(serving=(serving(demand=[[[10.0, 0.0]] * 2]),))
    assert solved(half).site_quarters[0].it_energy_kwh == pytest.approx((100.0 + 20.0) * HALF_H)


def test_peak_of_a_gang_that_trains_for_half_a_quarter_is_its_full_power() -> None:
    plan = solved(free_nodes(serving=(), gangs=(gang(tokens=4.0 * QUARTER_H * 3600.0, last=0),)))
    row = plan.site_quarters[0]
    standing = row.nodes["node"]
    assert row.it_energy_kwh == pytest.approx((2.0 * standing + 32.0) * QUARTER_H)
    assert row.grid_peak_kw == pytest.approx(2.0 * standing + 64.0)


def test_at_a_negative_price_nodes_do_no_work_that_nobody_asked_for() -> None:
    """Ten nodes stand there; five are asked for by a service, and two all quarter by batch work."""
    paid = free_nodes(
        sites=(site(price_usd_per_kwh=-0.1),),
        serving=(serving(demand=5.0),),
        batch=(batch(demand=2.0 * QUARTER_H * 3600.0),),
    )
    plan = solved(paid)
    assert plan.site_quarters[0].it_energy_kwh == pytest.approx((7.0 * 10.0 + 3.0 * 2.0) * QUARTER_H)


def test_demand_charge_bills_the_highest_hour() -> None:
    charged = free_nodes(
        sites=(site(price_usd_per_kwh=0.0, demand_charge_usd_per_kw=20.0),),
        serving=(serving(demand=[[[10.0, 5.0]] * 2]),),
    )
    plan = solved(charged)
    assert plan.groups["O"] == pytest.approx(2 * 20.0 * 100.0)
    assert plan.site_quarters[0].grid_peak_kw == pytest.approx(100.0)


@pytest.mark.parametrize("designs", [1, 2])
def test_demand_charge_bills_the_busiest_moment_of_a_step(designs: int) -> None:
    offers = tuple(module(name=f"block {p}", slope=1.5 + p, most=1) for p in range(designs))
    charged = instance(
        nodes=(node(price_usd=0.0, supply=[10, 0]),),
        sites=(site(price_usd_per_kwh=0.0, demand_charge_usd_per_kw=20.0),),
        modules=offers,
        serving=(serving(demand=4.0, peak=np.array([[1.0, 2.5]] * 2)),),
    )
    plan = solved(charged)
    # All that stand idle at 2 kW, and 8 kW more of each of the ten that work at the busiest moment.
    assert plan.groups["O"] == pytest.approx(2 * 20.0 * 1.5 * 10 * (2.0 + 8.0))
    assert plan.site_quarters[0].energy_usd == pytest.approx(plan.groups["O"] / 2)


def test_demand_charge_bills_gangs_at_full_power() -> None:
    trained = instance(
        nodes=(node(price_usd=0.0, supply=[8, 0]),), serving=(),
        gangs=(gang(tokens=0.5 * 8.0 * QUARTER_H * 3600.0, last=0),),
        sites=(site(price_usd_per_kwh=0.0, demand_charge_usd_per_kw=20.0),),
    )  # fmt: skip
    assert solved(trained).groups["O"] == pytest.approx(20.0 * 8 * (2.0 + 8.0) + 20.0 * 8 * 2.0)


def test_a_battery_earns_the_spread_of_prices_less_its_losses() -> None:
    battery = Battery(unit_j=50e3 * 3600.0, unit_w=50e3, round_trip=0.8, price_usd=3_000.0, most=1)
    cheap_then_dear = site(price_usd_per_kwh=[0.1, 0.5], battery=battery)
    with_it, without = free_nodes(sites=(cheap_then_dear,)), free_nodes(sites=(site(price_usd_per_kwh=[0.1, 0.5]),))
    # Half a day is long enough to fill it from 62.5 kWh, and to empty it again: once a day.
    gain_usd = 2 * QUARTER_H / 24.0 * (50.0 * 0.5 - 62.5 * 0.1)
    written_off_usd = 3_000.0 * 2 / 60
    assert solved(without).objective - solved(with_it).objective == pytest.approx(gain_usd - written_off_usd)


def test_panels_replace_the_grid_while_the_sun_shines() -> None:
    panels = Photovoltaics(50e3, 10_000.0, 1, np.array([[1.0, 0.0]] * 2), embodied_kg=7_000.0)
    plan = solved(free_nodes(sites=(site(photovoltaics=panels),)))
    assert decided(plan, "photovoltaics") == 1.0
    assert plan.site_quarters[0].grid_energy_kwh == pytest.approx((50.0 + 100.0) * HALF_H)
    assert plan.objectives["carbon"] == pytest.approx(7_000.0)


def test_a_power_purchase_is_worth_its_difference_to_the_spot_price_in_expectation() -> None:
    hedged = free_nodes(
        futures=futures((0.5, 0.5)),
        serving=(serving(futures=2),),
        sites=(site(futures=2, price_usd_per_kwh=[[[0.1]], [[0.4]]], power_purchase=PowerPurchase(1e6, 0.2)),),
    )
    plan = solved(hedged)
    # No more than the 100 kW that the site draws: the rest of the megawatt would be a bet on prices.
    assert decided(plan, "power-purchase") == pytest.approx(100e3)
    energy_usd = 0.25 * 100.0 * 2 * QUARTER_H
    assert plan.groups["O"] == pytest.approx(energy_usd + (0.2 - 0.25) * 100.0 * 2 * QUARTER_H)


def test_bridging_is_rented_only_until_the_grid_is_there() -> None:
    bridging = Bridging(unit_w=60e3, rent_usd=1_000.0, fuel_usd_per_kwh=0.3, carbon_kg_per_kwh=0.5, most=4)
    tranche = free_nodes(sites=(site(grid_w=[50e3, 1e6], bridging=bridging),))
    plan = solved(tranche)
    rented = [(each.quarter, each.count) for each in plan.decisions if each.kind == "bridging"]
    assert rented == [("Q1", 1.0)]
    assert plan.objectives["carbon"] == pytest.approx(0.5 * 50.0 * QUARTER_H)


def test_water_limits_what_cooling_may_use() -> None:
    need_m3 = 1e-3 * 100.0 * QUARTER_H
    wet = module(water_m3_per_kwh=1e-3, most=1)
    short = free_nodes(
        modules=(wet,),
        sites=(site(water_m3=0.6 * need_m3, water_usd_per_m3=2.0),),
        serving=(serving(least_served=0.0, unserved_usd=1.0),),
    )
    plan = solved(short)
    assert plan.site_quarters[0].water_m3 == pytest.approx(0.6 * need_m3)
    assert plan.objectives["water"] == pytest.approx(2 * 0.6 * need_m3)


def test_batch_work_moves_to_the_cheap_hours() -> None:
    shifted = free_nodes(
        serving=(), batch=(batch(demand=5.0 * QUARTER_H * 3600.0),), sites=(site(price_usd_per_kwh=[0.1, 0.5]),)
    )
    hours_at_work = {row["hour"] for row in solved(shifted).allocation}
    assert hours_at_work == {0}


def test_a_design_hour_carries_the_load_of_every_hour() -> None:
    slope = np.ones((1, 2, 3))
    slope[:, :, 2] = 1.5
    hot = free_nodes(
        hours=hours(design=1),
        sites=(site(hours=3, grid_w=120e3),),
        modules=(module(hours=3, slope=slope, most=1),),
        serving=(serving(hours=3, least_served=0.0, unserved_usd=1.0),),
    )
    assert solved(hot).site_quarters[0].it_energy_kwh == pytest.approx(80.0 * QUARTER_H)


def test_cvar_of_a_known_distribution() -> None:
    assert conditional_value_at_risk([1.0, 2.0, 3.0, 4.0], [0.25] * 4, 0.5) == pytest.approx(3.5)
    assert conditional_value_at_risk([1.0, 2.0, 3.0, 4.0], [0.25] * 4, 0.9) == pytest.approx(4.0)
    assert conditional_value_at_risk([0.0, 1.0], [0.9, 0.1], 0.8) == pytest.approx(0.5)


def risky(level: float) -> Any:
    demand = np.array([10.0, 20.0, 40.0]).reshape(3, 1, 1) * np.ones((3, 2, 2))
    return free_nodes(
        futures=futures((0.5, 0.3, 0.2)),
        sites=(site(futures=3),),
        serving=(serving(futures=3, demand=demand, least_served=0.0),),
        cvar_level=level,
    )


@pytest.mark.parametrize(("level", "tail"), [(0.8, 0.75), (0.6, 0.5 * 0.75 + 0.5 * 0.5), (0.0, 0.3)])
def test_risk_is_half_expectation_and_half_cvar_of_what_is_not_served(level: float, tail: float) -> None:
    solution = CapacityModel(risky(level)).minimise({"risk": 1.0})
    expected = 0.3 * 0.5 + 0.2 * 0.75
    assert solution.objective == pytest.approx(0.5 * expected + 0.5 * tail)
    assert solution.values["risk"] == pytest.approx(solution.objective)


def test_slo_shortfall_is_the_share_of_all_requests() -> None:
    solution = CapacityModel(risky(0.9)).minimise({"slo-shortfall": 1.0})
    assert solution.values["slo-shortfall"] == pytest.approx((0.3 * 10.0 + 0.2 * 30.0) / (5.0 + 6.0 + 8.0))


def test_with_few_equal_futures_the_plan_says_that_cvar_is_the_worst_case() -> None:
    assert any("worst" in note for note in solved(risky(0.9)).notes)


def test_the_greatest_error_of_the_lines_in_use_is_noted() -> None:
    plan = solved(free_nodes(modules=(module(largest_error=0.013, error_at="Q2, hour 3"),)))
    assert any("1.3%" in note and "Q2, hour 3" in note for note in plan.notes)


def test_unserved_work_costs_beside_the_cost_and_is_told_apart() -> None:
    dear = instance(serving=(serving(least_served=0.0, unserved_usd=1e-4),))
    solution = CapacityModel(dear).solve()
    assert solution.values["cost"] == pytest.approx(0.0)
    assert solution.values["unserved_usd"] == pytest.approx(1e-4 * 10.0 * 2 * QUARTER_H * 3600.0)
    assert solution.objective == pytest.approx(solution.values["unserved_usd"])


def test_least_served_counts_the_expected_demand_of_the_whole_horizon() -> None:
    plan = solved(instance(serving=(serving(least_served=0.55),)))
    served = sum(each.served for each in plan.served) / sum(each.demand for each in plan.served)
    assert served == pytest.approx(0.55)


def test_a_quarter_that_gets_less_than_is_promised_of_the_horizon_is_noted() -> None:
    demand = np.array([[[10.0, 10.0], [30.0, 30.0]]])
    dear = site(price_usd_per_kwh=np.array([0.1, 0.2])[None, :, None] * np.ones((1, 2, 2)))
    noted = [
        text
        for text in solved(instance(sites=(dear,), serving=(serving(demand=demand, least_served=0.7),))).notes
        if text.startswith("chat: ")
    ]
    assert noted == [
        "chat: 60.0% is served in Q2; 'least_served' of 0.7 is of the whole horizon, 'least_served_in_quarter' would "
        "be of each quarter"
    ]
    assert not any("chat: " in text for text in solved(instance()).notes)


def test_least_served_in_a_quarter_counts_the_expected_demand_of_each() -> None:
    """Two futures, one of which asks for half as much: what counts is the mean of both, quarter by quarter."""
    demand = np.array([10.0, 5.0])[:, None, None] * np.ones((2, 2, 2))
    least = np.array([0.0, 0.6])
    work = serving(futures=2, demand=demand, least_served=0.3, least_served_in_quarter=least)
    plan = solved(instance(sites=(site(futures=2),), futures=futures((0.5, 0.5)), serving=(work,)))
    shares = []
    for quarter in ("Q1", "Q2"):
        rows = [each for each in plan.served if each.quarter == quarter]
        shares.append(sum(each.served for each in rows) / sum(each.demand for each in rows))
    assert shares == pytest.approx([0.0, 0.6])


def test_least_served_in_a_quarter_counts_work_that_can_wait() -> None:
    least = np.array([0.5, 0.25])
    plan = solved(instance(serving=(), batch=(batch(least_served=0.0, least_served_in_quarter=least),)))
    assert [each.served / each.demand for each in plan.served] == pytest.approx([0.5, 0.25])


def test_a_training_run_tells_what_share_of_its_tokens_is_done() -> None:
    """The run takes one and a half quarters of its eight nodes, in either of two futures of which one asks for more."""
    tokens = 8.0 * QUARTER_H * 3600.0 * np.array([1.5, 2.0])
    run = gang(futures=2, tokens=tokens)
    plan = solved(instance(sites=(site(futures=2),), futures=futures((0.5, 0.5)), serving=(), gangs=(run,)))
    done = {(each.quarter, each.future): each.done or 0.0 for each in plan.served}
    assert done["Q2", "future 0"] == done["Q2", "future 1"] == pytest.approx(1.0)
    assert done["Q1", "future 1"] == pytest.approx(0.5)
    assert 0.5 - 1e-6 <= done["Q1", "future 0"] <= 2.0 / 3.0 + 1e-6
    assert {each.done for each in solved(instance()).served} == {None}


def test_crew_spares_and_contracts_of_all_sites_are_the_upkeep_of_a_quarter() -> None:
    kept = mode(spares_usd_per_node=300.0, maintenance_usd=5_000.0, maintenance_usd_per_node=40.0)
    work = serving(demand=np.array([[[10.0, 10.0], [14.0, 14.0]]]))
    plan = solved(instance(discount=0.9, modes=(kept,), cohorts=(Cohort(0, 0, 6, 0, 1e5),), serving=(work,)))
    first, second = (each.upkeep_usd for each in plan.site_quarters)
    assert first == pytest.approx({"crew": 5_000.0, "spares": 300.0 * 10, "contracts": 40.0 * 10})
    assert second == pytest.approx({"crew": 4_500.0, "spares": 0.9 * 300.0 * 4, "contracts": 0.9 * 40.0 * 14})
    assert [sum(each.values()) for each in (first, second)] == pytest.approx([of["M"] for of in plan.groups_by_quarter])


def test_a_cap_binds_and_goes_away_again() -> None:
    model = CapacityModel(risky(0.9))
    free = model.minimise({"risk": 1.0})
    cost = 0.5 * free.values["cost"]
    capped = model.minimise({"risk": 1.0}, caps={"cost": cost})
    assert capped.values["cost"] <= cost * (1.0 + 1e-6)
    assert capped.objective > free.objective
    assert model.minimise({"risk": 1.0}).objective == pytest.approx(free.objective)
    assert model.minimise({"risk": 1.0}, caps={"cost": -1e9}).status == "infeasible"


def test_the_instances_own_caps_always_hold() -> None:
    first = CapacityModel(risky(0.9)).minimise({"risk": 1.0}).values["cost"]
    capped = CapacityModel(changed(risky(0.9), caps={"cost": 0.5 * first}))
    assert capped.minimise({"risk": 1.0}, caps={"cost": first}).values["cost"] <= 0.5 * first * (1.0 + 1e-6)


def test_a_target_is_approached_in_its_worst_objective() -> None:
    model = CapacityModel(risky(0.9))
    least = model.minimise({"risk": 1.0})
    target, scales = {"cost": 0.0, "risk": least.objective}, {"cost": least.values["cost"], "risk": 1.0}
    near = model.minimise({"cost": 1e-12}, target=target, scales=scales)
    distances = [(near.values[kind] - target[kind]) / scales[kind] for kind in target]
    assert near.objective == pytest.approx(max(distances), abs=1e-5)


def test_an_objective_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no objective 'beauty'"):
        CapacityModel(instance()).minimise({"beauty": 1.0})


def test_shadow_prices_are_in_the_unit_of_the_objective() -> None:
    model = CapacityModel(free_nodes(sites=(site(price_usd_per_kwh=0.1),)))
    point = model.solve().point
    found = model.relaxed(fixed_at=point)
    # One MW more at Q1's first hour costs its energy.
    assert abs(found.duals["energy_balance"]["site", "Q1", 0, "future 0"]) == pytest.approx(0.1 * 1e3 * HALF_H)
    assert model.solve().objective == pytest.approx(found.solution.objective)


def test_groups_add_up_to_cost_and_quarters_to_groups() -> None:
    plan = solved(instance(discount=0.9, sites=(site(fixed_usd=100.0, demand_charge_usd_per_kw=3.0),)))
    assert sum(plan.groups.values()) == pytest.approx(plan.objectives["cost"])
    for group, usd in plan.groups.items():
        rows = plan.taken_over, *plan.groups_by_quarter, plan.left_at_end
        assert math.fsum(each[group] for each in rows) == pytest.approx(usd, rel=1e-15)


def test_a_limit_of_nodes_is_a_status_and_keeps_what_was_found() -> None:
    plan = solved(instance(most_nodes=1))
    assert plan.status in {"optimal", "limit"}
    assert plan.bound <= plan.objective * (1.0 + 1e-9) or math.isnan(plan.objective)


def test_the_same_instance_gives_the_same_bytes() -> None:
    first, second = (repr(dataclasses.asdict(solved(risky(0.9)))) for _ in range(2))
    assert first == second


def test_what_a_solve_finds_does_not_hang_on_solves_before_it() -> None:
    model = CapacityModel(risky(0.9))
    alone = CapacityModel(risky(0.9)).minimise({"risk": 1.0})
    model.minimise({"cost": 1.0})
    again = model.minimise({"risk": 1.0})
    assert repr(again.point.tolist()) == repr(alone.point.tolist())


def test_days_do_not_lend_each_other_energy() -> None:
    battery = Battery(unit_j=1e6 * 3600.0, unit_w=1e6, round_trip=1.0, price_usd=0.0, most=1)
    apart = changed(hours(), days=(Day(0, 1), Day(1, 1)))
    priced = site(price_usd_per_kwh=[0.1, 0.5], battery=battery)
    assert solved(free_nodes(sites=(priced,), hours=apart)).groups["O"] == pytest.approx(2 * 100.0 * HALF_H * 0.6)


def test_nodes_are_held_for_the_busiest_moment_of_what_an_hour_stands_for() -> None:
    plan = solved(instance(serving=(serving(demand=2.0, peak=np.full((2, 2), 5.0)),)))
    assert decided(plan, "buy") == 10.0
    # Ten stand idle at 2 kW, and two of them work in the mean.
    assert plan.site_quarters[0].it_energy_kwh == pytest.approx((10 * 2.0 + 2 * 8.0) * QUARTER_H)


def test_a_design_hour_carries_the_busiest_moment() -> None:
    peak = np.ones((2, 3))
    peak[:, 0] = 2.5
    busy = free_nodes(
        hours=hours(design=1),
        sites=(site(hours=3, grid_w=60e3),),
        modules=(module(hours=3, most=1),),
        serving=(serving(hours=3, demand=4.0, peak=peak, least_served=0.0, unserved_usd=1.0),),
    )
    # Six nodes of 10 kW at work at the busiest moment of the first hour are 2.4 in its mean.
    served = {each.quarter: each.served for each in solved(busy).served}
    assert served["Q1"] == pytest.approx((2.4 + 4.0) * HALF_H * 3600.0)


@pytest.mark.parametrize("steps", [2, 4, 24])
def test_what_a_battery_earns_does_not_hang_on_the_length_of_a_step(steps: int) -> None:
    battery = Battery(unit_j=120e3 * 3600.0, unit_w=120e3, round_trip=1.0, price_usd=0.0, most=1)
    prices = np.repeat([0.02, 0.12], steps // 2)
    shifted = instance(
        nodes=(node(price_usd=0.0),),
        hours=hours(count=steps),
        sites=(site(hours=steps, price_usd_per_kwh=prices, battery=battery),),
        modules=(module(hours=steps),),
        serving=(serving(hours=steps),),
    )
    days = 2 * QUARTER_H / 24.0
    assert solved(shifted).groups["O"] == pytest.approx(days * (12 * 100.0 * 0.14 - 120.0 * (0.12 - 0.02)))
