"""A training job whose last checkpoint can not be read returns to an older one, or to its beginning."""

from __future__ import annotations

import math

from ..engine.state import State

WORK = 0
"""The column of a phase's work in `State.phases`."""


def worked_s(state: State, job: int) -> float:
    """Return the work that a job which stands still has done [nominal s]."""
    row = state.jobs[job]
    return float(row["done_s"] + (state.phases[row["phase"], WORK] - row["remaining_s"]))


def fall_back(state: State, job: int, kept_s: float) -> None:
    """Set back a training job that loads its state to the work that it has kept [nominal s]; the rest is lost.

    The job holds nodes and stands still. Its next checkpoint and evaluation are counted from there.
    """
    row, done_s = state.jobs[job], worked_s(state, job)
    if kept_s >= done_s:
        return
    row["lost_s"] += done_s - kept_s
    while row["phase"] > row["first_phase"] and kept_s < row["done_s"]:
        row["phase"] -= 1
        row["done_s"] -= state.phases[row["phase"], WORK]
    if row["phase"] == row["first_phase"]:
        row["done_s"] = 0.0  # no residue of sums
    row["remaining_s"] = state.phases[row["phase"], WORK] - (kept_s - row["done_s"])
    training = state.trainings[row["training"]]
    training["kept_s"] = training["pending_s"] = kept_s
    if row["checkpoint_interval_s"] > 0.0:
        training["checkpoint_left_s"] = row["checkpoint_interval_s"]
    if training["evaluation_interval_s"] > 0.0:
        training["evaluation_left_s"] = training["evaluation_interval_s"] - math.fmod(
            kept_s, training["evaluation_interval_s"]
        )
