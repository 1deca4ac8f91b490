"""How busy jobs keep their nodes, set from outside: for jobs without steps of their own, such as nodes of a service.

Each such job has one phase that nobody shares, and a row of `State.trainings`, so that it tells of starts and ends.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import state as layout
from .state import State

WORK, ACTIVITY = 0, 1
"""Columns of `State.phases`."""


def set_activity(state: State, jobs: NDArray[np.int64], activity: float) -> None:
    """Let jobs keep what they hold busy to a fraction (0 to 1) from the engine's present instant on.

    Marks what `pause_kernel.mark_gang` marks for a gang that pauses, for all jobs at once: the nodes that they hold,
    and the jobs whose nodes are capped and so change their clocks.
    """
    state.phases[state.jobs["phase"][jobs], ACTIVITY] = activity
    holdings = state.jobs["first_holding"][jobs]
    while (held := holdings >= 0).any():
        jobs, holdings = jobs[held], holdings[held]
        nodes = state.holdings["node"][holdings]
        _mark(state, "nodes", nodes, 0)
        _mark(state, "jobs", jobs[np.isfinite(state.nodes["cap_w"][nodes])], 1)
        holdings = state.holdings["next_of_job"][holdings]


def _mark(state: State, what: str, indices: NDArray[np.int64], column: int) -> None:
    """Put nodes or jobs on their stack of what is dirty, each once."""
    rows, clock = getattr(state, what), state.clock[0]
    fresh = np.unique(indices[rows["dirty"][indices] == 0])
    rows["dirty"][fresh] = 1
    first = int(clock[f"dirty_{what}"])
    state.dirty[first : first + len(fresh), column] = fresh
    clock[f"dirty_{what}"] = first + len(fresh)


def worked_s(state: State, jobs: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the work that jobs have done up to the engine's present instant [nominal s], shape (job,)."""
    rows = state.jobs[jobs]
    runs = rows["status"] == layout.RUNNING
    since_s = np.where(runs, float(state.clock[0]["now_s"]) - rows["as_of_s"], 0.0)
    left_s = np.maximum(rows["remaining_s"] - rows["rate"] * since_s, 0.0)
    return np.asarray(rows["done_s"] + state.phases[rows["phase"], WORK] - left_s)


def keep_work(state: State, jobs: NDArray[np.int64]) -> None:
    """Let an interruption at the present instant cost jobs nothing: what they have done is kept."""
    rows = state.jobs["training"][jobs]
    state.trainings["kept_s"][rows] = state.trainings["pending_s"][rows] = worked_s(state, jobs)


def finish(state: State, jobs: NDArray[np.int64]) -> None:
    """Let jobs end at the present instant: those that run now, those that wait as soon as they have a node.

    A job that pauses or hangs has been let go on beforehand.
    """
    now_s = float(state.clock[0]["now_s"])
    jobs = jobs[np.isin(state.jobs["status"][jobs], (layout.PENDING, layout.QUEUED, layout.RUNNING))]
    training = state.jobs["training"][jobs]
    state.trainings["startup_s"][training] = state.trainings["restart_s"][training] = 0.0
    state.phases[state.jobs["phase"][jobs], WORK] = worked_s(state, jobs)
    runs = jobs[state.jobs["status"][jobs] == layout.RUNNING]
    state.jobs["remaining_s"][jobs] = 0.0
    # The engine moves a job to its end where its rate becomes another: from 1 to that of a job that stands still.
    state.jobs["as_of_s"][runs], state.jobs["rate"][runs], state.jobs["speed"][runs] = now_s, 1.0, 0.0
    _mark(state, "jobs", runs, 1)
