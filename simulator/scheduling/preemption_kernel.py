"""Make room for a job by interrupting running jobs of lower priority."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_apart

from ..engine.lifecycle_kernel import interrupt
from .attempt_kernel import try_start
from .foresight_kernel import copy_present, let_end, let_stay, places_to_come

PREEMPTS, KEEPS_WORK, STARTS_AROUND = range(3)
"""Indices of what `preempting.Preempting` says, the first of a policy's parameters."""
STARTED, HELD_UP, HOLDS_UP_ALL = range(3)
"""What became of a job: it runs; it waits and lower priorities may start around it; it waits and all with it."""


@compiled
def _goes_first(state: Any, one: int, other: int) -> bool:
    """Return whether `one` is preempted before `other`: lower priority, then later start, then later submission."""
    first, second = state.jobs[one], state.jobs[other]
    if first["priority"] != second["priority"]:
        return bool(first["priority"] < second["priority"])
    if first["start_s"] != second["start_s"]:
        return bool(first["start_s"] > second["start_s"])
    return one > other


@compiled
def _sink(state: Any, position: int, size: int) -> None:
    """Restore the heap of victims in `state.order` below a position."""
    order = state.order
    job = order[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        if child + 1 < size and _goes_first(state, order[child + 1], order[child]):
            child += 1
        if not _goes_first(state, order[child], job):
            break
        order[position] = order[child]
        position = child
    order[position] = job


@compiled
def _gather_victims(state: Any, job: int) -> int:
    """Lay out, in `state.order`, the running jobs of lower priority; return how many, 0 where all are surely too few.

    A whole-node job that takes any node can not have those that others of its rank hold as a whole. With a gang as
    wide as the hall waiting for repairs, that bound spares every pass a look at all nodes.
    """
    asked, clock = state.jobs[job], state.clock[0]
    takes_any = asked["constraint"] == len(state.accepts) - 1
    victims, nodes = 0, clock["nodes_in_service"]
    for position in range(clock["heap_size"]):
        running = state.heap[position]
        row = state.jobs[running]
        if row["priority"] < asked["priority"]:
            state.order[victims] = running
            victims += 1
        elif takes_any and row["exclusive"] == 1:
            nodes -= row["tasks"]
    if asked["exclusive"] == 1 and nodes < asked["tasks"]:
        return 0
    return victims


@compiled_apart
def make_room(state: Any, job: int) -> bool:
    """Preempt jobs of lower priority until the job fits; return whether it will. Nobody is preempted in vain."""
    victims = _gather_victims(state, job)
    if victims == 0:
        return False
    for position in range(victims // 2 - 1, -1, -1):
        _sink(state, position, victims)
    tasks = state.jobs[job]["tasks"]
    copy_present(state)
    places = places_to_come(state, job)
    left = victims
    while left > 0 and places < tasks:  # Those taken stand behind the heap, the last taken first.
        victim = state.order[0]
        places += let_end(state, victim, job)
        left -= 1
        state.order[0] = state.order[left]
        _sink(state, 0, left)
        state.order[left] = victim
    if places < tasks:
        return False
    for index in range(left, victims):  # Whoever is not needed after all goes on.
        lost = let_stay(state, state.order[index], job)
        if places - lost >= tasks:
            places -= lost
            state.order[index] = -1
        else:
            let_end(state, state.order[index], job)
    for index in range(victims - 1, left - 1, -1):
        if state.order[index] >= 0:
            interrupt(state, state.order[index], int(state.parameters[KEEPS_WORK]))
    return True


@compiled_apart
def start_or_preempt(state: Any, job: int, choose: Any) -> int:
    """Start a job, in room taken from lower priorities where need be; return STARTED, HELD_UP or HOLDS_UP_ALL."""
    if try_start(state, job, choose):
        return STARTED
    if state.parameters[PREEMPTS] == 0.0:
        return HOLDS_UP_ALL
    if make_room(state, job):  # Placement may refuse even so: starting others around would preempt them for ever.
        return STARTED if try_start(state, job, choose) else HOLDS_UP_ALL
    return HELD_UP if state.parameters[STARTS_AROUND] != 0.0 else HOLDS_UP_ALL
