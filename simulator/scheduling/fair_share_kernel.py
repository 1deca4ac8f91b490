"""Fair share with a half-life, as a compiled pass."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.state import SCHEDULE_SIGNATURE
from .preemption_kernel import HELD_UP, HOLDS_UP_ALL, start_or_preempt

DECAY_PER_S, FIRST_LINE_NUMBER = 3, 4
"""Indices of the policy's parameters: ln 2 over the half-life; the line in which each line's usage is counted (a
user's first), then the priority of each line."""


@compiled
def _counted_in(state: Any, line: int) -> int:
    return int(state.parameters[FIRST_LINE_NUMBER + line])


@compiled
def _bring_usage_up_to_now(state: Any) -> None:
    """Decay what each user has used, and add what its running jobs held since: exact for a constant holding."""
    clock = state.clock[0]
    elapsed_s = clock["now_s"] - clock["usage_as_of_s"]
    clock["usage_as_of_s"] = clock["now_s"]
    if elapsed_s > 0.0:
        decay_per_s = state.parameters[DECAY_PER_S]
        kept = math.exp(-decay_per_s * elapsed_s)
        for line in range(len(state.queues)):
            queue = state.queues[line]
            queue["usage"] = queue["usage"] * kept + queue["running_share"] * ((1.0 - kept) / decay_per_s)


@compiled
def _count_what_is_held(state: Any) -> None:
    """Count the nodes that each user holds now."""
    for line in range(len(state.queues)):
        state.queues[line]["running_share"] = 0.0
    for position in range(state.clock[0]["heap_size"]):
        job = state.jobs[state.heap[position]]
        state.queues[_counted_in(state, job["queue"])]["running_share"] += job["share"]


@compiled
def _most_entitled(state: Any, first: int, end: int) -> int:
    """Return, among the lines from `first` to `end` in which jobs wait, that of the user who has used least for their
    weight; -1 if none waits.

    Among users who have used equally little, the one with fewer nodes held now comes first, then the one who appears
    first in the workload.
    """
    best, best_usage, best_share = -1, math.inf, math.inf
    for line in range(first, end):
        queue = state.queues[line]
        if queue["head"] >= 0:
            user = state.queues[_counted_in(state, line)]
            usage, share = user["usage"] / queue["weight"], user["running_share"] / queue["weight"]
            if usage < best_usage or (usage == best_usage and share < best_share):
                best, best_usage, best_share = line, usage, share
    return best


@compiled
def _end_of_priority(state: Any, first: int) -> int:
    """Return the first line behind `first` that has another priority."""
    lines = len(state.queues)
    priority = state.parameters[FIRST_LINE_NUMBER + lines + first]
    end = first + 1
    while end < lines and state.parameters[FIRST_LINE_NUMBER + lines + end] == priority:
        end += 1
    return end


@compiled_as(SCHEDULE_SIGNATURE)
def schedule(state: Any, choose: Any) -> int:
    """Start the first job of the most entitled user, again and again, until one does not fit; by priority first."""
    _bring_usage_up_to_now(state)
    _count_what_is_held(state)
    started, first = 0, 0
    while first < len(state.queues):
        end = _end_of_priority(state, first)
        line = _most_entitled(state, first, end)
        while line >= 0:
            head = state.queues[line]["head"]
            interrupted = state.clock[0]["interruptions"]
            outcome = start_or_preempt(state, head, choose)
            if outcome == HOLDS_UP_ALL:
                return started
            if outcome == HELD_UP:
                break
            if state.clock[0]["interruptions"] != interrupted:
                _count_what_is_held(state)
            else:
                state.queues[_counted_in(state, line)]["running_share"] += state.jobs[head]["share"]
            started += 1
            line = _most_entitled(state, first, end)
        first = end
    return started
