"""Fluid work of several classes on the same nodes: one service, shared out again."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np
import pytest

from optimizers.given.goals import ProofTerms
from optimizers.instance.time import Day, Hours
from optimizers.problem import Problem
from proven_plan import NODES, OF_A_NODE, PLAN, REQUESTS_PER_S, instance, plan, problem
from simulator.proof.halls_of_plan import hall_quarters
from simulator.proof.pools import Pool, pools_of
from simulator.proof.week import proof_week

WEEK = proof_week(
    Hours(np.full((1, 24), 90.0), np.zeros((1, 24)), (Day(0, 24),)),
    0,
    ProofTerms.model_validate({"warm_up": "0 s", "week": "1 d"}),
)


def pool(serving: dict[str, float], waiting: dict[str, float]) -> Pool:
    """A pool with the same demand in every hour [requests/s]."""
    demand = {name: np.full(24, value) for name, value in (serving | waiting).items()}
    units = {name: 1.0 if name != "tests" else 0.5 for name in demand}
    return Pool("pool", 0, "test-node", 4, 10.0, 1.0, tuple(serving), tuple(waiting), demand, units)


def hourly(*per_s: float) -> np.ndarray:
    """Requests of each hour, the last for the rest of the day."""
    return 3600.0 * np.array([*per_s, *[per_s[-1]] * (24 - len(per_s))])


def test_services_are_answered_before_what_can_wait() -> None:
    shared = pool({"chat": 20.0}, {"tests": 15.0}).shared_out(WEEK, hourly(25.0, 35.0), hourly(25.0, 40.0))
    assert shared["chat"].tolist() == [20.0] * 24
    # In units: half a unit a request.
    assert shared["tests"][:2].tolist() == [2.5, 7.5]


def test_what_waited_is_done_later_and_never_more_than_was_asked_for() -> None:
    shared = pool({"chat": 20.0}, {"tests": 15.0}).shared_out(WEEK, hourly(25.0, 45.0, 35.0), hourly(25.0, 50.0))
    assert shared["tests"][:3].tolist() == [2.5, 12.5, 7.5]
    assert shared["tests"].sum() == pytest.approx(24 * 7.5)


def test_services_that_are_short_share_in_proportion() -> None:
    shared = pool({"chat": 30.0, "code": 10.0}, {}).shared_out(WEEK, hourly(20.0), hourly(20.0))
    assert shared["chat"].tolist() == [15.0] * 24
    assert shared["code"].tolist() == [5.0] * 24


def test_requests_that_waited_are_not_work_of_a_class_that_was_served() -> None:
    # The second hour answers what the first left; it is the service's, which was lost, and not the other class's.
    shared = pool({"chat": 20.0}, {"tests": 5.0}).shared_out(WEEK, hourly(10.0, 35.0, 25.0), hourly(10.0, 40.0))
    assert shared["chat"][:2].tolist() == [10.0, 20.0]
    assert shared["tests"][:2].tolist() == [0.0, 5.0]


def test_one_class_is_a_service_in_its_own_units_without_what_security_takes() -> None:
    made = instance()
    level = [mode.name for mode in made.modes].index("lean, basic")
    hall = hall_quarters(made, plan(made, mode=level))[0]
    (found,) = pools_of(problem(), NODES, made, hall)
    assert found.name == "gpu: chat"
    assert found.per_node_s == OF_A_NODE
    assert found.demand["chat"].tolist() == pytest.approx([REQUESTS_PER_S] * 4)
    assert found.nodes == hall.nodes[0]


def test_nodes_without_work_draw_idle_in_a_pool_that_nobody_asks() -> None:
    made = instance()
    hall = hall_quarters(made, plan(made))[0]
    idle = type(hall)(**{**vars(hall), "work": {}})
    (found,) = pools_of(problem(), NODES, made, idle)
    assert found.tree(proof_week(made.hours, 0, problem().proof))["demand"]["requests_per_s"] == [0.0] * 24


def test_a_service_is_asked_for_the_files_profile_hour_by_hour_not_for_the_mean_of_a_step() -> None:
    profile = [0.2, 0.4, 0.6, 0.8, 1.0, 0.6, *[0.5] * 18]
    given = copy.deepcopy(PLAN)
    given["demand"]["chat"]["profile"] = profile
    own = Problem.model_validate(given)
    made = instance(own)
    # The first six hours are asked for 60 % of the busiest hour in their mean, the others for half of it.
    assert made.serving[0].demand[0, 0].tolist() == pytest.approx([0.6 * REQUESTS_PER_S, *[0.5 * REQUESTS_PER_S] * 3])
    served = plan(made)
    busy = made.serving[0].demand[0, 0] / float(made.serving[0].rate[0, 0])
    rows = tuple({**row, "nodes": 0.9 * busy[int(row["hour"])]} for row in served.allocation)
    hall = hall_quarters(made, dataclasses.replace(served, allocation=rows))[0]
    (found,) = pools_of(own, NODES, made, hall)
    week = proof_week(made.hours, 0, own.proof)
    asked = found.tree(week)["demand"]["requests_per_s"]
    assert asked == pytest.approx([0.9 * REQUESTS_PER_S * share for share in profile])
    # What is shared out again is what came in that hour.
    answered = hourly(*asked, asked[-1])[:24]
    assert found.shared_out(week, np.tile(answered, 2), np.tile(answered, 2))["chat"][:24] == pytest.approx(asked)


def test_a_plan_that_serves_more_than_there_is_is_asked_for_what_there_is() -> None:
    made = instance()
    served = plan(made)
    rows = tuple({**row, "nodes": 10.0 * float(row["nodes"])} for row in served.allocation)
    hall = hall_quarters(made, dataclasses.replace(served, allocation=rows))[0]
    (found,) = pools_of(problem(), NODES, made, hall)
    assert found.demand["chat"].tolist() == pytest.approx([REQUESTS_PER_S] * 4)
