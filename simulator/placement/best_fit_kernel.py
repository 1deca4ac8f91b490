"""Best fit, as a compiled choice."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from ..engine.holding_kernel import WHOLE
from ..engine.state import CHOOSE_SIGNATURE
from .scoring_kernel import demand_share, least_score


@compiled
def score(state: Any, job: int, node: int) -> float:
    """Return what would be left of the node, each resource as a share of its capacity, summed."""
    row, asked = state.nodes[node], state.jobs[job]
    model = state.models[row["model"]]
    return (
        demand_share(row["free_accelerators_milli"] - asked["accelerators_milli"], model["accelerators"] * WHOLE)
        + demand_share(row["free_cpu_milli"] - asked["cpu_milli"], model["cpu_milli"])
        + demand_share(row["free_memory_b"] - asked["memory_b"], model["memory_b"])
    )


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the node on which least is left over."""
    return least_score(state, job, score)
