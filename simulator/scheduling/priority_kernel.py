"""Priority order with preemption, as a compiled pass."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled_as

from ..engine.state import SCHEDULE_SIGNATURE
from .preemption_kernel import HELD_UP, HOLDS_UP_ALL, start_or_preempt


@compiled_as(SCHEDULE_SIGNATURE)
def schedule(state: Any, choose: Any) -> int:
    """Start jobs by priority, then submission, until one does not fit; it may take room from lower priorities."""
    started = 0
    for queue in range(len(state.queues)):
        while state.queues[queue]["head"] >= 0:
            outcome = start_or_preempt(state, state.queues[queue]["head"], choose)
            if outcome == HOLDS_UP_ALL:
                return started
            if outcome == HELD_UP:
                break
            started += 1
    return started
