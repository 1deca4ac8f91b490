"""Jobs written out in the scenario."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.problems import InputError
from models.workload.job import Workload
from models.workload.listed import JobList


def no_stream(*name: str) -> np.random.Generator:
    raise AssertionError(f"a list draws nothing, but asked for {name}")


def read(*jobs: dict[str, Any]) -> Workload:
    return JobList.model_validate({"jobs": list(jobs)}).read(0.0, no_stream)


def test_a_duration_is_enough() -> None:
    jobs = read({"duration": "1 h"})
    assert (jobs.name, jobs.submit_s.tolist(), jobs.work_s.tolist()) == (("job-0",), [0.0], [3600.0])
    assert (jobs.tasks.tolist(), jobs.exclusive.tolist()) == ([1], [True])


def test_every_key_is_read() -> None:
    jobs = read(
        {
            "name": "train",
            "submit": "10 min",
            "duration": "2 h",
            "activity": 0.8,
            "tasks": 4,
            "accelerators": 0.46,
            "cpus": 1.5,
            "memory": "16 GB",
            "estimate": "3 h",
            "priority": -3,
            "user": "ann",
            "checkpoint_interval": "10 min",
            "node_types": ["A100", "H100"],
        }
    )
    assert (jobs.name, jobs.submit_s.tolist(), jobs.tasks.tolist()) == (("train",), [600.0], [4])
    assert (jobs.accelerators_milli.tolist(), jobs.cpu_milli.tolist()) == ([460], [1500])
    assert (jobs.memory_b.tolist(), jobs.exclusive.tolist()) == ([16_000_000_000], [False])
    assert (jobs.phase_work_s.tolist(), jobs.phase_activity.tolist()) == ([7200.0], [0.8])
    assert (jobs.estimate_s.tolist(), jobs.checkpoint_interval_s.tolist()) == ([10_800.0], [600.0])
    assert (jobs.priority.tolist(), jobs.users) == ([-3], ("ann",))
    assert jobs.constraints == (frozenset({"A100", "H100"}),)


def test_phases_stand_in_place_of_a_duration() -> None:
    jobs = read({"phases": [{"duration": "1 h"}, {"duration": "30 min", "activity": 0.2}]}, {"duration": "5 s"})
    assert jobs.phase_start.tolist() == [0, 2, 3]
    assert jobs.phase_work_s.tolist() == [3600.0, 1800.0, 5.0]
    assert jobs.phase_activity.tolist() == [1.0, 0.2, 1.0]


def test_copies_are_numbered() -> None:
    assert read({"duration": "1 s"}, {"duration": "1 s", "copies": 2}).name == ("job-0", "job-1-1", "job-1-2")


def test_an_empty_list_is_refused() -> None:
    with pytest.raises(InputError, match=r"workload\.jobs: the workload holds no job; at least one is needed"):
        read()


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({}, "give 'duration' or 'phases', one of the two"),
        ({"duration": "1 h", "phases": [{"duration": "1 h"}]}, "give 'duration' or 'phases', one of the two"),
        ({"phases": [{"duration": "1 h"}], "activity": 0.5}, "with 'phases' each phase has its own 'activity'"),
        ({"duration": "0 s"}, "greater than 0"),
        ({"duration": "-1 h"}, "is negative"),
        ({"duration": 60}, "has no unit"),
        ({"duration": "1 h", "submit": "-1 s"}, "is negative"),
        ({"duration": "1 h", "activity": 1.5}, "less than or equal to 1"),
        ({"duration": "1 h", "activity": float("nan")}, "finite"),
        ({"duration": "1 h", "accelerators": 1.5}, "a share of one in thousandths"),
        ({"duration": "1 h", "accelerators": float("inf")}, "finite number"),
        ({"duration": "1 h", "exclusive": True, "cpus": 2}, "an exclusive task holds a whole node"),
        ({"duration": "1 h", "exclusive": False}, "needs accelerators, cpus or memory"),
        ({"duration": "1 h", "task": 2}, "Extra inputs are not permitted"),
    ],
)
def test_a_job_that_makes_no_sense_is_refused(job: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(job)
    assert said in str(caught.value)
