"""A job's story: it arrives, waits, starts, works through its phases, is interrupted, returns, ends."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart
from models.workload.progress_kernel import nominal_rate

from .completion_kernel import move, push, remove, restore_order
from .holding_kernel import mark_job, mark_node, mark_residents, take_back_first
from .power_cap_kernel import node_clock
from .queue_kernel import dequeue, enqueue
from .state import COMPLETED, KILLED, PENDING, QUEUED, RUNNING

WORK, ACTIVITY, COMPUTE_SHARE = range(3)
MANY = 4
"""Where more than one in so many running jobs is dirty, the heap is made anew instead of moving entry by entry."""
ROUNDING = 1e-12
"""A job whose phases add up to its estimate is not killed for what doubles lose in the sum."""


@compiled
def arrive(state: Any, job: int) -> None:
    """Enter a job that was submitted; one that was rejected beforehand passes by."""
    row = state.jobs[job]
    if row["status"] == PENDING:
        row["status"] = QUEUED
        enqueue(state, job)


@compiled
def current_rate(state: Any, job: int) -> float:
    """Return the rate at which the job advances under the clocks it has now."""
    slowest = 1.0
    holding = state.jobs[job]["first_holding"]
    while holding >= 0:
        slowest = min(slowest, node_clock(state, state.holdings[holding]["node"]))
        holding = state.holdings[holding]["next_of_job"]
    row = state.jobs[job]
    return nominal_rate(slowest, row["clock"], state.phases[row["phase"], COMPUTE_SHARE])


@compiled
def due_s(state: Any, job: int) -> float:
    """Return the instant at which the job's phase ends, or the job is ended for overrunning."""
    row = state.jobs[job]
    if row["remaining_s"] <= 0.0:
        return float(row["as_of_s"])
    end_s = row["as_of_s"] + row["remaining_s"] / row["rate"] if row["rate"] > 0.0 else math.inf
    return min(end_s, row["kill_at_s"])


@compiled
def worked_s(state: Any, job: int) -> float:
    """Return the work that the job has done, as of its last change of rate [nominal s]."""
    row = state.jobs[job]
    return float(row["done_s"] + (state.phases[row["phase"], WORK] - row["remaining_s"]))


@compiled
def estimate_to_go_s(state: Any, job: int) -> float:
    """Return what is left of the job's estimate, less the work that it has kept from earlier starts [s]."""
    row = state.jobs[job]
    if row["interruptions"] == 0:
        return float(row["estimate_s"])
    return float(max(row["estimate_s"] - worked_s(state, job), 0.0))


@compiled_apart
def start(state: Any, job: int) -> None:
    """Start a queued job that has just been placed."""
    row, clock = state.jobs[job], state.clock[0]
    now_s = clock["now_s"]
    dequeue(state, job)
    row["status"] = RUNNING
    row["start_s"] = now_s
    if not row["first_start_s"] >= 0.0:
        row["first_start_s"] = now_s
        holding = row["first_holding"]
        while holding >= 0:  # The list is newest first; the job's first node is the last of it.
            row["first_node"] = state.holdings[holding]["node"]
            holding = state.holdings[holding]["next_of_job"]
    row["expected_end_s"] = now_s + estimate_to_go_s(state, job)
    row["kill_at_s"] = row["expected_end_s"] if row["kill_on_overrun"] == 1 else math.inf
    row["as_of_s"] = now_s
    row["rate"] = current_rate(state, job)
    clock["running"] += 1
    push(state, job, due_s(state, job))


@compiled
def settle_work(state: Any, job: int) -> None:
    """Bring the job's remaining work up to now."""
    row = state.jobs[job]
    now_s = state.clock[0]["now_s"]
    row["remaining_s"] = max(row["remaining_s"] - row["rate"] * (now_s - row["as_of_s"]), 0.0)
    row["as_of_s"] = now_s


@compiled
def _takes_new_rate(state: Any, job: int) -> bool:
    """Set the rate of a running job from the conditions it meets now; return whether it is another one."""
    row = state.jobs[job]
    if row["status"] != RUNNING:
        return False
    rate = current_rate(state, job)
    if rate == row["rate"]:
        return False
    settle_work(state, job)
    row["rate"] = rate
    return True


