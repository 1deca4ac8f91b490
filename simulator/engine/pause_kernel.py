"""Pauses of a running job: it starts, saves, evaluates or hangs, holds its nodes and makes no progress."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart

from .completion_kernel import move
from .holding_kernel import mark_node, mark_residents
from .state import EVALUATING, HUNG, PAUSED, RESUMED, SAVING, WORKING


@compiled
def busy(state: Any, job: int) -> float:
    """Return how busy the job keeps what it holds now (0 to 1)."""
    row = state.jobs[job]
    if row["pause"] != WORKING:
        return float(state.trainings[row["training"]]["pause_activity"]) if row["training"] >= 0 else 0.0
    return float(state.phases[row["phase"], 1])


@compiled
def tell(state: Any, job: int, news: int) -> None:
    """Have a training job told of; others have nothing to tell."""
    training = state.jobs[job]["training"]
    if training >= 0:
        row = state.trainings[training]
        if row["news"] == 0:
            state.clock[0]["told"] += 1
        row["news"] |= news


@compiled_apart
def mark_gang(state: Any, job: int) -> None:
    """Ask for the power of every node that the job holds to be evaluated anew."""
    holding = state.jobs[job]["first_holding"]
    while holding >= 0:
        mark_node(state, state.holdings[holding]["node"])
        mark_residents(state, state.holdings[holding]["node"])
        holding = state.holdings[holding]["next_of_job"]


@compiled
def begin_pause(state: Any, job: int, kind: int, length_s: float) -> None:
    """Stop a job whose work was brought up to now, for a time [s] or until it is told (infinity)."""
    row, now_s = state.jobs[job], state.clock[0]["now_s"]
    row["pause"] = kind
    row["rate"] = 0.0
    row["as_of_s"] = now_s
    if row["training"] >= 0:
        state.trainings[row["training"]]["pause_since_s"] = now_s
    tell(state, job, PAUSED)
    mark_gang(state, job)
    move(state, job, now_s + length_s)


@compiled
def count_pause(state: Any, job: int) -> None:
    """Add the pause so far to its kind's sum."""
    row, now_s = state.jobs[job], state.clock[0]["now_s"]
    if row["pause"] != WORKING and row["training"] >= 0:
        training = state.trainings[row["training"]]
        training["paused_s"][row["pause"]] += now_s - training["pause_since_s"]
        training["pause_since_s"] = now_s


@compiled
def settle_durable(state: Any, job: int) -> None:
    """Count the last checkpoint as kept if it is durable by now."""
    training = state.trainings[state.jobs[job]["training"]]
    if training["durable_at_s"] <= state.clock[0]["now_s"]:
        training["kept_s"] = training["pending_s"]


@compiled_apart
def begin_due_pause(state: Any, job: int) -> bool:
    """Begin the pause for which the job has done its work, if there is one; return whether it did.

    A checkpoint waits until the one before it is durable.
    """
    training = state.trainings[state.jobs[job]["training"]]
    if training["checkpoint_left_s"] <= 0.0:
        settle_durable(state, job)
        waits_s = max(training["durable_at_s"] - state.clock[0]["now_s"], 0.0) if training["checkpoints"] > 0 else 0.0
        begin_pause(state, job, SAVING, waits_s + training["saving_s"])
        return True
    if training["evaluation_left_s"] <= 0.0:
        begin_pause(state, job, EVALUATING, training["evaluation_s"])
        return True
    return False


@compiled_apart
def conclude_pause(state: Any, job: int, worked_s: float) -> None:
    """End a pause that was not broken off: what it was for is done. `worked_s` is the job's work so far."""
    row, now_s = state.jobs[job], state.clock[0]["now_s"]
    count_pause(state, job)
    kind = row["pause"]
    row["pause"] = WORKING
    row["as_of_s"] = now_s
    mark_gang(state, job)
    if row["training"] < 0:
        return
    training = state.trainings[row["training"]]
    tell(state, job, RESUMED)
    if kind == SAVING:
        settle_durable(state, job)
        training["checkpoints"] += 1
        training["checkpoint_left_s"] = row["checkpoint_interval_s"]
        training["pending_s"] = worked_s
        training["durable_at_s"] = now_s + training["durable_after_s"]
        settle_durable(state, job)
    elif kind == EVALUATING:
        training["evaluation_left_s"] = training["evaluation_interval_s"]


@compiled
def is_hung(state: Any, job: int) -> bool:
    """Return whether the job hangs."""
    return bool(state.jobs[job]["pause"] == HUNG)


@compiled
def until_mark_s(state: Any, job: int) -> float:
    """Return the work left until the job's next checkpoint or evaluation, infinity if it has none [nominal s]."""
    training = state.jobs[job]["training"]
    if training < 0:
        return math.inf
    row = state.trainings[training]
    return float(min(row["checkpoint_left_s"], row["evaluation_left_s"]))
