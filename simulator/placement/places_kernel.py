"""Count the places that a job's tasks find on a node: what placement policies that fill groups of nodes share."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled

from ..engine.holding_kernel import WHOLE, fits, free_whole_slots

MOST_PLACES = 1 << 31
"""The places counted on a node for tasks that ask for nothing."""


@compiled
def places_on(state: Any, job: int, node: int, most: int) -> int:
    """Return how many tasks of the job fit on the node now, at most `most`."""
    if not fits(state, job, node):
        return 0
    row, asked = state.nodes[node], state.jobs[job]
    if asked["exclusive"] == 1:
        return 1
    places, milli = most, asked["accelerators_milli"]
    if asked["cpu_milli"] > 0:
        places = min(places, row["free_cpu_milli"] // asked["cpu_milli"])
    if asked["memory_b"] > 0:
        places = min(places, row["free_memory_b"] // asked["memory_b"])
    if milli >= WHOLE:
        places = min(places, free_whole_slots(state, node) * WHOLE // milli)
    elif milli > 0:
        in_slots = 0
        for slot in range(row["first_slot"], row["first_slot"] + state.models[row["model"]]["accelerators"]):
            in_slots += state.slots[slot, 0] // milli
        places = min(places, in_slots)
    return int(places)


@compiled
def tasks_missing(state: Any, job: int) -> int:
    """Return how many tasks of the job have no node yet."""
    missing = state.jobs[job]["tasks"]
    index = state.jobs[job]["first_holding"]
    while index >= 0:
        missing -= 1
        index = state.holdings[index]["next_of_job"]
    return int(missing)
