"""Move tasks of a running job to other nodes: its work is kept, and it stands still while its state is carried."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_as

from .holding_kernel import fits, grant, take_back_first
from .lifecycle_kernel import settle_work
from .pause_kernel import begin_pause
from .state import MIGRATE_SIGNATURE, RUNNING, STARTING, WORKING


@compiled
def _bring_to_front(state: Any, job: int, node: int) -> bool:
    """Make the job's newest task on a node the first of its list; return whether it has one there."""
    row = state.jobs[job]
    before, holding = -1, row["first_holding"]
    while holding >= 0 and state.holdings[holding]["node"] != node:
        before, holding = holding, state.holdings[holding]["next_of_job"]
    if holding < 0:
        return False
    if before >= 0:
        state.holdings[before]["next_of_job"] = state.holdings[holding]["next_of_job"]
        state.holdings[holding]["next_of_job"] = row["first_holding"]
        row["first_holding"] = holding
    return True


@compiled_as(MIGRATE_SIGNATURE)
def migrate(state: Any, job: int, source: int, target: int, pause_s: float) -> int:
    """Move one task of a batch job that runs from a node to another; return 1, or 0 where that can not be.

    The job stands still for `pause_s` from now on, or for what is left of a pause that it is in. What it may take by
    its estimate grows by the pause: it is not its own.
    """
    row, clock = state.jobs[job], state.clock[0]
    pauses = row["pause"] != WORKING
    if row["status"] != RUNNING or row["training"] >= 0 or (pauses and row["pause"] != STARTING):
        return 0
    if source == target or not fits(state, job, target) or not _bring_to_front(state, job, source):
        return 0
    take_back_first(state, job)
    clock["wanted_slot"] = -1
    grant(state, job, target)
    if not pauses:
        settle_work(state, job)
        row["expected_end_s"] += pause_s
        row["kill_at_s"] += pause_s
        begin_pause(state, job, STARTING, pause_s)
    return 1
