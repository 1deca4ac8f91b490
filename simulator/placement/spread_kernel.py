"""Spread, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.state import CHOOSE_SIGNATURE
from .scoring_kernel import least_score


@compiled
def score(state: Any, job: int, node: int) -> float:
    """Return the job's own tasks in the node's rack, then all tasks on the node, as one number that sorts so."""
    rack = state.nodes[node]["rack"]
    in_rack = 0
    index = state.jobs[job]["first_holding"]
    while index >= 0:
        if state.nodes[state.holdings[index]["node"]]["rack"] == rack:
            in_rack += 1
        index = state.holdings[index]["next_of_job"]
    return in_rack * 1e6 + state.nodes[node]["residents"]


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node in the rack with fewest tasks of this job, there the least occupied."""
    return least_score(state, job, score)
