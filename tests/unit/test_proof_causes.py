"""From what a simulation showed to factors: each cause cured where it lies, within bounds."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

import pytest

from optimizers.derates import Derates
from proven_plan import NODES, instance, outcome_of, plan, problem
from simulator.proof.accounts import delivered_account, planned_account
from simulator.proof.causes import derated
from simulator.proof.halls_of_plan import hall_quarters
from simulator.proof.observed import Observed
from simulator.proof.outcome import Shelf
from simulator.proof.scenarios import ProofCase, hall_scenario, stock_of

LARGEST = 0.3


def seen(
    *, availability: float, stopped: Mapping[str, float], shelf: Shelf | None = None, slower: float = 1.0,
    before: Derates | None = None, warmer: float = 1.0,
) -> tuple[ProofCase, Observed]:  # fmt: skip
    """A hall of the plan made by hand, in the tier `lean`, with what its simulation showed."""
    derates = before or Derates()
    made = instance(derates=derates)
    case = ProofCase("small", problem(), NODES, made, derates, 7)
    hall = hall_quarters(made, plan(made))[0]
    scenario = hall_scenario(case, hall)
    outcome = outcome_of(made, scenario, availability=availability, stopped=stopped, shelf=shelf)
    outcome = dataclasses.replace(
        outcome,
        served={name: slower * values for name, values in outcome.served.items()},
        facility_w=outcome.it_w + warmer * (outcome.facility_w - outcome.it_w),
    )
    account = delivered_account(made, hall, scenario, outcome)
    return case, Observed(hall, scenario, (outcome,), planned_account(made, hall), (account,))


def test_empty_shelves_ask_for_more_spares_and_leave_the_promise() -> None:
    shelf = Shelf(stock=1, used=6, stockouts=4)
    case, observed = seen(availability=0.9, stopped={"spares": 9000.0, "hands": 10.0}, shelf=shelf)
    found, causes = derated(case, [observed], largest=LARGEST)
    assert found.spares["lean", "gpu"] > 1.0
    assert ("full", "gpu") not in found.spares
    # What is left of the promise is what hands took: ten of 9010 parts of what was lost.
    assert found.availability.get(("lean", "gpu"), 1.0) > 0.998
    assert all(factor > 0.999 for factor in found.rate.values())
    after = dataclasses.replace(case, derates=found)
    assert stock_of(after, observed.hall, "gpu") > stock_of(case, observed.hall, "gpu")
    assert "4 of 6 repairs found no gpu on the shelf" in {cause.why for cause in causes}


def test_a_plan_made_with_more_spares_promises_no_less_and_pays_for_them() -> None:
    shelf = Shelf(stock=1, used=6, stockouts=4)
    case, observed = seen(availability=0.9, stopped={"spares": 9000.0}, shelf=shelf)
    found, _ = derated(case, [observed], largest=LARGEST)
    before, after = case.instance.modes[0], instance(derates=found).modes[0]
    assert after.spares_usd_per_node[0] > before.spares_usd_per_node[0]
    assert after.availability[0] >= before.availability[0]


def test_waiting_for_technicians_lowers_the_tier_that_has_too_few() -> None:
    case, observed = seen(availability=0.9, stopped={"technicians": 900.0})
    found, _ = derated(case, [observed], largest=LARGEST)
    planned = float(case.instance.modes[0].availability[0])
    assert found.availability["lean", "gpu"] == pytest.approx(0.9 / planned)
    assert ("full", "gpu") not in found.availability


def test_what_keeps_nodes_down_in_any_tier_lowers_all() -> None:
    case, observed = seen(availability=0.9, stopped={"hands": 300.0, "technicians": 100.0})
    found, _ = derated(case, [observed], largest=LARGEST)
    lean, full = found.availability["lean", "gpu"], found.availability["full", "gpu"]
    assert lean < full < 1.0
    assert 1.0 - full == pytest.approx(0.75 * (1.0 - lean))


def test_a_slower_class_is_slower_at_every_level_of_security() -> None:
    case, observed = seen(availability=1.0, stopped={}, slower=0.8)
    found, _ = derated(case, [observed], largest=LARGEST)
    assert found.rate["chat", "gpu", "none"] == pytest.approx(0.8)
    assert found.rate["chat", "gpu", "basic"] == pytest.approx(0.8)


def test_factors_stay_within_their_bound_all_rounds_together() -> None:
    case, observed = seen(availability=0.2, stopped={"hands": 1.0}, slower=0.5, warmer=5.0)
    first, _ = derated(case, [observed], largest=LARGEST)
    case, observed = seen(availability=0.2, stopped={"hands": 1.0}, slower=0.5, warmer=5.0, before=first)
    second, _ = derated(case, [observed], largest=LARGEST)
    for found in (first, second):
        promises = [*found.availability.values(), *found.rate.values()]
        assert all(1.0 - LARGEST <= factor <= 1.0 for factor in promises)
        assert all(1.0 - LARGEST <= factor <= 1.0 + LARGEST for factor in found.facility.values())


def test_power_of_the_building_is_set_to_what_was_seen() -> None:
    case, observed = seen(availability=1.0, stopped={}, warmer=1.1)
    found, _ = derated(case, [observed], largest=LARGEST)
    assert found.facility["plains", "hall"] == pytest.approx(1.1)


def test_nothing_is_derated_where_the_promise_is_kept() -> None:
    case, observed = seen(availability=1.0, stopped={})
    found, causes = derated(case, [observed], largest=LARGEST)
    assert found.availability == {}
    assert found.rate == {}
    assert found.spares == {}
    assert all(math.isclose(cause.after, 1.0, abs_tol=1e-3) for cause in causes)


def test_nodes_that_are_down_draw_no_idle_power_and_say_nothing_about_that_of_work() -> None:
    case, observed = seen(availability=0.9, stopped={"hands": 1.0})
    (outcome,) = observed.outcomes
    # As an engine has it: what is down draws nothing; what is up, and answers less, draws as the model says.
    down_w = 0.1 * observed.node_count * case.instance.nodes[0].idle_w
    outcome = dataclasses.replace(outcome, it_w=outcome.it_w - down_w, facility_w=outcome.facility_w - down_w)
    observed = dataclasses.replace(observed, outcomes=(outcome,))
    found, _ = derated(case, [observed], largest=LARGEST)
    assert found.idle_power["gpu",] == pytest.approx(0.9)
    assert found.it_power.get(("chat", "gpu"), 1.0) == pytest.approx(1.0)
    # A plan with that factor counts on what was seen, and the factor stays.
    after = instance(derates=found)
    assert after.nodes[0].idle_w == pytest.approx(0.9 * case.instance.nodes[0].idle_w)
    again, _ = derated(dataclasses.replace(case, instance=after, derates=found), [observed], largest=LARGEST)
    assert again.idle_power["gpu",] == pytest.approx(0.9)
