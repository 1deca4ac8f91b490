"""Why a plan is impossible, or dear: instances whose answer is known by hand."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest

from instances import batch, fabric, futures, gang, hours, instance, mode, module, node, serving, site, store
from optimizers.capacity_model import CapacityModel
from optimizers.diagnosis.amounts import amount_text, rounded_up
from optimizers.diagnosis.dates import DateChange
from optimizers.diagnosis.elastic import Fewest, elastic
from optimizers.diagnosis.expensive import Saving, why_expensive
from optimizers.diagnosis.infeasible import Alternative, Infeasible, why_infeasible
from optimizers.diagnosis.limits.limit import Limit
from optimizers.diagnosis.limits.registry import kinds, relaxed
from optimizers.instance.instance import Instance


def given(found: Alternative) -> list[tuple[str, str, str, str, float]]:
    return [
        (each.limit.kind, each.limit.site, each.limit.quarter, each.limit.what, round(each.by, 6))
        for each in found.relaxations
    ]


def test_a_grid_that_is_too_small_is_named_with_site_quarter_and_power() -> None:
    """Ten nodes at 10 kW need 100 kW; in the second quarter the grid gives 60."""
    found = why_infeasible(instance(sites=(site(grid_w=[[200e3, 60e3]]),)))
    assert given(found.alternatives[0]) == [("grid", "site", "Q2", "", 40e3)]
    assert "  site, Q2: the grid gives 60.00 kW; 40.00 kW more is needed" in found.sentences
    assert found.alternatives[0].proven


def test_amounts_hold_beside_limits_that_are_vast() -> None:
    """Weights and amounts are scaled: a gigawatt in one quarter does not blur the kilowatts of another."""
    found = why_infeasible(instance(sites=(site(grid_w=[[1e9, 60e3]]),), budget_usd=np.array([1e12, np.inf])))
    (only,) = found.alternatives[0].relaxations
    assert (only.limit.kind, only.limit.quarter) == ("grid", "Q2")
    assert only.by == pytest.approx(40e3, abs=100.0)  # the solver's 1e-7 of a yardstick of half a gigawatt


def test_the_other_way_out_is_to_promise_less() -> None:
    """Sixty of a hundred kilowatts in one of two quarters: 80% of the work, idle power of the others retired aside."""
    found = why_infeasible(
        instance(sites=(site(grid_w=[[100e3, 60e3]]),), nodes=(node(idle_w=0.0),), serving=(serving(busy_w=10e3),))
    )
    assert given(found.alternatives[-1]) == [("least served", "", "", "chat", 0.2)]
    assert "  100% of chat is promised; 80% can be served" in found.sentences


def test_a_promise_for_every_quarter_is_told_with_the_quarter_that_can_not_keep_it() -> None:
    """Nothing is promised of the horizon, and 90% of each quarter, of which the second one can serve 60%."""
    kept_in = serving(busy_w=10e3, least_served=0.0, least_served_in_quarter=np.array([0.9, 0.9]))
    found = why_infeasible(
        instance(sites=(site(grid_w=[[100e3, 60e3]]),), nodes=(node(idle_w=0.0),), serving=(kept_in,))
    )
    assert given(found.alternatives[-1]) == [("least served in quarter", "", "Q2", "chat", 0.3)]
    assert "  Q2: 90% of chat is promised in the quarter; 60% can be served" in found.sentences


def test_a_budget_that_is_too_small_is_named() -> None:
    """Ten nodes at 100 kUSD are needed at once."""
    found = why_infeasible(instance(budget_usd=np.array([700e3, np.inf])))
    assert given(found.alternatives[0]) == [("budget", "", "Q1", "", 300e3)]
    assert "  Q1: the budget is 700 kUSD; 300 kUSD more is needed" in found.sentences


def test_a_budget_pays_for_spares_too() -> None:
    """Ten nodes at 100 kUSD are needed at once, each with spares of 5 kUSD."""
    found = why_infeasible(instance(modes=(mode(spares_usd_per_node=5e3),), budget_usd=np.array([700e3, np.inf])))
    assert given(found.alternatives[0]) == [("budget", "", "Q1", "", 350e3)]


def test_supply_gives_in_whole_batches() -> None:
    """Three batches of four nodes serve ten requests; one can be ordered."""
    found = why_infeasible(instance(nodes=(node(batch=4, supply=[1, 50]),)))
    assert given(found.alternatives[0]) == [("supply", "", "Q1", "node", 2.0)]
    assert "  Q1: 1 batch of node can be ordered; 2 batches more are needed" in found.sentences


def test_modules_give_in_whole_modules() -> None:
    """A hundred kilowatts do not fit into one module of 30."""
    found = why_infeasible(instance(modules=(module(capacity_w=30e3, most=1),)))
    assert given(found.alternatives[0]) == [("modules", "site", "", "block", 3.0)]


def test_a_cap_on_carbon_is_named_in_its_unit() -> None:
    """100 kW over two quarters of 2190 h at 0.5 kg/kWh are 219 t."""
    found = why_infeasible(instance(sites=(site(carbon_kg_per_kwh=0.5),), caps={"carbon": 200e3}))
    assert given(found.alternatives[0]) == [("cap", "", "", "carbon", 19e3)]
    assert "  carbon is capped at 200 t; 19.00 t more is needed" in found.sentences


def test_floor_and_water_are_named() -> None:
    small = instance(
        sites=(site(floor_m2=500.0, water_m3=100.0),),
        modules=(module(capacity_w=50e3, floor_m2=300.0, water_m3_per_kwh=0.001),),
    )
    found = why_infeasible(small)
    assert given(found.alternatives[0]) == [("floor", "site", "", "", 100.0), ("water", "site", "", "", 119.0)]


def test_fabrics_and_storage_are_named() -> None:
    """A gang of eight nodes needs two blocks of four ports, and 3 PB where one unit keeps 1."""
    small = instance(
        serving=(),
        gangs=(gang(fabrics=1, stored_b=3e15),),
        fabrics=(fabric(ports=4, most=1),),
        stores=(store(most=2),),
    )
    found = why_infeasible(small)
    assert given(found.alternatives[0]) == [
        ("fabrics", "site", "", "fabric", 1.0),
        ("storage", "site", "", "store", 1.0),
    ]


def test_the_limit_that_has_to_give_least_is_chosen_among_those_that_would_do() -> None:
    """A grid of 99 kW misses 1%; modules would do nothing about it; nothing else is asked."""
    found = why_infeasible(instance(sites=(site(grid_w=99e3),), budget_usd=np.array([2e6, 2e6])))
    assert {each.limit.kind for each in found.alternatives[0].relaxations} == {"grid"}
    assert [each.by for each in found.alternatives[0].relaxations] == pytest.approx([1e3, 1e3])


def test_a_deadline_and_a_lead_time_are_offered_as_dates() -> None:
    """A gang of one quarter, whose nodes come a quarter after the order, must be done in the first."""
    found = why_infeasible(instance(serving=(), gangs=(gang(last=0),), nodes=(node(lead=1),)))
    assert [(each.kind, each.what, each.quarters) for each in found.dates] == [
        ("lead time", "node", 1),
        ("deadline", "model", 1),
    ]
    assert "Or else: model must be done by the end of Q1; 1 quarter later would do" in found.sentences


def test_a_date_that_alone_would_do_is_what_a_plan_needs() -> None:
    sooner = DateChange("lead time", "hall", "1 quarter", 1, "hall takes 1 quarter; 1 quarter sooner would do")
    later = DateChange("deadline", "model", "Q1", 1, "model must be done by Q1; 1 quarter later would do")
    assert Infeasible((), (sooner, later)).sentences == (
        "No plan keeps all limits.",
        f"It needs: {sooner.sentence}",
        f"Or else: {later.sentence}",
    )


def test_with_limits_relaxed_as_told_there_is_a_plan_and_with_less_there_is_none() -> None:
    small = instance(sites=(site(grid_w=60e3),), nodes=(node(batch=2, supply=4),), budget_usd=np.array([900e3, np.inf]))
    found = why_infeasible(small)
    for share, status in ((1.0 + 1e-9, "optimal"), (0.99, "infeasible")):
        eased = small
        for each in found.alternatives[0].relaxations:
            by = each.by * share if not kinds()[each.limit.kind].whole else float(int(each.by * share))
            eased = relaxed(eased, each.limit, by)
        assert CapacityModel(eased).solve().status == status


def later_work(**changes: Any) -> Instance:
    """Ten nodes are needed in the second quarter, and come a quarter after the order."""
    demand = [[[0.0] * 2, [10.0] * 2]]
    given: dict[str, Any] = {"nodes": (node(lead=1),), "serving": (serving(demand=demand),)}
    return instance(**given | changes)


def moved(small: Instance, change: DateChange) -> Instance:
    """An instance in which a lead time, a release or a deadline is what a report says would do."""
    if change.kind == "release":
        (only,) = small.nodes
        supply = np.concatenate([only.supply[change.quarters :], only.supply[-change.quarters :]])
        return dataclasses.replace(small, nodes=(dataclasses.replace(only, supply=supply),))
    if change.kind == "deadline":
        gangs = tuple(
            dataclasses.replace(each, last=each.last + change.quarters) if each.name == change.what else each
            for each in small.gangs
        )
        return dataclasses.replace(small, gangs=gangs)

    def sooner(things: Any) -> Any:
        return tuple(
            dataclasses.replace(each, lead=each.lead - change.quarters) if each.name == change.what else each
            for each in things
        )

    return dataclasses.replace(
        small,
        nodes=sooner(small.nodes), modules=sooner(small.modules),
        fabrics=sooner(small.fabrics), stores=sooner(small.stores),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("small", "dates"),
    [
        (later_work(sites=(site(carbon_kg_per_kwh=0.5),), caps={"carbon": 90e3}), []),
        (later_work(caps={"cost": 500e3}), []),
        (later_work(budget_usd=np.array([400e3, 400e3])), []),
        (later_work(budget_usd=np.array([700e3, np.inf])), [("lead time", "node", 1)]),
        (later_work(nodes=(node(lead=1, supply=[4, 50]),), caps={"cost": 2e6}), [("lead time", "node", 1)]),
        (later_work(nodes=(node(lead=1, supply=[4, 50]),), caps={"cost": 500e3}), []),
        (later_work(nodes=(node(lead=1, supply=[0, 50]),)), [("lead time", "node", 1), ("release", "node", 1)]),
    ],
    ids=["carbon", "cost", "every budget", "the first budget", "supply", "supply under a cap on cost", "release"],
)
def test_every_remedy_that_is_offered_makes_the_plan_possible(
    small: Instance, dates: list[tuple[str, str, int]]
) -> None:
    found = why_infeasible(small)
    assert CapacityModel(small).solve().status == "infeasible"
    assert found.alternatives
    assert [(each.kind, each.what, each.quarters) for each in found.dates] == dates
    for change in found.dates:
        assert CapacityModel(moved(small, change)).solve().point is not None
    for alternative in found.alternatives:
        eased = small
        for each in alternative.relaxations:
            eased = relaxed(eased, each.limit, each.by)
        assert CapacityModel(eased).solve().point is not None, found.sentences


def test_what_is_not_on_sale_yet_has_a_date_and_no_supply_that_gives() -> None:
    small = later_work(nodes=(node(lead=1, supply=[0, 50]),))
    assert not list(kinds()["supply"].of(small))
    found = why_infeasible(small)
    assert found.sentences[-1] == "Or else: node is on sale from Q2 on; 1 quarter earlier would do"
    never = later_work(nodes=(node(lead=1, supply=[0, 0]),))
    assert [each.quarter for each in kinds()["supply"].of(never)] == ["Q1"]


def test_limits_that_do_alone_are_the_fewest_and_told_apart_from_those_that_do_not() -> None:
    """The grid alone would do; neither the budget nor more supply would."""
    small = instance(sites=(site(grid_w=60e3),), budget_usd=np.array([2e6, 2e6]))
    model = elastic(small, lambda given: CapacityModel(given).model)
    means = [group for group in model.groups if group[0] != "least served"]
    assert [group for group in model.alone[0] if group in means] == [("grid", "site", "")]
    assert not model.alone[1]
    assert model.fewest(means) == Fewest((("grid", "site", ""),), shown=True)


def test_where_no_limit_does_alone_two_are_shown_to_be_the_fewest() -> None:
    small = instance(sites=(site(grid_w=60e3),), budget_usd=np.array([500e3, 0.0]))
    model = elastic(small, lambda given: CapacityModel(given).model)
    found = model.fewest([group for group in model.groups if group[0] != "least served"])
    assert found == Fewest((("budget", "", ""), ("grid", "site", "")), shown=True)


def test_a_heading_says_what_a_search_did_not_show() -> None:
    assert Alternative((), fewest=False).doubt == " (a plan with fewer limits relaxed was not ruled out)"
    assert Alternative((), proven=False).doubt == " (a plan with less of it was not ruled out)"
    assert Alternative(()).doubt == ""


def test_limits_that_a_search_relaxed_for_nothing_are_left_out() -> None:
    """A search that ends early may have relaxed the budget beside the grid; the grid alone would do."""
    small = instance(sites=(site(grid_w=60e3),), budget_usd=np.array([2e6, 2e6]))
    model = elastic(small, lambda given: CapacityModel(given).model)
    asked = (("budget", "", ""), ("grid", "site", ""))
    assert model._without_idle(asked) == (("grid", "site", ""),)


@pytest.mark.parametrize("grid_w", [77_777.0, 99_990.0, 12_345.6])
def test_what_is_told_is_rounded_up_so_that_doing_it_makes_the_plan_possible(grid_w: float) -> None:
    """Twelve nodes of 10 kW and a third of a node's work a quarter, in whole nodes: amounts with many digits."""
    small = instance(sites=(site(grid_w=grid_w),), nodes=(node(idle_w=2_111.1),), serving=(serving(demand=9.7),))
    found = why_infeasible(small)
    for alternative in found.alternatives:
        eased = small
        for each in alternative.relaxations:
            assert each.by == pytest.approx(kinds()[each.limit.kind].told(each.limit, each.by), rel=1e-9)
            eased = relaxed(eased, each.limit, each.by)
        assert alternative.enough
        assert CapacityModel(eased).solve().point is not None


