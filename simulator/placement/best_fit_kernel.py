"""Best fit, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.state import CHOOSE_SIGNATURE
from .scoring_kernel import least_score


@compiled
def score(state: Any, job: int, node: int, accelerators_milli: float, cpu_milli: float) -> float:
    """Return what would be left of the node's accelerators and cores, as shares of the largest node's, summed."""
    row, asked = state.nodes[node], state.jobs[job]
    return float(
        (row["free_accelerators_milli"] - asked["accelerators_milli"]) / accelerators_milli
        + (row["free_cpu_milli"] - asked["cpu_milli"]) / cpu_milli
    )


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node on which least is left over."""
    return least_score(state, job, score)
