"""First come, first served, as a compiled pass."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled_as

from ..engine.state import SCHEDULE_SIGNATURE
from .attempt_kernel import try_start


@compiled_as(SCHEDULE_SIGNATURE)
def schedule(state: Any, choose: Any) -> int:
    """Start jobs from the head of the line until one does not fit."""
    started = 0
    while state.queues[0]["head"] >= 0 and try_start(state, state.queues[0]["head"], choose):
        started += 1
    return started
