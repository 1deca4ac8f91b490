"""The training jobs of a hall, for those who ask about them."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.batch import Batch
from ..engine.state import RUNNING
from .training_run import TrainingRun


class TrainingJobs:
    """Every training job, and what each does now."""

    def __init__(self, batch: Batch, runs: Sequence[TrainingRun]) -> None:
        self.runs = tuple(runs)
        self._batch = batch
        self._by_job = {run.job: run for run in runs}

    @property
    def jobs(self) -> tuple[int, ...]:
        """Their indices in the engine's jobs."""
        return tuple(self._by_job)

    def of(self, job: int) -> TrainingRun:
        """Return the training job with an index of the engine; KeyError where that is none."""
        return self._by_job[job]

    def state_of(self, run: TrainingRun) -> str:
        """Return what a job does now: waiting, working, starting, saving, evaluating, hung or ended."""
        row = self._batch.state.jobs[run.job]
        if row["status"] == RUNNING:
            return ("working", "starting", "saving", "evaluating", "hung")[row["pause"]]
        return "waiting" if row["status"] < RUNNING else "ended"
