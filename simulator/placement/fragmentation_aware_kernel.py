"""Fragmentation gradient descent (FGD), as a compiled choice.

Q. Weng et al.: Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent, USENIX
ATC 2023.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import WHOLE, fits
from ..engine.state import CHOOSE_SIGNATURE, DEDICATED_PODS

ROOM = 2
"""Column of `state.slots` that this policy uses as scratch: the room of a slot."""
SUM = 0
"""Column of `state.slot_activity` that this policy uses as scratch: fragmentation with the task on this slot."""
MOST_MODELS = 62
"""Node models of which only the first empty node is looked at; of further ones every node is."""


@compiled
def _end_of_slots(state: Any, node: int) -> int:
    row = state.nodes[node]
    return int(row["first_slot"] + state.models[row["model"]]["accelerators"])


@compiled
def _fragment_of_kind(
    shape: Any, free: int, usable: int, places: int, cpu_milli: int, memory_b: int
) -> float:  # fmt: skip
    """Return the accelerator thousandths that one expected kind of task can not use.

    All free accelerators where the task can not run on the node, else those of slots with less free than the task asks
    of one slot (section 3 of the paper).
    """
    milli = shape["accelerators_milli"]
    needed = 1 if milli < WHOLE else milli // WHOLE
    runs = places >= needed and cpu_milli >= shape["cpu_milli"] and memory_b >= shape["memory_b"]
    return float(shape["share"] * (free - usable if runs else free))


@compiled
def fragment_milli(state: Any, node: int, cpu_milli: int, memory_b: int) -> float:
    """Return the thousandths of the slots' room (column ROOM) that the expected tasks can not use, weighted by share.

    `cpu_milli` and `memory_b` are what else is free on the node.
    """
    first, end = state.nodes[node]["first_slot"], _end_of_slots(state, node)
    total = 0.0
    for kind in range(len(state.task_shapes)):
        shape = state.task_shapes[kind]
        of_slot = min(shape["accelerators_milli"], WHOLE)
        free, usable, places = 0, 0, 0
        for slot in range(first, end):
            room = state.slots[slot, ROOM]
            free += room
            if room >= of_slot:
                usable += room
                places += room // of_slot
        total += _fragment_of_kind(shape, free, usable, places, cpu_milli, memory_b)
    return total


@compiled
def _fragment_by_slot(state: Any, node: int, milli: int, cpu_milli: int, memory_b: int) -> None:
    """Set column SUM of each slot that fits a share to the fragmentation with the share there: one look at all."""
    first, end = state.nodes[node]["first_slot"], _end_of_slots(state, node)
    for slot in range(first, end):
        state.slot_activity[slot, SUM] = 0.0
    for kind in range(len(state.task_shapes)):
        shape = state.task_shapes[kind]
        of_slot = min(shape["accelerators_milli"], WHOLE)
        free, usable, places = 0, 0, 0
        for slot in range(first, end):
            room = state.slots[slot, ROOM]
            free += room
            if room >= of_slot:
                usable += room
                places += room // of_slot
        for slot in range(first, end):
            room = state.slots[slot, ROOM]
            left = room - milli
            if left < 0:
                continue
            usable_then, places_then = usable, places
            if room >= of_slot:
                usable_then -= room
                places_then -= room // of_slot
            if left >= of_slot:
                usable_then += left
                places_then += left // of_slot
            state.slot_activity[slot, SUM] += _fragment_of_kind(
                shape, free - milli, usable_then, places_then, cpu_milli, memory_b
            )


@compiled
def _take_whole_slots(state: Any, node: int, milli: int) -> None:
    for slot in range(state.nodes[node]["first_slot"], _end_of_slots(state, node)):
        if milli > 0 and state.slots[slot, ROOM] == WHOLE:
            state.slots[slot, ROOM] = 0
            milli -= WHOLE


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node, and through `clock.wanted_slot` the slot, on which fragmentation grows least.

    Ties go to the node with the least free accelerators, then to the first.
    """
    asked = state.jobs[job]
    milli = asked["accelerators_milli"]
    best, best_slot, best_growth, best_free = -1, -1, math.inf, 0
    empty_models = 0  # The models of which an empty node was seen, as bits: one is as good as the next,
    alike = state.clock[0]["tenancy"] != DEDICATED_PODS  # unless it stands in a rack of somebody else's.
    for node in range(len(state.nodes)):
        row = state.nodes[node]
        if alike and state.idle[node] == 1 and row["model"] < MOST_MODELS:
            if empty_models >> row["model"] & 1:
                continue
            empty_models |= 1 << row["model"]
        if not fits(state, job, node):
            continue
        first, end = row["first_slot"], _end_of_slots(state, node)
        for slot in range(first, end):
            state.slots[slot, ROOM] = state.slots[slot, 0]
        before = fragment_milli(state, node, row["free_cpu_milli"], row["free_memory_b"])
        cpu_milli, memory_b = row["free_cpu_milli"] - asked["cpu_milli"], row["free_memory_b"] - asked["memory_b"]
        growth, chosen = math.inf, -1
        if asked["exclusive"] == 1 or milli == 0 or milli >= WHOLE:
            _take_whole_slots(state, node, (end - first) * WHOLE if asked["exclusive"] == 1 else milli)
            growth = fragment_milli(state, node, cpu_milli, memory_b) - before
        else:
            _fragment_by_slot(state, node, milli, cpu_milli, memory_b)
            for slot in range(first, end):
                if state.slots[slot, ROOM] >= milli and state.slot_activity[slot, SUM] - before < growth:
                    growth, chosen = state.slot_activity[slot, SUM] - before, slot
        free = row["free_accelerators_milli"]
        if best < 0 or growth < best_growth or (growth == best_growth and free < best_free):
            best, best_slot, best_growth, best_free = node, chosen, growth, free
    state.clock[0]["wanted_slot"] = best_slot
    return best
