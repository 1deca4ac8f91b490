"""Priority order with preemption, as a compiled pass."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_apart, compiled_as

from ..engine.lifecycle_kernel import interrupt
from ..engine.state import SCHEDULE_SIGNATURE
from .attempt_kernel import try_start
from .foresight_kernel import copy_present, let_end, let_stay, places_to_come

PREEMPTS, KEEPS_WORK = range(2)
"""Indices of the policy's parameters: whether it preempts, whether work is kept from the last checkpoint."""


@compiled
def _goes_first(state: Any, one: int, other: int) -> bool:
    """Return whether `one` is preempted before `other`: lower priority, then later start, then later submission."""
    first, second = state.jobs[one], state.jobs[other]
    if first["priority"] != second["priority"]:
        return bool(first["priority"] < second["priority"])
    if first["start_s"] != second["start_s"]:
        return bool(first["start_s"] > second["start_s"])
    return one > other


@compiled_apart
def _make_room(state: Any, job: int) -> bool:
    """Preempt jobs of lower priority until the job fits; return whether it will. Nobody is preempted in vain."""
    asked = state.jobs[job]
    victims = 0
    for position in range(state.clock[0]["heap_size"]):
        running = state.heap[position]
        if state.jobs[running]["priority"] < asked["priority"]:
            place = victims
            while place > 0 and _goes_first(state, running, state.order[place - 1]):
                state.order[place] = state.order[place - 1]
                place -= 1
            state.order[place] = running
            victims += 1
    copy_present(state)
    places = places_to_come(state, job)
    chosen = 0
    while chosen < victims and places < asked["tasks"]:
        places += let_end(state, state.order[chosen], job)
        chosen += 1
    if places < asked["tasks"]:
        return False
    for index in range(chosen - 1, -1, -1):  # Whoever is not needed after all goes on.
        lost = let_stay(state, state.order[index], job)
        if places - lost >= asked["tasks"]:
            places -= lost
            state.order[index] = -1
        else:
            let_end(state, state.order[index], job)
    for index in range(chosen):
        if state.order[index] >= 0:
            interrupt(state, state.order[index], int(state.parameters[KEEPS_WORK]))
    return True


@compiled_as(SCHEDULE_SIGNATURE)
def schedule(state: Any, choose: Any) -> int:
    """Start jobs by priority, then submission, until one does not fit; that one may take room from lower priorities."""
    started = 0
    for queue in range(len(state.queues)):
        while state.queues[queue]["head"] >= 0:
            head = state.queues[queue]["head"]
            if not try_start(state, head, choose):
                if state.parameters[PREEMPTS] == 0.0 or not _make_room(state, head):
                    return started
                if not try_start(state, head, choose):
                    return started
            started += 1
    return started
