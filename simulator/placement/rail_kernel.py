"""Rail by rail, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import fits
from ..engine.state import CHOOSE_SIGNATURE
from .places_kernel import MOST_PLACES, places_on, tasks_missing


@compiled
def _next_in_block(state: Any, job: int, block: int, first: int) -> int:
    for node in range(first, len(state.nodes)):
        if state.nodes[node]["block"] == block and fits(state, job, node):
            return node
    return -1


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the next node of the previous task's block while there is one, else the first of the block chosen anew.

    Anew means: the block with the fewest places among those with a place for all that remain, else the block with the
    most. No node of the block before the previous one has a place: an equal task found none there a moment ago.
    """
    nodes = state.nodes
    if previous >= 0:
        node = _next_in_block(state, job, nodes[previous]["block"], previous)
        if node >= 0:
            return node
    missing = tasks_missing(state, job)
    for node in range(len(nodes)):
        nodes[node]["counted"] = 0
    for node in range(len(nodes)):
        nodes[nodes[node]["block"]]["counted"] += places_on(state, job, node, MOST_PLACES)
    best, best_places = -1, 0
    for block in range(len(nodes)):
        places = nodes[block]["counted"]
        if places == 0:
            continue
        holds_all, best_holds_all = places >= missing, best_places >= missing
        if (
            best < 0
            or (holds_all and (not best_holds_all or places < best_places))
            or (not holds_all and not best_holds_all and places > best_places)
        ):
            best, best_places = block, places
    return _next_in_block(state, job, best, 0) if best >= 0 else -1
