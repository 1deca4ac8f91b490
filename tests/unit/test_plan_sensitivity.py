"""How plans react to changes, on instances where the answer can be computed by hand."""

from __future__ import annotations

import dataclasses
import json
import math

import pytest

from instances import QUARTER_H, changed, fabric, hours, instance, module, node, serving, site, store
from optimizers.capacity_model import CapacityModel
from optimizers.instance.hardware import Cohort
from optimizers.instance.instance import Instance
from optimizers.plan import Decision, Plan
from optimizers.reactions.changes import (
    LATER_GRID,
    Change,
    demand,
    electricity,
    later_deliveries,
    later_grid,
    longer_leads,
    node_price,
)
from optimizers.reactions.compared import changed_decisions
from optimizers.reactions.kept import kept
from optimizers.reactions.months import Month, price_of_a_month
from optimizers.reactions.sensitivity import Reaction, Sensitivity, sensitivity

ENERGY_USD = 100.0 * QUARTER_H * 0.1
"""Of ten nodes at 10 kW in a quarter."""


def reaction(given: Instance, change: Change) -> Reaction:
    model = CapacityModel(given)
    return sensitivity(model, model.solve(), changes=[change]).reactions[0]


def test_dearer_electricity_costs_what_it_adds_to_the_bill() -> None:
    found = reaction(instance(), Change("electricity", "+20%", lambda given: electricity(given, 1.2)))
    assert found.difference == pytest.approx(0.2 * 2 * ENERGY_USD)
    assert found.kept_difference == pytest.approx(found.difference)
    assert found.decisions == ()


def test_dearer_nodes_cost_what_they_add() -> None:
    found = reaction(instance(), Change("price of nodes", "+10%", lambda given: node_price(given, 1.1)))
    assert found.difference == pytest.approx(100e3)


@pytest.mark.parametrize(("factor", "difference_usd"), [(0.9, 100e3), (1.1, 0.0)])
def test_old_nodes_that_are_worth_less_for_cheaper_new_ones_are_no_saving(factor: float, difference_usd: float) -> None:
    """Ten old nodes, taken over at 100 kUSD each, sell for a tenth less in the end where new ones cost so."""
    given = instance(nodes=(node(value_kept=1.0),), cohorts=(Cohort(0, 0, 10, 1, 100_000.0),))
    found = reaction(given, Change("price of nodes", f"{factor:g}", lambda each: node_price(each, factor)))
    assert found.difference == pytest.approx(difference_usd, abs=1e-3)
    assert found.kept_difference == pytest.approx(difference_usd, abs=1e-3)
    assert found.difference_least - 1e-3 <= difference_usd <= found.difference_most + 1e-3


def test_more_demand_buys_more_and_breaks_the_promises_of_a_plan_that_is_kept() -> None:
    """Eleven nodes instead of ten; with ten, one request in eleven is lost."""
    found = reaction(instance(), Change("demand", "+10%", lambda given: demand(given, 1.1)))
    assert found.difference == pytest.approx(100e3 + 0.1 * 2 * ENERGY_USD)
    assert found.decisions == ("site buys 11 of node instead of 10",)
    assert found.broken == pytest.approx({"chat": 1.0 / 11.0}, rel=1e-4)
    assert found.kept_difference == pytest.approx(0.0, abs=1.0)
    assert "9.09% of chat broken off" in found.sentence


def test_a_kept_plan_that_costs_less_because_it_serves_less_says_so() -> None:
    """Ten nodes that come a quarter late serve nothing in the first: half of the energy is not paid."""
    late = Change("lead times", "+1 quarter", lambda given: longer_leads(given, 1))
    found = reaction(instance(), late)
    assert found.broken == pytest.approx({"chat": 0.5}, rel=1e-4)
    assert found.kept_difference == pytest.approx(-ENERGY_USD)
    assert found.sentence.endswith("50% of chat broken off (less because less runs and is served, which is no saving)")


def test_a_change_that_leaves_no_plan_is_told() -> None:
    small = instance(nodes=(node(lead=0, supply=[10, 0]),))
    found = reaction(small, Change("lead times", "+1 quarter", lambda given: longer_leads(given, 1)))
    assert found.status == "infeasible" and math.isnan(found.difference)
    assert "no plan keeps all limits" in found.sentence