@pytest.mark.parametrize(
    ("amount", "unit", "told"),
    [(114_320.0, "W", 115e3), (320.0, "W", 320.0), (320.4, "W", 321.0), (999_600.0, "W", 1e6),
     (3.131e6, "kg", 3.14e6), (40e3 + 1e-4, "W", 40e3), (0.0, "USD", 0.0), (0.14936, "share", 0.1494),
     (1.2, "batch", 2.0), (119.3, "m3", 120.0)],
)  # fmt: skip
def test_amounts_are_rounded_up_to_what_is_written(amount: float, unit: str, told: float) -> None:
    assert rounded_up(amount, unit) == pytest.approx(told, rel=1e-12)
    assert amount_text(rounded_up(amount, unit), unit) == amount_text(told, unit)


def test_what_can_still_be_served_is_rounded_down() -> None:
    kind = kinds()["least served"]
    limit = Limit("least served", what="chat", amount=0.98, unit="share")
    by = kind.told(limit, 0.98 - 0.850_678)
    assert kind.sentence(limit, by) == "98% of chat is promised; 85.06% can be served"
    assert 0.98 - by == pytest.approx(0.8506)


def two_halls(**changes: Any) -> Instance:
    """Two sites whose grids take five and six nodes of ten kilowatts, and a gang of eight that trains for a quarter."""
    given: dict[str, Any] = {
        "sites": (site(name="east", grid_w=50e3), site(name="west", grid_w=60e3)),
        "nodes": (node(idle_w=10e3),),
        "modules": (module(sites=2),),
        "serving": (),
        "gangs": (gang(busy_w=0.0),),
    }
    return instance(**given | changes)


