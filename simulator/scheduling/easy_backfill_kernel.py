"""EASY backfill, as a compiled pass.

D. G. Feitelson, A. Mu'alem Weil: Utilization and predictability in scheduling the IBM SP2 with backfilling, 1998.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import place_each, take_back_first
from ..engine.lifecycle_kernel import start
from ..engine.state import IN_SERVICE, SCHEDULE_SIGNATURE
from .attempt_kernel import room_at_all, try_start
from .foresight_kernel import (
    copy_present, expected_end_s, future_room, gather_running, let_end, next_to_end, places_to_come, reserve,
    reserve_task,
)  # fmt: skip

DEPTH = 0
"""Index of the policy's parameter: how many waiting jobs behind the head are looked at."""


@compiled
def _backfill_whole_nodes(state: Any, choose: Any, head: int) -> int:
    """Backfill where every job holds whole nodes: counting nodes is enough."""
    now_s = state.clock[0]["now_s"]
    asked = state.jobs[head]
    free = 0
    for model in range(len(state.models)):
        if state.accepts[asked["constraint"], model]:
            free += state.models[model]["idle_nodes"]
    shadow_s, size = math.inf, gather_running(state)
    while size > 0 and free < asked["tasks"]:
        ending = next_to_end(state, size)
        size -= 1
        shadow_s = expected_end_s(state, ending)
        index = state.jobs[ending]["first_holding"]
        while index >= 0:
            node = state.nodes[state.holdings[index]["node"]]
            if node["status"] == IN_SERVICE and state.accepts[asked["constraint"], node["model"]]:
                free += 1
            index = state.holdings[index]["next_of_job"]
    if free < asked["tasks"]:
        shadow_s = math.inf
    spare = max(free - asked["tasks"], 0)

    started, looked = 0, 0
    job = asked["next"]
    while job >= 0 and looked < state.parameters[DEPTH]:
        looked += 1
        row = state.jobs[job]
        following = row["next"]
        ends_in_time = now_s + row["estimate_s"] <= shadow_s
        if (ends_in_time or row["tasks"] <= spare) and try_start(state, job, choose):
            started += 1
            if not ends_in_time:
                spare -= row["tasks"]
        job = following
    return started


@compiled
def _foresee(state: Any, shadow_s: float, head: int) -> None:
    """Lay out the hall at the shadow time with the head's reservation taken out of it."""
    copy_present(state)
    for position in range(state.clock[0]["heap_size"]):
        if expected_end_s(state, state.heap[position]) <= shadow_s:
            let_end(state, state.heap[position], head)
    reserve(state, head)


@compiled
def _keeps_reservation(state: Any, job: int) -> bool:
    """Take the placed job out of the hall to come; return whether it left the reservation alone."""
    index = state.jobs[job]["first_holding"]
    while index >= 0:
        node = state.holdings[index]["node"]
        if future_room(state, job, node) < 1:
            return False
        reserve_task(state, job, node)
        index = state.holdings[index]["next_of_job"]
    return True


@compiled
def _backfill_shares(state: Any, choose: Any, head: int) -> int:
    """Backfill where jobs share nodes: the reservation names nodes, and nobody may be in its way there."""
    now_s = state.clock[0]["now_s"]
    asked = state.jobs[head]
    copy_present(state)
    shadow_s, size, places = math.inf, gather_running(state), places_to_come(state, head)
    while size > 0 and places < asked["tasks"]:
        ending = next_to_end(state, size)
        size -= 1
        shadow_s = expected_end_s(state, ending)
        places += let_end(state, ending, head)
    if places < asked["tasks"]:
        shadow_s = math.inf
    _foresee(state, shadow_s, head)

    started, looked = 0, 0
    job = asked["next"]
    while job >= 0 and looked < state.parameters[DEPTH]:
        looked += 1
        row = state.jobs[job]
        following = row["next"]
        if room_at_all(state, job):
            if now_s + row["estimate_s"] <= shadow_s:
                if try_start(state, job, choose):
                    started += 1
            elif place_each(state, job, choose) == 1:
                if _keeps_reservation(state, job):
                    start(state, job)
                    started += 1
                else:
                    schedule_needed = state.clock[0]["schedule_needed"]
                    while row["first_holding"] >= 0:
                        take_back_first(state, job)
                    state.clock[0]["schedule_needed"] = schedule_needed  # Nothing new became free.
                    _foresee(state, shadow_s, head)
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
            if state.clock[0]["all_exclusive"] == 1:
                return started + _backfill_whole_nodes(state, choose, head)
            return started + _backfill_shares(state, choose, head)
        started += 1
    return started
