"""Checkpoints of training jobs that mean nothing are refused when the scenario is read."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import ValidationError

from models.problems import InputError
from models.units import quantity
from models.workload.training_job import Checkpoints, TrainingJob
from simulator.training import starting


def job(step: dict[str, Any], **checkpoints: Any) -> TrainingJob:
    given = {"name": "t", "accelerators": 8, "step": step, "duration": "1 d", "checkpoints": checkpoints}
    return TrainingJob.model_validate(given)


def test_a_checkpoint_of_no_bytes_goes_to_no_tier() -> None:
    with pytest.raises(ValidationError, match="a checkpoint of 0 B .* 'pfs': give 'step.checkpoint_size'"):
        job({"duration": "10 s"}, tier="pfs")
    assert job({"duration": "10 s"}, write="1 min").checkpoints is not None
    assert job({"duration": "10 s", "checkpoint_size": "1 GB"}, tier="pfs").checkpoints is not None


def test_an_interval_shorter_than_a_step_is_refused_with_both_told() -> None:
    with pytest.raises(ValidationError, match=r"'checkpoints.interval' is 1.000 ms, below the 10.00 s of a step"):
        job({"duration": "10 s"}, write="1 s", interval="1 ms")
    for interval in ("10 s", "daly"):
        assert job({"duration": "10 s"}, write="1 s", interval=interval).step is not None


def test_an_interval_shorter_than_a_computed_step_is_refused() -> None:
    run: Any = SimpleNamespace(step_s=4.0, name="t", row=0)
    running: Any = SimpleNamespace()
    short = Checkpoints(interval=quantity("1 s"), write=quantity("1 s"))
    with pytest.raises(InputError, match=r"1.000 s is below the 4.000 s of a step of 't'"):
        starting._interval_s(running, run, short, 1.0)
    enough = Checkpoints(interval=quantity("4 s"), write=quantity("1 s"))
    assert starting._interval_s(running, run, enough, 1.0) == 4.0
