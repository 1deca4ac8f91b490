"""Pack by rack, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import WHOLE, fits, free_whole_slots
from ..engine.state import CHOOSE_SIGNATURE

MOST_PLACES = 1 << 31
"""The places counted on a node for tasks that ask for nothing."""


@compiled
def _places(state: Any, job: int, node: int, most: int) -> int:
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
def _busiest_in_rack(state: Any, job: int, rack: int) -> int:
    best, most = -1, -1
    for node in range(len(state.nodes)):
        row = state.nodes[node]
        if row["rack"] == rack and row["residents"] > most and fits(state, job, node):
            best, most = node, row["residents"]
    return best


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return a node of the previous task's rack while it has one, else of the rack chosen anew.

    Anew means: the rack with the fewest places for such tasks among those with a place for all that remain (which
    fills racks up), else the rack with the most (which spans the fewest). Within a rack the busiest node goes first.
    """
    if previous >= 0:
        node = _busiest_in_rack(state, job, state.nodes[previous]["rack"])
        if node >= 0:
            return node
    missing = state.jobs[job]["tasks"]
    index = state.jobs[job]["first_holding"]
    while index >= 0:
        missing -= 1
        index = state.holdings[index]["next_of_job"]
    for rack in range(len(state.racks)):
        state.racks[rack]["counted"] = 0
    for node in range(len(state.nodes)):
        state.racks[state.nodes[node]["rack"]]["counted"] += _places(state, job, node, MOST_PLACES)
    best, best_places = -1, 0
    for rack in range(len(state.racks)):
        places = state.racks[rack]["counted"]
        if places == 0:
            continue
        holds_all, best_holds_all = places >= missing, best_places >= missing
        if (
            best < 0
            or (holds_all and (not best_holds_all or places < best_places))
            or (not holds_all and not best_holds_all and places > best_places)
        ):
            best, best_places = rack, places
    return _busiest_in_rack(state, job, best) if best >= 0 else -1
