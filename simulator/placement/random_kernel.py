"""Random placement, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import fits
from ..engine.state import CHOOSE_SIGNATURE

MULTIPLIER, MODULUS = 48271, 2147483647


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return one of the nodes that fit, each as likely, by reservoir sampling.

    The draws are Park and Miller's minimal standard generator, whose products stay inside 64-bit integers; its state
    starts from the scenario's stream "placement".
    """
    clock = state.clock[0]
    chosen, count = -1, 0
    for node in range(len(state.nodes)):
        if fits(state, job, node):
            count += 1
            clock["random"] = clock["random"] * MULTIPLIER % MODULUS
            if clock["random"] % count == 0:
                chosen = node
    return chosen