@pytest.mark.parametrize("gap", [0.0, 0.2])
def test_the_interval_holds_the_true_difference(gap: float) -> None:
    """The true one is 100 kUSD and 10% of the energy, however early the two solves ended."""
    found = reaction(instance(gap=gap), Change("demand", "+10%", lambda given: demand(given, 1.1)))
    truth = 100e3 + 0.1 * 2 * ENERGY_USD
    assert found.difference_least - 1e-3 <= truth <= found.difference_most + 1e-3
    assert found.difference_least <= found.difference <= found.difference_most


def test_a_plan_kept_in_its_own_world_comes_to_the_same() -> None:
    model = CapacityModel(instance())
    solution = model.solve()
    assert kept(model, solution, model.instance).objective == pytest.approx(solution.objective)


def growing(least_served: float = 0.0) -> Instance:
    """Five nodes are at work in the first quarter, ten in the second, when the grid gives 100 kW instead of 50.

    A node costs 1,000 USD and draws nothing when it does nothing. A node-hour costs 1 USD of energy and saves 2.
    """
    return instance(
        sites=(site(grid_w=[[50e3, 100e3]]),),
        nodes=(node(idle_w=0.0, price_usd=1000.0),),
        serving=(
            serving(
                demand=[[[5.0] * 2, [10.0] * 2]], busy_w=10e3, least_served=least_served, unserved_usd=2.0 / 3600.0
            ),
        ),
    )


def months(given: Instance) -> dict[str, Month]:
    model = CapacityModel(given)
    return {each.what: each for each in price_of_a_month(model, model.solve()).months}


def test_a_month_of_late_grid_costs_a_third_of_the_work_that_a_quarter_loses() -> None:
    """Five nodes lose 1 USD an hour for a quarter; who knows of it does not buy them."""
    month = months(growing())["a month's slip of energisation"]
    assert month.as_it_is == pytest.approx(5 * QUARTER_H / 3.0)
    assert month.planned_anew == pytest.approx((5 * QUARTER_H - 5 * 1000.0) / 3.0)


def test_a_promise_that_a_late_grid_breaks_is_told() -> None:
    """Five of fifteen node-quarters of work are lost in a quarter's slip, a third of that in a month's."""
    month = months(growing(least_served=1.0))["a month's slip of energisation"]
    assert math.isnan(month.planned_anew)
    assert month.broken == pytest.approx({"chat": 5.0 / 15.0 / 3.0}, rel=1e-4)
    assert "no plan keeps all limits with a quarter's slip of energisation" in month.sentence


def test_a_grid_that_is_there_can_not_slip() -> None:
    month = months(instance())["a month's slip of energisation"]
    assert (month.planned_anew, month.as_it_is) == (0.0, 0.0)
    assert month.sentence.endswith("nothing, all of the grid is there from the first quarter on")


def test_a_month_of_late_deliveries_costs_the_work_that_waits() -> None:
    """Ten nodes ordered in the first quarter for the second come in the third: a quarter's work of 1 USD an hour."""
    late = instance(
        3,
        hours=hours(3),
        sites=(site(quarters=3),),
        nodes=(node(3, idle_w=0.0, price_usd=1000.0, lead=1),),
        modules=(module(quarters=3),),
        serving=(
            serving(
                quarters=3,
                demand=[[[0.0] * 2, [10.0] * 2, [10.0] * 2]],
                busy_w=10e3,
                least_served=0.0,
                unserved_usd=2.0 / 3600.0,
            ),
        ),
    )
    month = months(late)["a month's slip of deliveries"]
    assert month.as_it_is == pytest.approx(10 * QUARTER_H / 3.0)
    assert month.planned_anew == pytest.approx(month.as_it_is)


def test_a_month_of_dear_power_costs_its_share_of_the_bill() -> None:
    month = months(instance())["a month of power that is 20% dearer"]
    assert month.planned_anew == pytest.approx(0.2 * ENERGY_USD / 3.0)


def test_an_order_that_slips_beyond_the_horizon_is_still_paid_for() -> None:
    """Ordered in the first of two quarters, a quarter ahead of need; late by two, it is new at the end, when money is
    worth half. What is not served is worth 1 USD a request."""
    given = instance(2, 0.5, nodes=(node(lead=1, value_kept=1.0),))
    given = changed(given, serving=(serving(demand=[[[0.0] * 2, [10.0] * 2]], least_served=0.0, unserved_usd=1.0),))
    model = CapacityModel(given)
    stays = kept(model, model.solve(), later_deliveries(given, 1))
    assert stays.objective == pytest.approx(10 * 100e3 * (1.0 - 0.5) + 10.0 * QUARTER_H * 3600.0)


