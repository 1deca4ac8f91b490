"""Fragmentation gradient descent (FGD), as a compiled choice.

Q. Weng et al.: Beware of Fragmentation: Scheduling GPU-Sharing Workloads with Fragmentation Gradient Descent, USENIX
ATC 2023.
"""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import WHOLE, fits
from ..engine.state import CHOOSE_SIGNATURE


@compiled
def fragment_milli(state: Any, node: int, cpu_milli: int, memory_b: int) -> float:
    """Return the accelerator thousandths of a node that the expected tasks can not use, given what else is free.

    For each expected kind of task, weighted with its share: all free accelerators where the task can not run on the
    node, else those of slots with less free than the task asks of one slot (section 3 of the paper). The slots are
    read from column 2, the scratch of this policy.
    """
    first = state.nodes[node]["first_slot"]
    end = first + state.models[state.nodes[node]["model"]]["accelerators"]
    total = 0.0
    for kind in range(len(state.task_shapes)):
        shape = state.task_shapes[kind]
        milli = shape["accelerators_milli"]
        of_slot = milli if milli < WHOLE else WHOLE
        free, usable, places = 0, 0, 0
        for slot in range(first, end):
            room = state.slots[slot, 2]
            free += room
            if of_slot > 0 and room >= of_slot:
                usable += room
                places += room // of_slot
        needed = 1 if milli < WHOLE else milli // WHOLE
        runs = (
            milli > 0 and places >= needed and cpu_milli >= shape["cpu_milli"] and memory_b >= shape["memory_b"]
        )
        total += shape["share"] * (free - usable if runs else free)
    return total


@compiled
def _copy_slots(state: Any, node: int) -> None:
    first = state.nodes[node]["first_slot"]
    for slot in range(first, first + state.models[state.nodes[node]["model"]]["accelerators"]):
        state.slots[slot, 2] = state.slots[slot, 0]


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node, and through `clock.wanted_slot` the slot, on which fragmentation grows least.

    Ties go to the node with the least free accelerators, then to the first.
    """
    asked = state.jobs[job]
    milli = asked["accelerators_milli"]
    best, best_slot, best_growth, best_free = -1, -1, math.inf, 0
    for node in range(len(state.nodes)):
        if not fits(state, job, node):
            continue
        row = state.nodes[node]
        model = state.models[row["model"]]
        _copy_slots(state, node)
        before = fragment_milli(state, node, row["free_cpu_milli"], row["free_memory_b"])
        cpu_milli, memory_b = row["free_cpu_milli"] - asked["cpu_milli"], row["free_memory_b"] - asked["memory_b"]
        first = row["first_slot"]
        end = first + model["accelerators"]
        node_growth, node_slot = math.inf, -1
        if asked["exclusive"] == 1 or milli == 0 or milli >= WHOLE:
            missing = model["accelerators"] * WHOLE if asked["exclusive"] == 1 else milli
            for slot in range(first, end):
                if missing > 0 and state.slots[slot, 2] == WHOLE:
                    state.slots[slot, 2] = 0
                    missing -= WHOLE
            node_growth = fragment_milli(state, node, cpu_milli, memory_b) - before
        else:
            for slot in range(first, end):
                if state.slots[slot, 2] >= milli:
                    state.slots[slot, 2] -= milli
                    growth = fragment_milli(state, node, cpu_milli, memory_b) - before
                    state.slots[slot, 2] += milli
                    if growth < node_growth:
                        node_growth, node_slot = growth, slot
        free = row["free_accelerators_milli"]
        if best < 0 or node_growth < best_growth or (node_growth == best_growth and free < best_free):
            best, best_slot, best_growth, best_free = node, node_slot, node_growth, free
    state.clock[0]["wanted_slot"] = best_slot
    return best