def test_a_gang_that_must_stand_whole_at_one_site_is_told_which_size_would_do() -> None:
    """Six nodes find power at one site; at six of eight tokens a second they take two quarters, and there are two."""
    found = why_infeasible(two_halls())
    (smaller,) = found.gangs
    assert (smaller.site, smaller.node, smaller.whole, smaller.nodes, smaller.done) == ("west", "node", 8, 6, True)
    assert found.sentences[-1] == (
        "Or else: model needs all of its 8 nodes of node at one site at once; 6 (48 accelerators, with any spare "
        "nodes) at west would do, slower in proportion"
    )
    slower = gang(busy_w=0.0, nodes=smaller.nodes, rate=8.0 * smaller.nodes / 8.0)
    assert CapacityModel(two_halls(gangs=(slower,))).solve().point is not None


def test_a_smaller_gang_that_would_be_late_is_not_offered_as_a_way_out() -> None:
    found = why_infeasible(two_halls(gangs=(gang(busy_w=0.0, last=0),)))
    assert [(each.nodes, each.done) for each in found.gangs] == [(6, False)]
    assert found.sentences[-1] == (
        "model needs all of its 8 nodes of node at one site at once; 6 would find a place at west, and be too "
        "slow to be done by the end of Q1"
    )


def test_a_gang_whose_size_is_not_the_cause_is_left_out() -> None:
    """What is served beside it is more than any grid gives."""
    served = serving(nodes=1, demand=50.0)
    assert why_infeasible(two_halls(serving=(served,), gangs=(gang(busy_w=0.0),))).gangs == ()


