"""A training job that returns to an older checkpoint than the engine knew of, by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from simulator.engine import state as layout
from simulator.training.falling_back import fall_back, worked_s


def stopped(phase: int, done_s: float, remaining_s: float) -> Any:
    """A job of three phases of 1,000 s that stands still."""
    jobs, trainings = np.zeros(1, layout.JOB), np.zeros(1, layout.TRAINING)
    jobs["end_phase"], jobs["phase"], jobs["done_s"], jobs["remaining_s"] = 3, phase, done_s, remaining_s
    jobs["checkpoint_interval_s"] = 600.0
    trainings["kept_s"] = trainings["pending_s"] = done_s + 1000.0 - remaining_s
    trainings["evaluation_interval_s"], trainings["checkpoint_left_s"] = 500.0, 10.0
    return SimpleNamespace(jobs=jobs, trainings=trainings, phases=np.array([[1000.0, 1.0, 1.0]] * 3))


@pytest.mark.parametrize(
    ("kept_s", "phase", "remaining_s", "evaluation_left_s"),
    [(2400.0, 2, 600.0, 100.0), (1200.0, 1, 800.0, 300.0), (1000.0, 1, 1000.0, 500.0), (0.0, 0, 1000.0, 500.0)],
)
def test_work_phase_and_marks_are_those_of_the_older_checkpoint(
    kept_s: float, phase: int, remaining_s: float, evaluation_left_s: float
) -> None:
    state = stopped(2, 2000.0, 400.0)
    assert worked_s(state, 0) == 2600.0
    fall_back(state, 0, kept_s)
    row, training = state.jobs[0], state.trainings[0]
    assert worked_s(state, 0) == kept_s
    assert (row["phase"], row["remaining_s"], row["lost_s"]) == (phase, remaining_s, 2600.0 - kept_s)
    assert (training["kept_s"], training["pending_s"], training["checkpoint_left_s"]) == (kept_s, kept_s, 600.0)
    assert training["evaluation_left_s"] == evaluation_left_s


def test_a_job_that_is_no_further_is_left_alone() -> None:
    state = stopped(0, 0.0, 400.0)
    fall_back(state, 0, 600.0)
    assert state.jobs["lost_s"][0] == 0.0
    assert state.trainings["checkpoint_left_s"][0] == 10.0
