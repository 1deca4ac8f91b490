"""Fair share with a half-life, as a compiled pass."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.state import SCHEDULE_SIGNATURE
from .attempt_kernel import try_start

DECAY_PER_S = 0
"""Index of the policy's parameter: ln 2 over the half-life."""


@compiled
def _bring_usage_up_to_now(state: Any) -> None:
    """Decay what each user has used, and add what its running jobs held since: exact for a constant holding."""
    clock = state.clock[0]
    elapsed_s = clock["now_s"] - clock["usage_as_of_s"]
    clock["usage_as_of_s"] = clock["now_s"]
    if elapsed_s > 0.0:
        decay_per_s = state.parameters[DECAY_PER_S]
        kept = math.exp(-decay_per_s * elapsed_s)
        for user in range(len(state.queues)):
            queue = state.queues[user]
            queue["usage"] = queue["usage"] * kept + queue["running_share"] * ((1.0 - kept) / decay_per_s)
    for user in range(len(state.queues)):
        state.queues[user]["running_share"] = 0.0
    for position in range(clock["heap_size"]):
        job = state.jobs[state.heap[position]]
        state.queues[job["queue"]]["running_share"] += job["share"]


@compiled
def _most_entitled(state: Any) -> int:
    """Return the user with waiting jobs who has used least for their weight, -1 if none waits.

    Among users who have used equally little, the one with fewer nodes held now comes first, then the one who appears
    first in the workload.
    """
    best, best_usage, best_share = -1, math.inf, math.inf
    for user in range(len(state.queues)):
        queue = state.queues[user]
        if queue["head"] >= 0:
            usage, share = queue["usage"] / queue["weight"], queue["running_share"] / queue["weight"]
            if usage < best_usage or (usage == best_usage and share < best_share):
                best, best_usage, best_share = user, usage, share
    return best


@compiled_as(SCHEDULE_SIGNATURE)
def schedule(state: Any, choose: Any) -> int:
    """Start the first job of the most entitled user, again and again, until one does not fit."""
    _bring_usage_up_to_now(state)
    started = 0
    while True:
        user = _most_entitled(state)
        if user < 0:
            return started
        head = state.queues[user]["head"]
        if not try_start(state, head, choose):
            return started
        state.queues[user]["running_share"] += state.jobs[head]["share"]
        started += 1