def test_a_tranche_that_slips_is_late_and_a_grid_that_shrinks_is_on_time() -> None:
    given = instance(5, hours=hours(5), sites=(site(quarters=5, grid_w=[[1.0, 3.0, 3.0, 2.0, 5.0]]),))
    assert later_grid(given, 1).sites[0].grid_w.tolist() == [[1.0, 1.0, 3.0, 2.0, 2.0]]


def test_a_better_plan_that_a_late_grid_finds_is_no_saving() -> None:
    """A gap of four fifths lets the first solve end at a plan that need not be the best; late grid can save nothing."""
    given = changed(growing(), gap=0.8)
    model = CapacityModel(given)
    found = model.solve()
    poor = dataclasses.replace(found, objective=found.objective + 5_000.0)
    (late,) = sensitivity(model, poor, changes=[LATER_GRID]).reactions
    assert late.difference >= late.difference_least >= 0.0
    assert late.difference_least <= late.difference <= late.difference_most


def test_longer_leads_are_of_all_that_is_bought() -> None:
    longer = longer_leads(instance(fabrics=(fabric(),), stores=(store(),)), 2)
    leads = [longer.nodes[0].lead, longer.modules[0].lead, longer.fabrics[0].lead, longer.stores[0].lead]
    assert leads == [2, 2, 2, 2]


def test_the_usual_changes_are_plain_data() -> None:
    model = CapacityModel(growing())
    found = sensitivity(model, model.solve())
    assert isinstance(found, Sensitivity)
    rows = json.loads(json.dumps(found.as_dict()))["changes"]
    assert [(each["what"], each["change"]) for each in rows] == [
        ("electricity", "-20%"),
        ("electricity", "+20%"),
        ("price of nodes", "-10%"),
        ("price of nodes", "+10%"),
        ("demand", "-10%"),
        ("demand", "+10%"),
        ("lead times", "+1 quarter"),
        ("energisation", "1 quarter late"),
        ("deliveries", "1 quarter late"),
    ]
    assert len(found.sentences) == len(rows)
    assert price_of_a_month(model, model.solve(), found) == price_of_a_month(model, model.solve())


def plan(*made: Decision) -> Plan:
    return Plan("p", "optimal", "cost", 0.0, 0.0, 0.0, {}, {}, made, (), ())


@pytest.mark.parametrize(
    ("before", "after", "sentences"),
    [
        ([], [Decision("a", "Q1", "open", "a", 1)], ("a opens from Q1 on",)),
        ([Decision("a", "Q1", "open", "a", 1)], [], ("a no longer opens",)),
        ([Decision("a", "Q1", "mode", "lean", 1)], [Decision("a", "Q1", "mode", "full", 1)],
         ("a no longer is run lean", "a is run full from Q1 on")),
        ([Decision("a", "Q1", "buy", "x", 8)], [Decision("a", "Q2", "buy", "x", 8)],
         ("a buys x from Q2 on instead of Q1",)),
        ([Decision("a", "Q1", "buy", "x", 4), Decision("a", "Q2", "buy", "x", 4)],
         [Decision("a", "Q1", "buy", "x", 8)], ()),
        ([], [Decision("a", "Q1", "power-purchase", "power purchase", 5e5)],
         ("a contracts 500 kW of power purchase instead of 0 W",)),
        ([Decision("a", "Q1", "power-purchase", "power purchase", 148_100.0)],
         [Decision("a", "Q1", "power-purchase", "power purchase", 148_100.2)], ()),
        ([Decision("a", "Q1", "battery", "unit", 1)],
         [Decision("a", "Q1", "battery", "unit", 2), Decision("a", "Q2", "bridging", "unit", 1)],
         ("a buys 2 battery units instead of 1", "a rents 1 units of bridging instead of 0")),
        ([Decision("a", "Q1", "photovoltaics", "unit", 1)], [Decision("a", "Q2", "photovoltaics", "unit", 1)],
         ("a builds photovoltaic units from Q2 on instead of Q1",)),
    ],
)  # fmt: skip
def test_decisions_are_compared_by_what_comes_of_them(
    before: list[Decision], after: list[Decision], sentences: tuple[str, ...]
) -> None:
    assert changed_decisions(plan(*before), plan(*after)) == sentences
