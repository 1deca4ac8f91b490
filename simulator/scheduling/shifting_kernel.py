"""Shifting in time, as a compiled pass: a line of jobs held back beside the open line that another policy serves."""

from __future__ import annotations

import math
from typing import Any

from models.compiled import compiled, compiled_apart, compiled_as

from ..engine.queue_kernel import dequeue, enqueue
from ..engine.state import SCHEDULE_SIGNATURE
from . import easy_backfill_kernel, fcfs_kernel

OPEN, HELD = range(2)
"""Lines: jobs that may start, and jobs that wait for a better hour."""
DEPTH, PATIENCE_S, GREATEST_PRIORITY, BELOW, LEAST_SAVING = range(5)
"""Indices of the policy's parameters: the depth of EASY backfill (where its pass looks for it), the longest time that a
job is held, the greatest priority of a job that may be held, the value at which none is (NaN: the best start counts),
and the share by which a later start must be better."""
SWEPT, WEIGHED = range(5, 7)
"""Written by this pass: the interval of the signal in which all were weighed, and the last job that was."""
FIRST_S, STEP_S, COUNT, GREATEST, VALUES = range(7, 12)
"""The signal as `assembly.signals` lays it out: first edge, step, count, greatest magnitude, then the values, and the
integral at each edge."""
ROUNDING = 1e-9
"""Share of the signal's greatest magnitude by which a later start must be cheaper: what sums of doubles lose, and
more."""


@compiled
def _integral(state: Any, at_s: float) -> float:
    """Return the integral of the signal from its first edge to an instant, which stays within the signal."""
    numbers = state.parameters
    count = int(numbers[COUNT])
    interval = int(math.floor((at_s - numbers[FIRST_S]) / numbers[STEP_S]))
    interval = min(max(interval, 0), count - 1)
    since_s = at_s - (numbers[FIRST_S] + interval * numbers[STEP_S])
    return float(numbers[VALUES + count + interval] + numbers[VALUES + interval] * since_s)


@compiled
def _mean_from(state: Any, job: int, start_s: float) -> float:
    """Return the mean of the signal over the job's estimate from a start on, as far as the signal is known."""
    numbers = state.parameters
    end_s = min(start_s + max(state.jobs[job]["estimate_s"], 1.0), numbers[FIRST_S] + numbers[COUNT] * numbers[STEP_S])
    return (_integral(state, end_s) - _integral(state, start_s)) / (end_s - start_s)


@compiled
def _interval_at(state: Any, at_s: float) -> int:
    """Return the interval of an instant; an edge belongs to what begins there, whatever its sum of doubles lost."""
    return int(math.floor((at_s - state.parameters[FIRST_S]) / state.parameters[STEP_S] + ROUNDING))


@compiled_apart
def _better_later(state: Any, job: int) -> bool:
    """Return whether a later edge of the signal, no later than the job's latest start, is a better start than now."""
    numbers, row = state.parameters, state.jobs[job]
    now_s, latest_s = state.clock[0]["now_s"], row["submit_s"] + numbers[PATIENCE_S]
    count, interval = int(numbers[COUNT]), _interval_at(state, now_s)
    if interval >= count or row["first_start_s"] >= 0.0:  # Who has started once is not held again.
        return False
    if numbers[BELOW] == numbers[BELOW]:
        if numbers[VALUES + interval] <= numbers[BELOW]:
            return False
        for later in range(interval + 1, count):
            if numbers[FIRST_S] + later * numbers[STEP_S] > latest_s:
                return False
            if numbers[VALUES + later] <= numbers[BELOW]:
                return True
        return False
    good_enough = _mean_from(state, job, now_s)
    good_enough -= max(ROUNDING * numbers[GREATEST], numbers[LEAST_SAVING] * abs(good_enough))
    for later in range(interval + 1, count):
        edge_s = numbers[FIRST_S] + later * numbers[STEP_S]
        if edge_s > latest_s:
            return False
        if _mean_from(state, job, edge_s) < good_enough:
            return True
    return False


@compiled_apart
def _weigh(state: Any, job: int) -> None:
    """Put a waiting job into the line where it belongs now."""
    row, clock = state.jobs[job], state.clock[0]
    line = HELD if row["priority"] <= state.parameters[GREATEST_PRIORITY] and _better_later(state, job) else OPEN
    if row["queue"] != line:
        schedule_needed = clock["schedule_needed"]
        dequeue(state, job)
        row["queue"] = line
        enqueue(state, job)
        clock["schedule_needed"] = schedule_needed  # It waits as before, and this is the pass.


@compiled_apart
def _weigh_all(state: Any) -> None:
    """Weigh every waiting job once in each interval of the signal; between, those that have come since."""
    numbers = state.parameters
    interval = float(_interval_at(state, state.clock[0]["now_s"]))
    if interval != numbers[SWEPT]:
        numbers[SWEPT] = interval
        for line in range(2):
            job = state.queues[line]["head"]
            while job >= 0:
                following = state.jobs[job]["next"]
                _weigh(state, job)
                job = following
    else:
        job = state.queues[HELD]["tail"]  # Where they arrive.
        while job > numbers[WEIGHED]:
            earlier = state.jobs[job]["previous"]
            _weigh(state, job)
            job = earlier
    numbers[WEIGHED] = float(state.clock[0]["next_job"] - 1)


@compiled_as(SCHEDULE_SIGNATURE)
def schedule_in_order(state: Any, choose: Any) -> int:
    """Start the jobs that are not held, first come, first served."""
    _weigh_all(state)
    return fcfs_kernel.schedule(state, choose)


@compiled_as(SCHEDULE_SIGNATURE)
def schedule_with_backfill(state: Any, choose: Any) -> int:
    """Start the jobs that are not held, with EASY backfill."""
    _weigh_all(state)
    return easy_backfill_kernel.schedule(state, choose)
