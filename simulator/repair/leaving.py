"""Whether and when jobs may leave nodes that are wanted: at their end, or once they have saved their state."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from models.operations.maintenance import WaitFor

from ..engine.batch import Batch
from ..engine.lifecycle_kernel import WORK
from ..engine.state import SAVING

if TYPE_CHECKING:
    from ..training.training_jobs import TrainingJobs

_LEAST_LOOK_S = 10.0
_JUST_AFTER_S = 1e-3
"""After how long what is to happen at an instant has happened."""
_BEGINS_S = 1.0
"""After how long a checkpoint that is about to be written is looked at again."""
_LOOKS = 20
"""A wait that nothing foretells is looked at this often."""


@dataclass(eq=False)
class Leaving:
    """Jobs that are waited for, with what each had saved when it was first looked at."""

    batch: Batch
    wait_for: WaitFor
    limit_s: float
    """The longest wait [s]."""
    training: TrainingJobs | None = None
    """Who knows what training jobs write to tiers of storage."""
    saved_s: dict[int, float] = field(default_factory=dict)

    def may_go(self, job: int, now_s: float) -> bool:
        """Return whether a running job has saved its state since it was first looked at, or has none to save."""
        if self.wait_for == "nothing":
            return True
        if self.wait_for == "checkpoint" and job in self.batch.keeping:
            return True  # It has nothing to save.
        saved_s = self._saved_s(job, now_s)
        return self.saved_s.setdefault(job, saved_s) < saved_s and self.wait_for == "checkpoint"

    def look_after_s(self, jobs: set[int], now_s: float) -> float:
        """Return how long nothing is to be seen of jobs [s]: until the first ends or saves, if that is foretold."""
        foretold_s = min((self._foretold_s(job, now_s) for job in jobs), default=math.inf)
        wait_s = max(foretold_s - now_s, _JUST_AFTER_S) if foretold_s > now_s else _LEAST_LOOK_S
        return min(wait_s, max(self.limit_s / _LOOKS, _LEAST_LOOK_S))

    def _foretold_s(self, job: int, now_s: float) -> float:
        """Return when a job's phase ends or its next checkpoint is safe, at the rate that it has now [s]."""
        row = self.batch.state.jobs[job]
        rate, interval_s = float(row["rate"]), float(row["checkpoint_interval_s"])
        ends_s = float(row["due_s"]) if row["training"] < 0 else math.inf
        if self.wait_for == "checkpoint" and self._is_writing(job):
            return self._written_s(job, now_s)
        if self.wait_for != "checkpoint" or not (rate > 0.0 and interval_s > 0.0):
            return ends_s if ends_s > now_s else math.inf
        if row["training"] < 0:
            done_s = self._done_s(job, now_s)
            return now_s + (math.floor(done_s / interval_s) * interval_s + interval_s - done_s) / rate
        training = self.batch.state.trainings[row["training"]]
        if now_s < training["durable_at_s"] < math.inf:
            return float(training["durable_at_s"])
        pauses_s = [float(training[name]) for name in ("saving_s", "durable_after_s")]
        left_s = float(training["checkpoint_left_s"]) / rate + sum(each for each in pauses_s if math.isfinite(each))
        return float(row["as_of_s"]) + left_s

    def _is_writing(self, job: int) -> bool:
        """Return whether a training job writes a checkpoint now, standing still or beside its steps."""
        row = self.batch.state.jobs[job]
        if row["training"] < 0:
            return False
        training = self.batch.state.trainings[row["training"]]
        beside = training["durable_at_s"] == math.inf and training["pending_s"] > training["kept_s"]
        return bool(row["pause"] == SAVING or beside)

    def _written_s(self, job: int, now_s: float) -> float:
        """Return when the checkpoint that a job writes is safe, at the rate at which it is written now [s]."""
        row = self.batch.state.jobs[job]
        ends_s = float(row["due_s"] + self.batch.state.trainings["durable_after_s"][row["training"]])
        if math.isfinite(ends_s):  # It is stated how long that takes.
            return ends_s if ends_s > now_s else now_s + _BEGINS_S
        transfer = None if self.training is None else self.training.of(job).transfer
        if transfer is None or transfer.left_b() <= 0.0:
            return now_s + _JUST_AFTER_S if transfer is not None else now_s + _BEGINS_S
        rate_b_per_s = transfer.rate_b_per_s
        return now_s + (transfer.left_b() / rate_b_per_s + _JUST_AFTER_S if rate_b_per_s > 0.0 else _LEAST_LOOK_S)

    def _saved_s(self, job: int, now_s: float) -> float:
        """Return the work that an interruption would leave a job [nominal s]; infinitely little where it saves none."""
        row = self.batch.state.jobs[job]
        if row["training"] >= 0:
            training = self.batch.state.trainings[row["training"]]
            return float(training["pending_s"] if training["durable_at_s"] <= now_s else training["kept_s"])
        interval_s = float(row["checkpoint_interval_s"])
        return math.floor(self._done_s(job, now_s) / interval_s) * interval_s if interval_s > 0.0 else -math.inf

    def _done_s(self, job: int, now_s: float) -> float:
        row = self.batch.state.jobs[job]
        of_phase_s = self.batch.state.phases[row["phase"], WORK] - row["remaining_s"]
        return float(row["done_s"] + of_phase_s + row["rate"] * (now_s - row["as_of_s"]))
