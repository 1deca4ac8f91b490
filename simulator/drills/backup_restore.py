"""The story of data that is lost and comes back from a backup: jobs stand still, wait for it, and go on from there."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import simpy

from models.operations.drills.restore_backup import RestoreBackup
from models.storage.backup import CHECKPOINTS

from ..engine.state import RUNNING
from .drill_watch import DrillWatch

if TYPE_CHECKING:
    from ..operations.running import Running
    from ..storage.backups import Backup, Backups


def restore_backup(
    running: Running, watch: DrillWatch, drill: RestoreBackup, backups: Backups
) -> Generator[simpy.Event, Any, None]:
    """Lose at the drill's time what a plan backs up, restore it, and let the training jobs go on from what it held.

    Whatever the jobs' own nodes still hold is not trusted: they return to the checkpoint that the backup has of them,
    and to their beginning where it has none.
    """
    timeline, batch, storage = running.hall.timeline, running.hall.batch, running.storage
    assert storage is not None
    yield timeline.at(drill.at)
    record = watch.begin(drill, f"data of backup {drill.plan}", [])
    record.is_restore = True
    chain = backups.usable(drill.plan, before_s=drill.at, immutable=drill.after_attack)
    loses_checkpoints = CHECKPOINTS in backups.plan(drill.plan).of
    if loses_checkpoints:
        storage.lose_checkpoints()
    runs = () if running.training is None else running.training.runs
    batch.hang([run.job for run in runs])
    running.hall.settlement.mark()
    yield timeline.at(drill.at + drill.detection)
    record.detected_s = timeline.now
    restored = yield backups.restore(drill.plan, before_s=drill.at, immutable=drill.after_attack)
    record.data_age_s = drill.at - (0.0 if restored is None else restored.holds_s)
    record.restored_s = timeline.now
    stopped = [run for run in runs if batch.state.jobs["status"][run.job] == RUNNING]
    if loses_checkpoints:
        for run in stopped:
            row = batch.state.trainings[run.row]
            row["kept_s"] = row["pending_s"] = _work_held_s(chain, run.name)
    batch.interrupt([run.job for run in stopped])
    running.hall.settlement.mark()


def _work_held_s(chain: tuple[Backup, ...], job: str) -> float:
    """Return the work of a job that its checkpoint in a backup holds [s at full clock], 0 where there is none."""
    marks = [each.mark for each in (chain[-1].checkpoints if chain else ()) if each.job == job]
    return max((mark for mark in marks if not math.isnan(mark)), default=0.0)
