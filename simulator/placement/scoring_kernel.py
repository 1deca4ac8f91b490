"""Pick the node with the least score: what most placement policies have in common."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, spliced

from ..engine.holding_kernel import WHOLE, fits


@compiled
def largest_node(state: Any) -> tuple[float, float]:
    """Return the most accelerators, in thousandths, and the most cores, in thousandths, that a node of the hall has.

    At least 1 each, so that shares of them are defined.
    """
    accelerators_milli, cpu_milli = 1.0, 1.0
    for model in range(len(state.models)):
        accelerators_milli = max(accelerators_milli, float(state.models[model]["accelerators"] * WHOLE))
        cpu_milli = max(cpu_milli, float(state.models[model]["cpu_milli"]))
    return accelerators_milli, cpu_milli


@spliced
def least_score(state: Any, job: int, score: Any) -> int:
    """Return the node that fits with the least `score(state, job, node, accelerators_milli, cpu_milli)`.

    The last two are the hall's largest node, by which resources are made comparable. The first of equals, -1 if none
    fits.
    """
    best, best_score = -1, math.inf
    accelerators_milli, cpu_milli = largest_node(state)
    for node in range(len(state.nodes)):
        if fits(state, job, node):
            value = score(state, job, node, accelerators_milli, cpu_milli)
            if value < best_score or best < 0:
                best, best_score = node, value
    return best
