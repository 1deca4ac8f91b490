"""What training jobs came to: tokens, effective time, what was lost and to what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..engine import state as layout
from ..results.columns import numbers_or_null, texts
from ..results.kpis import Kpis
from ..results.tables import table
from ..results.work import work_done_s

if TYPE_CHECKING:
    from ..operations.running import Running
    from .training_jobs import TrainingJobs

PAUSES = ("starting", "saving", "evaluating", "hung")


class TrainingAccounts:
    """Figures of the training jobs of a run that was brought up to its end."""

    def __init__(self, running: Running, training: TrainingJobs) -> None:
        self._running = running
        self._training = training

    def kpis(self, end_s: float) -> Kpis:
        """Return figures over all training jobs, each weighted by its accelerators; None where none has started."""
        columns = self._columns(end_s)
        accelerators, span_s = columns["accelerators"], columns["span_s"]
        begun = span_s > 0.0
        wall = float((accelerators * span_s)[begun].sum())
        work = float((accelerators * columns["work_s"])[begun].sum())
        known = begun & (columns["peak_flop_per_s"] > 0.0) & (columns["flop"] > 0.0)
        peak_flop = float((columns["peak_flop_per_s"] * span_s)[known].sum())
        in_service_s = float(self._running.hall.batch.state.meters["integral"][layout.ACCELERATORS_IN_SERVICE])
        held_s = float((accelerators * columns["held_s"])[begun].sum())
        return {
            "training_tokens": float(columns["tokens"].sum()) if columns["tokens"].any() else None,
            "mfu": float(columns["flop"][known].sum()) / peak_flop if peak_flop else None,
            "ettr": work / wall if wall else None,
            "goodput_fraction": work / in_service_s if wall and in_service_s else None,
            "interruptions": int(columns["interruptions"].sum()),
            "lost_work_accelerator_h": float((accelerators * columns["lost_s"]).sum()) / 3600.0,
            "checkpoint_overhead_fraction": (
                float((accelerators * columns["saving_s"])[begun].sum()) / held_s if held_s else None
            ),
        }

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        """Return a row a job: where its time went."""
        columns = self._columns(end_s)
        runs = self._training.runs
        span_s = np.where(columns["span_s"] > 0.0, columns["span_s"], np.nan)
        steps = columns["work_s"] / np.array([run.step_s for run in runs])
        held_s = columns["held_s"]
        paused_s = sum(columns[f"{name}_s"] for name in PAUSES)
        return {
            "training": table(
                {
                    "job": texts([run.name for run in runs]),
                    "model": texts([run.plan.job.model or "" for run in runs]),
                    "accelerators": np.array([run.accelerators for run in runs], np.int64),
                    "state": texts([self._training.state_of(run) for run in runs]),
                    "step_basis": texts([run.plan.basis for run in runs]),
                    "step_s": np.array([run.step_s for run in runs]),
                    "steps": steps,
                    "tokens": columns["tokens"],
                    "ettr": numbers_or_null(columns["work_s"] / span_s),
                    "interruptions": columns["interruptions"].astype(np.int64),
                    "interruptions_by_failures": np.array(
                        [self._running.interrupted_by_failures[run.job] for run in runs], np.int64
                    ),
                    "checkpoints": columns["checkpoints"].astype(np.int64),
                    "checkpoint_interval_s": numbers_or_null(columns["interval_s"]),
                    "work_s": columns["work_s"],
                    "lost_work_s": columns["lost_s"],
                    "waiting_s": np.maximum(columns["span_s"] - held_s, 0.0),
                    "starting_s": columns["starting_s"],
                    "saving_s": columns["saving_s"],
                    "evaluating_s": columns["evaluating_s"],
                    "hung_s": columns["hung_s"],
                    "slowed_s": np.maximum(held_s - paused_s - columns["work_s"] - columns["lost_s"], 0.0),
                }
            )
        }

    def notes(self, end_s: float) -> Sequence[str]:
        """Return what steps rest on, and which jobs were left waiting."""
        told = []
        for run in self._training.runs:
            told += [f"training '{run.name}': {note}" for note in run.plan.notes]
            if self._training.state_of(run) == "waiting" and run.plan.job.submit < end_s:
                free = self._running.hall.batch.nodes_in_service
                told.append(
                    f"training '{run.name}' waits at the end for {run.plan.nodes} nodes together; "
                    f"{free} nodes are in service"
                )
        return told

    def _columns(self, end_s: float) -> dict[str, NDArray[np.float64]]:
        state = self._running.hall.batch.state
        runs = self._training.runs
        jobs = np.array([run.job for run in runs], np.int64)
        rows, trainings = state.jobs[jobs], state.trainings[: len(runs)]  # Nodes of services have the rows after those.
        first_s = np.where(np.isnan(rows["first_start_s"]), end_s, rows["first_start_s"])
        last_s = np.where(np.isnan(rows["end_s"]), end_s, rows["end_s"])
        plans = [run.plan for run in runs]
        work_s = work_done_s(state)[jobs] / np.array([plan.nodes for plan in plans], np.float64)
        steps = work_s / np.array([plan.step_s for plan in plans])
        tokens = steps * np.array([plan.tokens_per_step for plan in plans])
        paused_s = trainings["paused_s"]
        interval_s = np.where(rows["checkpoint_interval_s"] > 0.0, rows["checkpoint_interval_s"], np.nan)
        return {
            "accelerators": np.array([run.accelerators for run in runs], np.float64),
            "peak_flop_per_s": np.array([plan.peak_flop_per_s for plan in plans]),
            "flop": tokens * np.array([plan.flop_per_token for plan in plans]),
            "tokens": tokens,
            "span_s": last_s - first_s,
            "held_s": rows["held_s"],
            "work_s": work_s,
            "lost_s": rows["lost_s"],
            "interruptions": (rows["interruptions"] - trainings["regrown"]).astype(np.float64),
            "checkpoints": trainings["checkpoints"].astype(np.float64),
            "interval_s": interval_s,
            "starting_s": paused_s[:, layout.STARTING],
            "saving_s": paused_s[:, layout.SAVING],
            "evaluating_s": paused_s[:, layout.EVALUATING],
            "hung_s": paused_s[:, layout.HUNG],
        }