def test_what_nothing_helps_is_said_as_far_as_it_is_proven() -> None:
    assert Infeasible((), (), hopeless=True).sentences[1] == (
        "All limits and promises relaxed together leave none either; nor was a date found that, moved alone, would do."
    )
    assert Infeasible((), ()).sentences[1].startswith("Which limits and promises would have to give was not found;")
    assert Infeasible((), (), exact=True).sentences[1].startswith("It misses one by less than a solver tells apart")
    assert Alternative((), enough=False).doubt == " at least (that it is enough was not shown)"


def test_the_explanation_is_plain_data() -> None:
    found = why_infeasible(instance(sites=(site(grid_w=60e3),)))
    assert isinstance(found, Infeasible)
    assert json.loads(json.dumps(found.as_dict()))["sentences"][0] == "No plan keeps all limits."


def priced(small: Instance, kind: str, **options: Any) -> Any:
    model = CapacityModel(small)
    found = why_expensive(model, model.solve(), **options)
    return [each for each in found.savings if each.limit.kind == kind]


def dear_grid(grid_w: float = 60e3) -> Instance:
    """Sixty kilowatts; what is not served of batch work costs 2 USD a node-hour, energy 0.1 USD a kWh."""
    return instance(
        serving=(),
        batch=(batch(least_served=0.0, unserved_usd=2.0 / 3600.0, busy_w=10e3),),
        sites=(site(grid_w=grid_w),),
        nodes=(node(idle_w=0.0, price_usd=1000.0),),
    )


