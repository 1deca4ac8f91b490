"""Try to start one job: cheap refusals first, then the placement policy."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_apart

from ..engine.holding_kernel import idle_nodes, place_each
from ..engine.lifecycle_kernel import start


@compiled
def room_at_all(state: Any, job: int) -> bool:
    """Return whether the sums over the nodes that the job accepts leave room; true does not promise a placement."""
    row = state.jobs[job]
    nodes, cpu_milli, accelerators_milli = 0, 0, 0
    for model in range(len(state.models)):
        if state.accepts[row["constraint"], model]:
            nodes += state.models[model]["idle_nodes"]
            cpu_milli += state.models[model]["free_cpu_milli"]
            accelerators_milli += state.models[model]["free_accelerators_milli"]
    if row["exclusive"] == 1:
        return bool(nodes >= row["tasks"])
    return bool(
        cpu_milli >= row["tasks"] * row["cpu_milli"] and accelerators_milli >= row["tasks"] * row["accelerators_milli"]
    )


@compiled
def restore_gang(state: Any, job: int) -> None:
    """Let a waiting gang that can shrink ask for all that it wants."""
    row = state.jobs[job]
    if row["training"] >= 0:
        row["tasks"] = state.trainings[row["training"]]["wanted_tasks"]


@compiled
def _shrink(state: Any, job: int) -> bool:
    """Let a gang that can shrink ask for no more nodes than are idle; return whether that is enough."""
    row = state.jobs[job]
    if row["training"] < 0:
        return False
    training = state.trainings[row["training"]]
    if training["least_tasks"] == 0:
        return False
    missing = training["wanted_tasks"] - idle_nodes(state, job)
    steps = -(-missing // training["task_step"])
    row["tasks"] = training["wanted_tasks"] - max(steps, 0) * training["task_step"]
    return bool(row["tasks"] >= training["least_tasks"])


@compiled
def _give_up_step(state: Any, job: int) -> bool:
    """Let a gang that can shrink ask for a step less; return whether it can."""
    row = state.jobs[job]
    if row["training"] < 0:
        return False
    training = state.trainings[row["training"]]
    if training["least_tasks"] == 0 or row["tasks"] - training["task_step"] < training["least_tasks"]:
        return False
    row["tasks"] -= training["task_step"]
    return True


@compiled_apart
def try_start(state: Any, job: int, choose: Any) -> bool:
    """Start a queued job if it can be placed now; return whether it was started.

    A gang that can shrink starts with the nodes that there are, and that its placement lets it have.
    """
    if not room_at_all(state, job) and not _shrink(state, job):
        restore_gang(state, job)
        return False
    while place_each(state, job, choose) == 0:
        if not _give_up_step(state, job):
            restore_gang(state, job)
            return False
    start(state, job)
    return True
