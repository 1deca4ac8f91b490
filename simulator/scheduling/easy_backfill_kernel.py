"""EASY backfill, as a compiled pass.

D. G. Feitelson, A. Mu'alem Weil: Utilization and predictability in scheduling the IBM SP2 with backfilling, 1998.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart, compiled_as

from ..engine.holding_kernel import place_each, take_back_first
from ..engine.lifecycle_kernel import estimate_to_go_s, start
from ..engine.state import DEDICATED_PODS, IN_SERVICE, SCHEDULE_SIGNATURE
from .attempt_kernel import room_at_all, try_start
from .foresight_kernel import (
    copy_present,
    expected_end_s,
    gather_running,
    let_end,
    let_stay,
    next_to_end,
    places_to_come,
)  # fmt: skip

DEPTH = 0
"""Index of the policy's parameter: how many waiting jobs behind the head are looked at."""


@compiled_apart
def _give_back(state: Any, job: int) -> None:
    """Take a placed job off its nodes again before it has started."""
    schedule_needed = state.clock[0]["schedule_needed"]
    while state.jobs[job]["first_holding"] >= 0:
        take_back_first(state, job)
    state.clock[0]["schedule_needed"] = schedule_needed  # Nothing new became free.


@compiled
def _nodes_held_of_those_for(state: Any, job: int, constraint: int) -> int:
    """Return how many of the nodes that a job holds are in service and accepted under a constraint."""
    count = 0
    index = state.jobs[job]["first_holding"]
    while index >= 0:
        node = state.nodes[state.holdings[index]["node"]]
        if node["status"] == IN_SERVICE and state.accepts[constraint, node["model"]]:
            count += 1
        index = state.holdings[index]["next_of_job"]
    return count


@compiled_apart
def _start_on_spare(state: Any, choose: Any, job: int, head: int, spare: int) -> int:
    """Start a job if it takes at most `spare` nodes that the head accepts; return how many, -1 if not started."""
    row, constraint = state.jobs[job], state.jobs[head]["constraint"]
    if row["constraint"] == constraint:
        return int(row["tasks"]) if row["tasks"] <= spare and try_start(state, job, choose) else -1
    if not room_at_all(state, job) or place_each(state, job, choose) == 0:
        return -1
    taken = _nodes_held_of_those_for(state, job, constraint)
    if taken > spare:
        _give_back(state, job)
        return -1
    start(state, job)
    return taken


@compiled_apart
def _backfill_whole_nodes(state: Any, choose: Any, head: int) -> int:
    """Backfill where every job holds whole nodes: counting nodes is enough."""
    now_s = state.clock[0]["now_s"]
    asked = state.jobs[head]
    free = 0
    for model in range(len(state.models)):
        if state.accepts[asked["constraint"], model]:
            free += state.models[model]["idle_nodes"]
    shadow_s, size = math.inf, gather_running(state)
    while size > 0 and (free < asked["tasks"] or expected_end_s(state, state.order[0]) <= shadow_s):
        ending = next_to_end(state, size)
        size -= 1
        if free < asked["tasks"]:
            shadow_s = expected_end_s(state, ending)
        free += _nodes_held_of_those_for(state, ending, asked["constraint"])
    if free < asked["tasks"]:
        shadow_s = math.inf
    spare = max(free - asked["tasks"], 0)

    started, looked = 0, 0
    job = asked["next"]
    while job >= 0 and looked < state.parameters[DEPTH]:
        looked += 1
        following = state.jobs[job]["next"]
        if now_s + estimate_to_go_s(state, job) <= shadow_s:
            if try_start(state, job, choose):
                started += 1
        else:
            taken = _start_on_spare(state, choose, job, head, spare)
            if taken >= 0:
                started += 1
                spare -= taken
        job = following
    return started


@compiled_apart
def _backfill_shares(state: Any, choose: Any, head: int) -> int:
    """Backfill where jobs share nodes: the head must keep a place for each of its tasks at the shadow time."""
    now_s = state.clock[0]["now_s"]
    asked = state.jobs[head]
    copy_present(state)
    shadow_s, size, places = math.inf, gather_running(state), places_to_come(state, head)
    while size > 0 and (places < asked["tasks"] or expected_end_s(state, state.order[0]) <= shadow_s):
        ending = next_to_end(state, size)
        size -= 1
        if places < asked["tasks"]:
            shadow_s = expected_end_s(state, ending)
        places += let_end(state, ending, head)
    if places < asked["tasks"]:
        shadow_s = math.inf

    started, looked = 0, 0
    job = asked["next"]
    while job >= 0 and looked < state.parameters[DEPTH]:
        looked += 1
        following = state.jobs[job]["next"]
        if now_s + estimate_to_go_s(state, job) <= shadow_s:
            if try_start(state, job, choose):
                started += 1
        elif room_at_all(state, job) and place_each(state, job, choose) == 1:
            lost = let_stay(state, job, head)
            if places - lost >= asked["tasks"]:
                places -= lost
                start(state, job)
                started += 1
            else:
                let_end(state, job, head)
                _give_back(state, job)
        job = following
    return started


@compiled_as(SCHEDULE_SIGNATURE)
def schedule(state: Any, choose: Any) -> int:
    """Start jobs in order; when the head does not fit, reserve for it and let later jobs pass that do not delay it."""
    started = 0
    while state.queues[0]["head"] >= 0:
        if not try_start(state, state.queues[0]["head"], choose):
            head = state.queues[0]["head"]
            if state.jobs[head]["next"] < 0:
                return started
            if state.clock[0]["all_exclusive"] == 1 and state.clock[0]["tenancy"] != DEDICATED_PODS:
                return started + _backfill_whole_nodes(state, choose, head)
            return started + _backfill_shares(state, choose, head)
        started += 1
    return started
