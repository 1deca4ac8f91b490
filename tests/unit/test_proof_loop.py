"""The proof loop on a toy: a planner by hand and simulations that answer at once."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from typing import Any

from optimizers.instance.instance import Instance
from optimizers.plan import Plan
from optimizers.problem import Problem
from proven_plan import NODES, instance, outcome_of, plan, problem
from simulator.proof.halls_of_plan import hall_quarters
from simulator.proof.outcome import Outcome, Shelf
from simulator.proof.proof import Proof
from simulator.proof.proving import prove
from simulator.proof.running import Simulations, Told
from simulator.proof.scenarios import HallScenario


class Toy(Simulations):
    """Simulations that are as available as a function of the round says, and remember what they were asked."""

    def __init__(self, availability: Callable[[int], float], why: str = "hands") -> None:
        super().__init__(workers=1)
        self.availability, self.why = availability, why
        self.asked: list[tuple[str, ...]] = []

    def outcomes(self, scenarios: Sequence[HallScenario], told: Told | None = None) -> tuple[Outcome, ...]:
        del told
        share = self.availability(len(self.asked))
        self.asked.append(tuple(scenario.digest for scenario in scenarios))
        made = instance()
        stopped = {self.why: 100.0}
        return tuple(outcome_of(made, each, availability=share, stopped=stopped) for each in scenarios)


class ByShelf(Toy):
    """Simulations in which a hall with few parts on its shelf waits, for parts or for technicians."""

    def __init__(self, few: int, why: str) -> None:
        super().__init__(lambda _: 1.0, why)
        self.few = few

    def outcomes(self, scenarios: Sequence[HallScenario], told: Told | None = None) -> tuple[Outcome, ...]:
        del told
        found = []
        for each in scenarios:
            stock = each.tree["operations"]["spares"]["gpu"]["stock"]
            short = stock <= self.few
            empty = Shelf(stock, 6, 4 if short and self.why == "spares" else 0)
            share = 0.8 if short else 1.0
            found.append(outcome_of(instance(), each, availability=share, stopped={self.why: 100.0}, shelf=empty))
        return tuple(found)


class ByHand:
    """A planner that buys what serves everything at the availability that it is told."""

    def __init__(self, *, most_nodes: int = 1000) -> None:
        self.starts: list[Any] = []
        self.most_nodes = most_nodes

    def __call__(self, made: Instance, start: Any) -> tuple[Plan, Any]:
        self.starts.append(start)
        found = plan(made)
        if found.objective > 100e3 * self.most_nodes:
            found = dataclasses.replace(found, status="infeasible", objective=float("nan"))
        return found, len(self.starts)


def proven(simulations: Toy, planner: ByHand | None = None, **terms: Any) -> Proof:
    """The proof of the plan made by hand."""
    return prove(problem(**terms), NODES, name="small", planner=planner or ByHand(), simulations=simulations)


def test_a_plan_that_is_delivered_is_confirmed_in_one_round() -> None:
    proof = proven(Toy(lambda _: 1.0))
    assert proof.converged
    assert len(proof.rounds) == 1
    assert proof.best == 0
    assert proof.rounds[0].causes == ()


def test_a_plan_that_falls_short_is_planned_anew_until_it_delivers() -> None:
    simulations, planner = Toy(lambda _: 0.8), ByHand()
    proof = proven(simulations, planner)
    assert proof.converged
    assert len(proof.rounds) == 2
    first, second = (each.plan.site_quarters[0].nodes["gpu"] for each in proof.rounds)
    assert second > first
    assert proof.best_plan is proof.rounds[1].plan
    assert proof.derates.availability["lean", "gpu"] < 0.81
    # The second solve begins from the first one's point.
    assert planner.starts == [None, 1]


def test_it_ends_after_the_most_rounds_with_the_plan_that_missed_least() -> None:
    proof = proven(Toy(lambda number: (0.6, 0.75, 0.5)[number]), most_rounds=3, largest_derate=0.1)
    assert not proof.converged
    assert proof.best == 1
    assert len(proof.rounds) <= 3


def test_it_ends_where_no_plan_is_left_and_keeps_the_one_it_has() -> None:
    proof = proven(Toy(lambda _: 0.5), ByHand(most_nodes=10), largest_derate=0.5)
    assert not proof.converged
    assert proof.best == 0
    assert any("there is no plan" in note for note in proof.notes)


def test_it_ends_where_nothing_is_left_to_learn() -> None:
    proof = proven(Toy(lambda _: 0.5), largest_derate=0.05, most_rounds=6)
    assert not proof.converged
    assert len(proof.rounds) < 6
    assert any("no cause" in note for note in proof.notes)


def test_rounds_meet_the_same_random_numbers_and_replicas_others() -> None:
    simulations = Toy(lambda _: 0.8)
    proven(simulations)
    first, second = simulations.asked
    assert len(set(first)) == len(first) == 2
    assert not set(first) & set(second)  # the plan has changed, so has the scenario


def test_a_proof_is_plain_data() -> None:
    proof = proven(Toy(lambda _: 0.8))
    told = json.loads(json.dumps(proof.as_dict(), allow_nan=False))
    assert told["converged"] is True
    assert told["rounds"][0]["causes"]
    assert {"measure", "planned", "delivered", "difference", "tolerance", "within"} <= set(told["table"][0])
    assert told["derates"]["availability"]["lean/gpu"] < 0.81


def test_a_plan_with_too_few_spares_comes_back_with_more_spares_and_the_same_promise() -> None:
    proof = proven(ByShelf(1, "spares"))
    assert proof.converged
    assert len(proof.rounds) == 2
    assert proof.derates.spares["lean", "gpu"] > 1.0
    assert min([1.0, *proof.derates.availability.values(), *proof.derates.rate.values()]) > 0.999
    first, second = (each.plan.site_quarters[0].nodes["gpu"] for each in proof.rounds)
    assert second == first


def test_a_tier_that_is_short_of_technicians_loses_to_another() -> None:
    simulations = ByShelf(1, "technicians")
    proof = prove(problem(), NODES, name="small", simulations=simulations)  # planned by optimisation
    assert proof.converged
    first, last = (each.plan.site_quarters[0].mode for each in (proof.rounds[0], proof.rounds[-1]))
    assert first.startswith("lean")
    assert last.startswith("full")


def test_only_the_quarters_asked_for_are_simulated() -> None:
    made = instance()
    assert [hall.quarter for hall in hall_quarters(made, plan(made))] == [0]
    assert not hall_quarters(made, plan(made), quarters=())


def test_a_plan_without_a_node_has_nothing_to_prove() -> None:
    def empty(made: Instance, start: Any) -> tuple[Plan, Any]:
        del start
        found = plan(made)
        rows = tuple(dataclasses.replace(each, nodes={}) for each in found.site_quarters)
        return dataclasses.replace(found, site_quarters=rows), None

    simulations = Toy(lambda _: 1.0)
    proof = prove(problem(), NODES, name="small", planner=empty, simulations=simulations)
    assert simulations.asked == [()]
    assert not proof.converged
    assert any("nothing to prove" in note for note in proof.notes)


def test_of_futures_it_says_proven_only_where_a_plan_was() -> None:
    futures = ({"name": "expected", "probability": 0.7}, {"name": "busy", "probability": 0.3})
    given = problem(most_rounds=1).model_dump(mode="json", exclude_unset=True) | {"futures": futures}

    def said(simulations: Toy, planner: ByHand) -> list[str]:
        asked = Problem.model_validate(given)
        proof = prove(asked, NODES, name="small", planner=planner, simulations=simulations)
        return [note for note in proof.notes if "futures" in note]

    (confirmed,) = said(Toy(lambda _: 1.0), ByHand())
    assert confirmed.startswith("proven in 'expected', of 2 futures")
    (missed,) = said(Toy(lambda _: 0.5), ByHand())
    assert missed.startswith("simulated in 'expected', of 2 futures")
    assert said(Toy(lambda _: 1.0), ByHand(most_nodes=0)) == []
