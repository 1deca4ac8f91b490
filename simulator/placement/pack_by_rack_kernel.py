"""Pack by rack, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import fits
from ..engine.state import CHOOSE_SIGNATURE
from .places_kernel import MOST_PLACES, places_on, tasks_missing


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
    missing = tasks_missing(state, job)
    for rack in range(len(state.racks)):
        state.racks[rack]["counted"] = 0
    for node in range(len(state.nodes)):
        state.racks[state.nodes[node]["rack"]]["counted"] += places_on(state, job, node, MOST_PLACES)
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
