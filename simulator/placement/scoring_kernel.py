"""Pick the node with the least score: what most placement policies have in common."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, spliced

from ..engine.holding_kernel import fits


@spliced
def least_score(state: Any, job: int, score: Any) -> int:
    """Return the node that fits with the least `score(state, job, node)`, the first of equals, -1 if none fits."""
    best, best_score = -1, math.inf
    for node in range(len(state.nodes)):
        if fits(state, job, node):
            value = score(state, job, node)
            if value < best_score or best < 0:
                best, best_score = node, value
    return best


@compiled
def demand_share(asked: int, capacity: int) -> float:
    """Return what is asked over what a node has, 0 where it has none."""
    return asked / capacity if capacity > 0 else 0.0
