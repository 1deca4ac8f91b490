"""Spread, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.state import CHOOSE_SIGNATURE
from .scoring_kernel import least_score


@compiled
def score(state: Any, job: int, node: int, accelerators_milli: float, cpu_milli: float) -> float:
    """Return the job's own tasks in the node's rack, then all tasks on the node, as one number that sorts so."""
    row = state.nodes[node]
    return state.racks[row["rack"]]["counted"] * 1e6 + row["residents"]


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node in the rack with fewest tasks of this job, there the least occupied."""
    for rack in range(len(state.racks)):
        state.racks[rack]["counted"] = 0
    index = state.jobs[job]["first_holding"]
    while index >= 0:
        state.racks[state.nodes[state.holdings[index]["node"]]["rack"]]["counted"] += 1
        index = state.holdings[index]["next_of_job"]
    return least_score(state, job, score)
