"""How fast the jobs of a hall worked when something happened to it, and when they do again."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.batch import Batch
from ..engine.state import COMPLETED, EVALUATING, KILLED, RUNNING, SAVING, STARTING, WORKING

if TYPE_CHECKING:
    from ..operations.running import Running

_MOST_TIMES_ALONE = 2.0
"""Saving may take so many times as long as it would with the tier to itself: assumption."""
_WHOLE = 1000
"""Thousandths of an accelerator."""
_AS_FAST = 0.99
"""A job that works at this share of its rate before is as well as before: assumption. Links that are shared anew change
a rate by a little at every start."""


class WorkLevel:
    """The jobs that ran at an instant, each with the rate at which it worked, followed from there on.

    A job is as well as before while it works at nearly that rate or faster, has ended, or pauses by plan (it starts,
    saves or evaluates) and was well before; saving that takes more than twice as long as it would alone, such as on a
    tier that stands still, is no plan any more. What happens between two looks is dated by the engine's own records.
    """

    def __init__(
        self, batch: Batch, now_s: float, longest_saving_s: Mapping[int, float] = MappingProxyType({})
    ) -> None:
        """Begin now; `longest_saving_s` says by job how long saving may take, however long for those not in it."""
        self._batch = batch
        self.from_s = now_s
        state = batch.state
        self.jobs: NDArray[np.int64] = np.flatnonzero(state.jobs["status"] == RUNNING)
        rows = state.jobs[self.jobs]
        self.accelerators = np.array([_accelerators(batch, job) for job in self.jobs.tolist()], np.float64)
        self._weight = self.accelerators if self.accelerators.any() else rows["tasks"].astype(np.float64)
        self._rate = np.where(rows["pause"] == WORKING, rows["rate"], self._planned_rate(rows))
        self._lost_s, self._interruptions = rows["lost_s"].copy(), rows["interruptions"].copy()
        self.lost_s = np.zeros(len(rows))
        """Work of each job that is done anew since, as of the last look [s at full clock]."""
        self.interruptions = 0
        """Interruptions of the jobs since, as of the last look."""
        self._longest_saving_s = np.array([longest_saving_s.get(job, math.inf) for job in self.jobs.tolist()])
        self._well = np.ones(len(rows), np.bool_)
        self._looked_s = now_s
        self.hit = np.zeros(len(rows), np.bool_)
        """Which of the jobs were not well at any look."""
        self.hit_s = math.nan
        """When the first of them was not well any more."""
        self.well_s = now_s
        """Since when all of them have been well again; NaN while one is not."""
        self.least_share = 1.0
        """The least share of their work that was done, by accelerators (by tasks where none holds any), at any look."""
        self.nodes_before = self.least_nodes = batch.nodes_in_service

    @property
    def is_well(self) -> bool:
        """Whether every job was well at the last look."""
        return bool(self._well.all())

    @property
    def lost_accelerator_s(self) -> float:
        """Work that is done anew since, over all accelerators."""
        return float(self.accelerators @ self.lost_s)

    def look(self, now_s: float) -> None:
        """Take in how the jobs are at an instant that the hall has settled."""
        self.least_nodes = min(self.least_nodes, self._batch.nodes_in_service)
        if not len(self.jobs):
            return
        rows = self._batch.state.jobs[self.jobs]
        running, pause = rows["status"] == RUNNING, rows["pause"]
        ended = np.isin(rows["status"], (COMPLETED, KILLED))
        works = running & (pause == WORKING) & (rows["rate"] >= self._rate * _AS_FAST)
        pauses = running & np.isin(pause, (STARTING, SAVING, EVALUATING)) & self._well
        pauses &= ~((pause == SAVING) & (now_s - self._paused_since_s(rows) > self._longest_saving_s))
        well = ended | works | pauses
        self.lost_s = rows["lost_s"] - self._lost_s
        self.interruptions = int((rows["interruptions"] - self._interruptions).sum())
        self.hit |= ~well | (rows["interruptions"] > self._interruptions)
        if math.isnan(self.hit_s) and self.hit.any():
            self.hit_s = self.well_s = now_s
        self._date(rows, well, now_s)
        self._well, self._looked_s = well, now_s
        share = np.minimum(np.divide(rows["rate"], self._rate, where=self._rate > 0.0, out=np.ones(len(rows))), 1.0)
        done = np.where(ended | pauses, 1.0, np.where(running, share, 0.0))
        self.least_share = min(self.least_share, float(self._weight @ done) / float(self._weight.sum()))

    def _date(self, rows: NDArray[np.void], well: NDArray[np.bool_], now_s: float) -> None:
        """Date what has changed since the last look: a job that started or ended says when, rates change at looks."""
        if not well.all():
            self.well_s = math.nan
            return
        back = ~self._well
        if not back.any():
            return
        since_s = np.where(np.isnan(rows["end_s"]), rows["start_s"], rows["end_s"])[back]
        self.well_s = float(np.where(since_s > self._looked_s, since_s, now_s).max())

    def _paused_since_s(self, rows: NDArray[np.void]) -> NDArray[np.float64]:
        """Return since when training jobs pause; meaningless for others."""
        trainings = self._batch.state.trainings
        return trainings["pause_since_s"][rows["training"]] if len(trainings) else np.full(len(rows), math.inf)

    def _planned_rate(self, rows: NDArray[np.void]) -> NDArray[np.float64]:
        """Return the rate of jobs that pause once they work again: that of their gang at full clock."""
        trainings = self._batch.state.trainings
        speed = rows["speed"].copy()
        gangs = rows["training"] >= 0
        speed[gangs] *= trainings["gang_speed"][rows["training"][gangs]]
        return np.asarray(speed, np.float64)


def work_level(running: Running) -> WorkLevel:
    """Return how the jobs of a hall work now."""
    storage, longest_s = running.storage, {}
    if running.training is not None and storage is not None:
        for run in running.training.runs:
            if run.tier is not None:
                alone_s = storage.uncontended_write_s(run.plan.nodes, run.checkpoint_b, run.tier)
                longest_s[run.job] = _MOST_TIMES_ALONE * alone_s
    return WorkLevel(running.hall.batch, running.hall.timeline.now, longest_s)


def _accelerators(batch: Batch, job: int) -> float:
    """Return how many accelerators a running job holds; a job that is exclusive holds all of its nodes'."""
    state, nodes = batch.state, batch.nodes_of(job)
    if state.jobs["exclusive"][job]:
        return float(state.models["accelerators"][state.nodes["model"][nodes]].sum())
    return float(state.jobs["accelerators_milli"][job]) * len(nodes) / _WHOLE