def test_the_price_of_the_grid_equals_the_finite_difference() -> None:
    """Prices of both quarters together are what a kilowatt more in both of them takes off the linear relaxation."""
    savings = priced(dear_grid(), "grid", solved_again=0)
    assert {each.step for each in savings} == {5e3}
    before, after = (CapacityModel(dear_grid(60e3 + more_w)).relaxed().solution.objective for more_w in (0.0, 1e3))
    assert sum(each.fractions for each in savings) * 1e3 / 5e3 == pytest.approx(before - after, rel=1e-6)


def test_with_integers_fixed_a_price_is_of_operation_alone() -> None:
    """Six nodes stand there and draw all of the grid: more grid is worth nothing to them."""
    assert all(each.fixed == 0.0 < each.fractions for each in priced(dear_grid(), "grid", solved_again=0))


def test_solving_again_says_what_a_whole_unit_saves() -> None:
    """Five kW more are half a node's work in one quarter; the node is bought whole."""
    first = priced(dear_grid(), "grid", solved_again=1)[0]
    work_h, bought_usd = 0.5 * 2190.0, 1000.0
    assert first.resolved == pytest.approx(work_h * (2.0 - 1.0) - bought_usd, rel=1e-6)
    assert first.resolved_least <= first.resolved <= first.resolved_most
    assert first.fractions > first.resolved  # the price of the first bit, taken for all of the step
    assert "planned anew" in first.sentence


@pytest.mark.parametrize(
    ("grid_w", "step_w"), [(80e3, 5e3), (60e3, 5e3), (2e6, 200e3), (1e7, 1e6), (25e6, 1e6), (0.0, 1e6)]
)
def test_a_limit_is_relaxed_by_a_round_step_of_a_tenth_of_it_at_most(grid_w: float, step_w: float) -> None:
    kind = kinds()["grid"]
    assert kind.one(Limit("grid", amount=grid_w, unit="W")) == pytest.approx(step_w, rel=1e-12)


def test_whole_things_are_relaxed_one_at_a_time() -> None:
    kind = next(each for each in kinds().values() if each.whole)
    assert kind.one(Limit(kind.kind, amount=3.0, unit="batch")) == 1.0


def test_a_range_of_one_value_is_not_told() -> None:
    saving = Saving(Limit("grid", "s", "Q1", amount=80e3, unit="W"), 5e3, 1.0, 2e6, 1e6, 1e6, 1e6)
    assert saving.sentence.endswith("1.00 MUSD planned anew")
    assert dataclasses.replace(saving, resolved_most=2e6).sentence.endswith("(surely 1.00 MUSD to 2.00 MUSD)")


