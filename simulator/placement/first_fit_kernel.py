"""First fit, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled_as

from ..engine.holding_kernel import fits
from ..engine.state import CHOOSE_SIGNATURE


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the first node that fits; nodes before the previous task's did not fit an equal task a moment ago."""
    exclusive = state.jobs[job]["exclusive"] == 1
    for node in range(max(previous, 0), len(state.nodes)):
        if exclusive and state.idle[node] == 0:
            continue
        if fits(state, job, node):
            return node
    return -1