@compiled
def rerate_dirty(state: Any) -> None:
    """Set the rates of the dirty jobs, and when they fall due."""
    clock = state.clock[0]
    many = clock["dirty_jobs"] * MANY > clock["heap_size"]
    for index in range(clock["dirty_jobs"]):
        job = state.dirty[index, 1]
        state.jobs[job]["dirty"] = 0
        if _takes_new_rate(state, job):
            if many:
                state.jobs[job]["due_s"] = due_s(state, job)
            else:
                move(state, job, due_s(state, job))
    if many:
        restore_order(state)
    clock["dirty_jobs"] = 0


@compiled
def _leave_nodes(state: Any, job: int) -> None:
    row, clock = state.jobs[job], state.clock[0]
    row["held_s"] += clock["now_s"] - row["start_s"]
    while row["first_holding"] >= 0:
        take_back_first(state, job)
    clock["running"] -= 1
    remove(state, job)


@compiled_apart
def end(state: Any, job: int, status: int) -> None:
    """End a running job and free what it holds."""
    row, clock = state.jobs[job], state.clock[0]
    _leave_nodes(state, job)
    row["status"] = status
    row["end_s"] = clock["now_s"]
    if status == COMPLETED:
        clock["completed"] += 1
    else:
        clock["killed"] += 1
    if row["watched"] == 1:
        clock["watched_ended"] += 1


@compiled
def fall_due(state: Any, job: int) -> None:
    """Turn the job to its next phase, or end it: what fell due at `now`."""
    row = state.jobs[job]
    now_s = state.clock[0]["now_s"]
    phase_end_s = row["as_of_s"] + row["remaining_s"] / row["rate"] if row["rate"] > 0.0 else math.inf
    if row["remaining_s"] > 0.0 and row["kill_at_s"] * (1.0 + ROUNDING) < phase_end_s:
        settle_work(state, job)
        row["lost_s"] += worked_s(state, job)
        end(state, job, KILLED)
        return
    row["done_s"] += state.phases[row["phase"], WORK]
    if row["phase"] + 1 >= row["end_phase"]:
        row["remaining_s"] = 0.0
        end(state, job, COMPLETED)
        return
    before, share_before = state.phases[row["phase"], ACTIVITY], state.phases[row["phase"], COMPUTE_SHARE]
    row["phase"] += 1
    row["as_of_s"] = now_s
    row["remaining_s"] = state.phases[row["phase"], WORK]
    move(state, job, due_s(state, job))
    if state.phases[row["phase"], COMPUTE_SHARE] != share_before:
        mark_job(state, job)
    if state.phases[row["phase"], ACTIVITY] != before:
        holding = row["first_holding"]
        while holding >= 0:
            mark_node(state, state.holdings[holding]["node"])
            mark_residents(state, state.holdings[holding]["node"])
            holding = state.holdings[holding]["next_of_job"]


@compiled_apart
def interrupt(state: Any, job: int, keep: int) -> None:
    """Take a running job off its nodes and put it back into its line.

    With `keep` it resumes at its last checkpoint (the greatest multiple of its checkpoint interval that its work has
    passed, none where it has no interval); otherwise at its beginning. What is done anew counts as lost.
    """
    row = state.jobs[job]
    settle_work(state, job)
    done_s = worked_s(state, job)
    kept_s = 0.0
    if keep == 1 and row["checkpoint_interval_s"] > 0.0:
        kept_s = min(math.floor(done_s / row["checkpoint_interval_s"]) * row["checkpoint_interval_s"], done_s)
    row["lost_s"] += done_s - kept_s
    while row["phase"] > row["first_phase"] and kept_s < row["done_s"]:
        row["phase"] -= 1
        row["done_s"] -= state.phases[row["phase"], WORK]
    if row["phase"] == row["first_phase"]:
        row["done_s"] = 0.0
    row["remaining_s"] = state.phases[row["phase"], WORK] - (kept_s - row["done_s"])
    row["interruptions"] += 1
    state.clock[0]["interruptions"] += 1
    _leave_nodes(state, job)
    row["status"] = QUEUED
    enqueue(state, job)
