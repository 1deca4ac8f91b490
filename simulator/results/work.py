"""How much work a run did: what energy, money and carbon are set against."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..engine import state as layout
from ..engine.state import State

_WORK = 0
"""The column of `State.phases` that holds the work."""
WORK_UNIT = "task-hour"
"""An hour of a task at full clock. A task that is exclusive holds a whole node."""


def work_done_s(state: State) -> NDArray[np.float64]:
    """Return the work that each job has done and kept by the run's end, over all of its tasks [task-seconds].

    Work counts in seconds at full clock, so that a hall whose clocks are low does the same work in a longer time. What
    interruptions and the end at an estimate have undone is not work; of jobs that still run, all that they have done
    so far is. The measure knows nothing of the hall, so that runs of one workload on different halls compare.
    """
    jobs = state.jobs
    if not len(jobs):
        return np.zeros(0)
    status, now_s = jobs["status"], float(state.clock[0]["now_s"])
    begun = ~np.isnan(jobs["first_start_s"])
    running = status == layout.RUNNING
    since_s = np.where(running, now_s - jobs["as_of_s"], 0.0)
    remaining_s = np.maximum(jobs["remaining_s"] - jobs["rate"] * since_s, 0.0)
    # Between its phases a job stands in one that it has partly done; a completed one has ended its last.
    in_phase_s = np.where(status == layout.COMPLETED, 0.0, state.phases[jobs["phase"], _WORK] - remaining_s)
    kept = begun & (status != layout.KILLED)
    tasks = jobs["tasks"].astype(np.float64)
    for row, training in enumerate(state.trainings):  # A gang that shrank does the work of all in a longer time.
        tasks[jobs["training"] == row] = training["wanted_tasks"]
    return np.where(kept, (jobs["done_s"] + in_phase_s) * tasks, 0.0)
