"""A job's story: it arrives, waits, starts, works through its phases, is interrupted, returns, ends."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart
from models.workload.progress_kernel import nominal_rate, step_rate

from .completion_kernel import move, push, remove, restore_order
from .holding_kernel import idle_nodes, mark_job, take_back_first
from .pause_kernel import (
    begin_due_pause,
    begin_pause,
    conclude_pause,
    count_pause,
    is_hung,
    mark_gang,
    settle_durable,
    tell,
    until_mark_s,
)
from .power_cap_kernel import node_clock
from .queue_kernel import dequeue, enqueue
from .state import (
    COMPLETED,
    ENDED,
    HUNG,
    INTERRUPTED,
    KILLED,
    PENDING,
    QUEUED,
    RUNNING,
    SAVING,
    STARTED,
    STARTING,
    WORKING,
)

WORK, ACTIVITY, COMPUTE_SHARE = range(3)
ANEW, FROM_CHECKPOINT, AS_IT_STANDS = range(3)
"""What an interrupted job keeps of its work."""
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
    share = state.phases[row["phase"], COMPUTE_SHARE]
    if row["training"] >= 0:
        gang_speed = state.trainings[row["training"]]["gang_speed"]
        return float(step_rate(slowest, row["clock"], share) * gang_speed * row["speed"])
    return float(nominal_rate(slowest, row["clock"], share) * row["speed"])


@compiled
def due_s(state: Any, job: int) -> float:
    """Return the instant at which the job's phase ends, or the job is ended for overrunning."""
    row = state.jobs[job]
    left_s = min(row["remaining_s"], until_mark_s(state, job))
    if left_s <= 0.0:
        return float(row["as_of_s"])
    end_s = row["as_of_s"] + left_s / row["rate"] if row["rate"] > 0.0 else math.inf
    return min(end_s, max(row["kill_at_s"], row["as_of_s"]))  # A job that hung may be long overdue.


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
    clock["running"] += 1
    if row["training"] >= 0:
        _start_training(state, job)
    else:
        row["rate"] = current_rate(state, job)
        push(state, job, due_s(state, job))


@compiled
def _start_training(state: Any, job: int) -> None:
    """Let a training job load its state, if that takes time, before it works at the speed of the gang that it got."""
    row = state.jobs[job]
    training = state.trainings[row["training"]]
    training["gang_speed"] = 1.0
    if training["least_tasks"] > 0:
        step = (row["tasks"] - training["least_tasks"]) // training["task_step"]
        training["gang_speed"] = state.gang_speeds[training["first_speed"] + step]
        training["idle_left"] = idle_nodes(state, job)
    tell(state, job, STARTED)
    loading_s = _loading_s(state, job)
    push(state, job, math.inf)
    if loading_s > 0.0:
        begin_pause(state, job, STARTING, loading_s)
    else:
        row["rate"] = current_rate(state, job)
        move(state, job, due_s(state, job))


@compiled
def _loading_s(state: Any, job: int) -> float:
    """Return how long the job's processes take to start [s], infinity where it has to be told."""
    row = state.jobs[job]
    training = state.trainings[row["training"]]
    return float(training["startup_s"] if row["interruptions"] == 0 else training["restart_s"])


@compiled
def settle_work(state: Any, job: int) -> None:
    """Bring the job's remaining work up to now."""
    row = state.jobs[job]
    now_s = state.clock[0]["now_s"]
    _count_work(state, job, row["rate"] * (now_s - row["as_of_s"]))
    row["as_of_s"] = now_s


@compiled
def _count_work(state: Any, job: int, work_s: float) -> None:
    row = state.jobs[job]
    row["remaining_s"] = max(row["remaining_s"] - work_s, 0.0)
    if row["training"] >= 0:
        training = state.trainings[row["training"]]
        training["checkpoint_left_s"] = max(training["checkpoint_left_s"] - work_s, 0.0)
        training["evaluation_left_s"] = max(training["evaluation_left_s"] - work_s, 0.0)


@compiled
def _takes_new_rate(state: Any, job: int) -> bool:
    """Set the rate of a running job from the conditions it meets now; return whether it is another one."""
    row = state.jobs[job]
    if row["status"] != RUNNING or row["pause"] != WORKING:
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
    tell(state, job, ENDED)


@compiled
def _break_off_training(state: Any, job: int, keep: int, done_s: float) -> float:
    """Return the work that a training job keeps, and set what is left until its next marks [nominal s]."""
    row = state.jobs[job]
    training = state.trainings[row["training"]]
    count_pause(state, job)
    settle_durable(state, job)
    kept_s = training["kept_s"] if keep == FROM_CHECKPOINT else (done_s if keep == AS_IT_STANDS else 0.0)
    training["kept_s"] = training["pending_s"] = kept_s
    training["durable_at_s"] = state.clock[0]["now_s"]
    if keep != AS_IT_STANDS or training["checkpoint_left_s"] <= 0.0:
        training["checkpoint_left_s"] = row["checkpoint_interval_s"] if row["checkpoint_interval_s"] > 0.0 else math.inf
    if training["evaluation_interval_s"] > 0.0:
        interval_s = training["evaluation_interval_s"]
        training["evaluation_left_s"] = interval_s - (kept_s - math.floor(kept_s / interval_s) * interval_s)
    if training["least_tasks"] > 0:
        row["tasks"] = training["wanted_tasks"]
    return float(kept_s)


