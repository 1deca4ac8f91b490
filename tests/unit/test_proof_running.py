"""Simulations of a proof: each scenario once, in order, over processes; and as a person would run them."""

from __future__ import annotations

import dataclasses
import operator
import pickle
from pathlib import Path
from typing import Any

import pytest

from models.problems import InputError
from optimizers.derates import Derates
from proven_plan import NODES, instance, plan, problem
from simulator.proof.halls_of_plan import hall_quarters
from simulator.proof.loading import loaded_tree, write_scenario
from simulator.proof.outcome import simulated
from simulator.proof.running import Simulations
from simulator.proof.scenarios import HallScenario, ProofCase, hall_scenario
from simulator.scenario.loading import load_scenario


def scenario(replica: int = 0, nodes: int | None = None, mode: int = 0) -> HallScenario:
    """A scenario of the plan made by hand."""
    made = instance()
    case = ProofCase("small", problem(), NODES, made, Derates(), 7)
    return hall_scenario(case, hall_quarters(made, plan(made, nodes=nodes, mode=mode))[0], replica)


def test_what_was_simulated_before_is_not_simulated_again() -> None:
    asked: list[object] = []

    def run(task: object) -> Any:
        asked.append(task)
        return len(asked)

    simulations = Simulations(workers=1, run=run)
    first: Any = simulations.outcomes([scenario(0), scenario(1)])
    second: Any = simulations.outcomes([scenario(1), scenario(0, nodes=20), scenario(0)])
    assert first == (1, 2)
    assert second == (2, 3, 1)
    assert simulations.simulated == 3


def test_what_is_the_same_but_for_its_words_is_simulated_once() -> None:
    made = scenario()
    renamed = dataclasses.replace(made, tree={**made.tree, "name": "small late", "description": "another future"})
    run: Any = operator.attrgetter("tree")
    simulations = Simulations(workers=1, run=run)
    simulations.outcomes([made, renamed])
    assert simulations.simulated == 1


def test_processes_answer_in_the_order_of_the_questions() -> None:
    given = [scenario(replica) for replica in range(4)]
    with Simulations(workers=2, run=operator.attrgetter("tree")) as simulations:
        found: Any = simulations.outcomes(given)
    assert [tree["seed"] for tree in found] == [each.tree["seed"] for each in given]
    assert len({tree["seed"] for tree in found}) == 4


def test_a_scenario_is_what_a_person_would_load_and_run(tmp_path: Path) -> None:
    made = scenario()
    path = write_scenario(made.tree, tmp_path)
    assert load_scenario(path).scenario == loaded_tree(made.tree, tmp_path).scenario
    assert path.name == "small-plains-2027-Q1-air.yaml"


def test_a_scenario_that_can_not_be_is_refused_with_its_place() -> None:
    tree = scenario().tree | {"until": "soon"}
    with pytest.raises(InputError, match="until"):
        loaded_tree(tree, Path.cwd())


def test_what_a_process_refuses_is_told_with_the_name_of_the_scenario() -> None:
    made = scenario()
    tree = made.tree | {"services": [made.tree["services"][0] | {"nodes": 500}]}
    broken = dataclasses.replace(made, tree=tree)
    with pytest.raises(InputError, match=r"small plains 2027-Q1 air: services\[0\].nodes") as refused:
        Simulations(workers=1).outcomes([broken])
    again = pickle.loads(pickle.dumps(refused.value))
    assert str(again) == str(refused.value)
    assert again.problems == refused.value.problems


def test_the_warm_up_is_taken_off_what_is_counted(tmp_path: Path) -> None:
    made = scenario()
    lost_early = "time_s,name,duration_s,component,permanent\n3600,gpu-0,40000,node,0\n"
    (tmp_path / "failures.csv").write_text(lost_early)
    tree = made.tree | {"reliability": {"failures": [{"kind": "trace", "file": "failures.csv"}]}}
    tree = {key: value for key, value in tree.items() if key != "operations"}
    counted = simulated(tree, tmp_path, None, made.week.warm_up_s)
    assert counted.availability == {"gpu": 1.0}
    assert counted.stopped.other == pytest.approx(0.0, abs=1e-6)
    all_of_it = simulated(tree, tmp_path, None, 0.0)
    assert all_of_it.availability["gpu"] < 1.0
    # Hourly figures hold the warm-up too: it is taken off where hours are folded.
    assert len(counted.it_w) == len(made.week.hour)


def test_the_same_bad_days_come_whatever_is_planned_there() -> None:
    assert scenario(0).tree["seed"] == scenario(0, nodes=20).tree["seed"] == scenario(0, mode=1).tree["seed"]
    assert scenario(0).tree["seed"] != scenario(1).tree["seed"]


def test_a_tier_is_its_crew_and_its_shelves_for_the_nodes_there() -> None:
    made = scenario(nodes=12, mode=2)  # the tier 'full': 30 parts for a hundred nodes
    parts = made.tree["operations"]["spares"]["gpu"]
    assert parts["stock"] == 4
    assert loaded_tree(made.tree, Path.cwd()).scenario.operations is not None
