"""Random placement, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import WHOLE, fits
from ..engine.state import CHOOSE_SIGNATURE

MULTIPLIER, MODULUS = 48271, 2147483647


@compiled
def _replaces(state: Any, count: int) -> bool:
    """Return true once in `count` draws: reservoir sampling keeps the latest candidate with that probability."""
    clock = state.clock[0]
    clock["random"] = clock["random"] * MULTIPLIER % MODULUS
    return bool(clock["random"] % count == 0)


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return one of the nodes that fit and, through `clock.wanted_slot`, one of its slots that fit a share.

    The draws are Park and Miller's minimal standard generator, whose products stay inside 64-bit integers; its state
    starts from the scenario's stream "placement".
    """
    chosen, count = -1, 0
    for node in range(len(state.nodes)):
        if fits(state, job, node):
            count += 1
            if _replaces(state, count):
                chosen = node
    milli = state.jobs[job]["accelerators_milli"]
    if chosen < 0 or not 0 < milli < WHOLE:
        return chosen
    first, count = state.nodes[chosen]["first_slot"], 0
    for slot in range(first, first + state.models[state.nodes[chosen]["model"]]["accelerators"]):
        if state.slots[slot, 0] >= milli:
            count += 1
            if _replaces(state, count):
                state.clock[0]["wanted_slot"] = slot
    return chosen