@compiled_apart
def interrupt(state: Any, job: int, keep: int) -> None:
    """Take a running job off its nodes and put it back into its line.

    With `keep` FROM_CHECKPOINT it resumes at its last checkpoint (the greatest multiple of its checkpoint interval that
    its work has passed, none where it has no interval; a training job at the last that is durable), AS_IT_STANDS where
    it is, ANEW at its beginning. What is done anew counts as lost.
    """
    row = state.jobs[job]
    settle_work(state, job)
    done_s = worked_s(state, job)
    kept_s = 0.0
    if keep == AS_IT_STANDS:
        kept_s = done_s
    elif keep == FROM_CHECKPOINT and row["checkpoint_interval_s"] > 0.0:
        kept_s = min(math.floor(done_s / row["checkpoint_interval_s"]) * row["checkpoint_interval_s"], done_s)
    if row["training"] >= 0:
        kept_s = _break_off_training(state, job, keep, done_s)
    row["pause"] = WORKING
    row["lost_s"] += done_s - kept_s
    while row["phase"] > row["first_phase"] and kept_s < row["done_s"]:
        row["phase"] -= 1
        row["done_s"] -= state.phases[row["phase"], WORK]
    if row["phase"] == row["first_phase"]:
        row["done_s"] = 0.0
    row["remaining_s"] = state.phases[row["phase"], WORK] - (kept_s - row["done_s"])
    row["interruptions"] += 1
    state.clock[0]["interruptions"] += 1
    tell(state, job, INTERRUPTED)
    _leave_nodes(state, job)
    row["status"] = QUEUED
    enqueue(state, job)


@compiled_apart
def end_pause(state: Any, job: int) -> None:
    """Let a paused job go on: with the next pause that is due, else with its work."""
    row = state.jobs[job]
    saved = row["pause"] == SAVING
    conclude_pause(state, job, worked_s(state, job))
    if row["training"] >= 0:
        if saved and _could_grow(state, job):
            state.trainings[row["training"]]["regrown"] += 1
            interrupt(state, job, AS_IT_STANDS)
            return
        if begin_due_pause(state, job):
            return
    row["rate"] = current_rate(state, job)
    move(state, job, due_s(state, job))


@compiled
def _could_grow(state: Any, job: int) -> bool:
    """Return whether a gang that shrank finds nodes for one step more."""
    row = state.jobs[job]
    training = state.trainings[row["training"]]
    if training["least_tasks"] == 0 or row["tasks"] == training["wanted_tasks"]:
        return False
    idle = idle_nodes(state, job)
    return bool(idle >= training["task_step"] and idle > training["idle_left"])


@compiled_apart
def hang(state: Any, job: int) -> None:
    """Let a running job stand still, whatever it is doing, until it is interrupted or resumed."""
    row = state.jobs[job]
    if row["status"] != RUNNING or is_hung(state, job):
        return
    settle_work(state, job)
    count_pause(state, job)
    if row["training"] >= 0:
        training = state.trainings[row["training"]]
        training["broken_off"] = row["pause"]
        settle_durable(state, job)
        # What was still on its way to storage is lost with the hosts that sent it.
        training["pending_s"] = training["kept_s"]
        training["durable_at_s"] = row["as_of_s"]
    begin_pause(state, job, HUNG, math.inf)


@compiled_apart
def resume(state: Any, job: int) -> None:
    """Let a job that hangs go on; the pause that was broken off begins anew."""
    row = state.jobs[job]
    if row["status"] != RUNNING or not is_hung(state, job):
        return
    if row["training"] >= 0 and state.trainings[row["training"]]["broken_off"] == STARTING:
        count_pause(state, job)
        begin_pause(state, job, STARTING, _loading_s(state, job))
    else:
        end_pause(state, job)


@compiled
def fall_due(state: Any, job: int) -> None:
    """Turn the job to its next phase or pause, or end it: what fell due at `now`."""
    row = state.jobs[job]
    now_s = state.clock[0]["now_s"]
    if row["pause"] != WORKING:
        end_pause(state, job)
        return
    phase_end_s = row["as_of_s"] + row["remaining_s"] / row["rate"] if row["rate"] > 0.0 else math.inf
    if row["remaining_s"] > 0.0 and row["kill_at_s"] * (1.0 + ROUNDING) < phase_end_s:
        settle_work(state, job)
        row["lost_s"] += worked_s(state, job)
        end(state, job, KILLED)
        return
    if until_mark_s(state, job) < row["remaining_s"]:
        _count_work(state, job, until_mark_s(state, job))
        begin_due_pause(state, job)
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
        mark_gang(state, job)
