"""Dot product alignment, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import WHOLE
from ..engine.state import CHOOSE_SIGNATURE
from .scoring_kernel import demand_share, least_score


@compiled
def score(state: Any, job: int, node: int) -> float:
    """Return the dot product of the task's demand and the node's free resources, each over the node's capacity."""
    row, asked = state.nodes[node], state.jobs[job]
    model = state.models[row["model"]]
    accelerators = model["accelerators"] * WHOLE
    return (
        demand_share(asked["accelerators_milli"], accelerators) * demand_share(row["free_accelerators_milli"], accelerators)
        + demand_share(asked["cpu_milli"], model["cpu_milli"]) * demand_share(row["free_cpu_milli"], model["cpu_milli"])
        + demand_share(asked["memory_b"], model["memory_b"]) * demand_share(row["free_memory_b"], model["memory_b"])
    )


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node whose free resources are least aligned with the demand, which leaves aligned ones for later."""
    return least_score(state, job, score)
