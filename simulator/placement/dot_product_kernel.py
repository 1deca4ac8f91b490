"""Dot product alignment, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.state import CHOOSE_SIGNATURE
from .scoring_kernel import least_score


@compiled
def score(state: Any, job: int, node: int, accelerators_milli: float, cpu_milli: float) -> float:
    """Return the dot product of demand and free resources, both as shares of the largest node's."""
    row, asked = state.nodes[node], state.jobs[job]
    return float(
        asked["accelerators_milli"] / accelerators_milli * (row["free_accelerators_milli"] / accelerators_milli)
        + asked["cpu_milli"] / cpu_milli * (row["free_cpu_milli"] / cpu_milli)
    )


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node whose free resources are least aligned with the demand, which leaves aligned ones for later."""
    return least_score(state, job, score)
