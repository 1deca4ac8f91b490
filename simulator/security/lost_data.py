"""What becomes of training when storage loses its data: jobs stand still, and go on from what a backup holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ..engine.state import RUNNING

if TYPE_CHECKING:
    from ..operations.running import Running
    from ..training.training_run import TrainingRun


class Stopped(NamedTuple):
    """A job that was running when its data were lost, and stands still."""

    run: TrainingRun
    interruptions: int
    """How often it had been interrupted by then: once more, and it waits for its data where it starts again."""


def lose_checkpoints(running: Running, before_s: float) -> list[Stopped]:
    """Lose every checkpoint on a tier, and return the jobs that stand still for want of theirs.

    Each will go on from its newest checkpoint in a backup that began before `before_s` [s] and that nobody could
    change, and from its beginning where there is none. Jobs whose checkpoints lie on no tier lose nothing.
    """
    storage, batch = running.storage, running.hall.batch
    assert storage is not None
    storage.lose_checkpoints()
    held_s = _work_in_backups_s(running, before_s)
    runs = [] if running.training is None else [run for run in running.training.runs if run.tier is not None]
    for run in runs:
        row = batch.state.trainings[run.row]
        row["kept_s"] = row["pending_s"] = min(float(row["kept_s"]), held_s.get(run.name, 0.0))
    rows = batch.state.jobs
    stopped = [Stopped(run, rows["interruptions"][run.job]) for run in runs if rows["status"][run.job] == RUNNING]
    batch.hang([each.run.job for each in stopped])
    running.hall.settlement.mark()
    return stopped


def go_on(running: Running, stopped: list[Stopped]) -> None:
    """Let jobs that stood still start anew from what was restored; those that began to meanwhile have waited for it."""
    batch = running.hall.batch
    rows = batch.state.jobs
    still = [
        run.job
        for run, interruptions in stopped
        if rows["status"][run.job] == RUNNING and rows["interruptions"][run.job] == interruptions
    ]
    batch.interrupt(still)
    running.hall.settlement.mark()


def _work_in_backups_s(running: Running, before_s: float) -> dict[str, float]:
    """Return the work that the newest checkpoint of each job in a backup holds [s at full clock]."""
    storage = running.storage
    if storage is None or storage.backups is None:
        return {}
    held_s: dict[str, float] = {}
    for plan in storage.section.backups:
        for backup in storage.backups.usable(plan, before_s=before_s, immutable=True)[-1:]:
            for each in backup.checkpoints:
                if not math.isnan(each.mark):
                    held_s[each.job] = max(held_s.get(each.job, 0.0), each.mark)
    return held_s