def late_grid(late_w: float = 60e3) -> Instance:
    """As `dear_grid`, in two futures, the second of which grants less than is asked for; the first grants it all."""
    given = dear_grid()
    return dataclasses.replace(
        given,
        futures=futures((0.5, 0.5)),
        sites=(site(2, grid_w=[[1e9, 1e9], [late_w, late_w]]),),
        batch=(batch(2, least_served=0.0, unserved_usd=2.0 / 3600.0, busy_w=10e3),),
    )


def test_the_future_in_which_a_limit_holds_is_told_and_where_it_is_relaxed() -> None:
    savings = priced(late_grid(), "grid", solved_again=1)
    assert {each.futures for each in savings} == {("future 1",)}
    assert {each.limit.amount for each in savings} == {60e3}
    assert "the grid gives 60.00 kW in 'future 1', where that holds the plan back; 5.00 kW more in this quarter in" in (
        savings[0].sentence
    )
    both = dataclasses.replace(late_grid(), sites=(site(2, grid_w=60e3),))
    assert {each.futures for each in priced(both, "grid", solved_again=0)} == {()}


def test_limits_are_told_by_what_is_surely_saved_then_by_what_fractions_promise() -> None:
    model = CapacityModel(dear_grid())
    found = why_expensive(model, model.solve(), solved_again=1).savings
    assert [math.isnan(each.resolved) for each in found] == [False] + [True] * (len(found) - 1)
    promised = [each.fractions for each in found[1:]]
    assert promised == sorted(promised, reverse=True)
    every = why_expensive(model, model.solve(), solved_again=len(found)).savings
    sure = [each.resolved_least for each in every]
    assert sure == sorted(sure, reverse=True)


def test_what_a_plan_file_states_for_all_sites_is_said_to_be_relaxed_at_all_of_them() -> None:
    limit = Limit("modules", "east", what="block", amount=3.0, unit="module")
    assert kinds()["modules"].scope(two_halls(), limit) == " there (planned anew: at every site)"
    assert kinds()["modules"].scope(instance(), limit) == ""
    assert kinds()["budget"].scope(instance(), limit) == " in this quarter"
    assert kinds()["cap"].scope(instance(), limit) == ""


def test_a_limit_that_does_not_bind_is_left_out() -> None:
    assert not priced(dear_grid(grid_w=1e9), "grid")


def test_a_promise_has_a_price() -> None:
    """Served by ten nodes; a percent less of the energy of both quarters."""
    saving = priced(instance(), "least served", solved_again=1)[0]
    assert saving.fixed == pytest.approx(0.01 * 2 * 2190 * 10 * 8.0 * 0.1)
    assert "1% less saves" in saving.sentence


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (2e6, "W", "2.00 MW"),
        (410e3, "W", "410 kW"),
        (0.0, "W", "0 W"),
        (-1e-9, "USD", "0 USD"),
        (1.0, "batch", "1 batch"),
        (3.0, "module", "3 modules"),
        (0.985, "share", "98.5%"),
        (-1.5e6, "USD", "-1.50 MUSD"),
        (1250.0, "m3", "1,250 m3"),
    ],
)
def test_amounts_are_written_as_people_read_them(amount: float, unit: str, text: str) -> None:
    assert amount_text(amount, unit) == text


def test_every_kind_of_limit_is_found_and_relaxes_what_it_reads() -> None:
    """Relaxing any limit by one moves the amount that the kind reads by one, and that alone."""
    small = instance(
        sites=(site(floor_m2=5.0, water_m3=5.0, grid_w=1e6),),
        serving=(serving(least_served_in_quarter=np.array([0.5, 0.0])),),
        fabrics=(fabric(),),
        stores=(store(),),
        budget_usd=np.array([1e6, 2e6]),
        caps={"carbon": 1e6},
        hours=hours(),
    )
    seen = set()
    for kind in kinds().values():
        for limit in kind.of(small):
            seen.add(kind.kind)
            by = kind.one(limit)
            eased = {each.key: each.amount for each in kind.of(relaxed(small, limit, by))}
            expected = {each.key: each.amount for each in kind.of(small)}
            expected[limit.key] += -by if kind.promise else by
            assert eased == pytest.approx(expected)
    assert seen == set(kinds())
