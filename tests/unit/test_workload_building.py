"""A workload is built from columns, sorted by submission, and refused where it can not be run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.file_faults import Faults
from models.problems import InputError
from models.workload.building import build


def refusal(**columns: Any) -> str:
    with pytest.raises(InputError) as caught:
        build(**{"where": "jobs.csv", "submit_s": [0.0], "work_s": [1.0], **columns})
    return str(caught.value)


def test_scalars_hold_for_every_job() -> None:
    jobs = build(where="x", submit_s=[0.0, 1.0], work_s=5.0, tasks=3, cpu_milli=500, exclusive=False)
    assert jobs.tasks.tolist() == [3, 3]
    assert jobs.cpu_milli.tolist() == [500, 500]
    assert jobs.exclusive.tolist() == [False, False]
    assert jobs.work_s.tolist() == [5.0, 5.0]
    assert np.isnan(jobs.estimate_s).all()


def test_jobs_are_sorted_by_submission_with_their_phases_and_ties_keep_their_order() -> None:
    jobs = build(
        where="x",
        name=["late", "first", "second"],
        submit_s=[9.0, 1.0, 1.0],
        phases=[2, 1, 3],
        work_s=[1.0, 2.0, 10.0, 100.0, 200.0, 300.0],
        activity=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        user=["ann", "bob", "ann"],
        constraint=[frozenset({"a100"}), frozenset(), frozenset({"h100"})],
    )
    assert jobs.name == ("first", "second", "late")
    assert jobs.phase_start.tolist() == [0, 1, 4, 6]
    assert jobs.phase_work_s.tolist() == [10.0, 100.0, 200.0, 300.0, 1.0, 2.0]
    assert jobs.phase_activity.tolist() == [0.3, 0.4, 0.5, 0.6, 0.1, 0.2]
    assert jobs.work_s.tolist() == [10.0, 600.0, 3.0]
    assert [jobs.users[user] for user in jobs.user] == ["bob", "ann", "ann"]
    assert [jobs.constraints[code] if code >= 0 else None for code in jobs.constraint] == [
        None,
        frozenset({"h100"}),
        frozenset({"a100"}),
    ]


def test_truncated_keeps_the_first_jobs_and_their_phases() -> None:
    jobs = build(where="x", submit_s=[0.0, 1.0, 2.0], phases=[1, 2, 1], work_s=[1.0, 2.0, 3.0, 4.0]).truncated(2)
    assert (len(jobs), jobs.name) == (2, ("job-0", "job-1"))
    assert jobs.phase_work_s.tolist() == [1.0, 2.0, 3.0]
    assert len(jobs.truncated(5)) == 2


def test_an_empty_workload_is_refused_with_the_reasons_why_it_is_empty() -> None:
    message = refusal(submit_s=[], work_s=[], notes=["3 of 3 jobs left out: of zero run time"])
    assert message == (
        "jobs.csv: the workload holds no job; at least one is needed; 3 of 3 jobs left out: of zero run time"
    )


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"submit_s": [-1.0]}, "submit_s: job 'job-0' has -1.0; allowed: a finite time, 0 or later"),
        ({"submit_s": [np.nan]}, "submit_s: job 'job-0' has nan"),
        ({"work_s": [0.0]}, "work_s: job 'job-0' has 0.0; allowed: a finite time above 0"),
        ({"work_s": [np.inf]}, "work_s: job 'job-0' has inf"),
        ({"activity": 1.5}, "activity: job 'job-0' has 1.5; allowed: 0 to 1"),
        ({"tasks": 0}, "tasks: job 'job-0' has 0; allowed: 1 or more"),
        ({"accelerators_milli": 1500}, "accelerators_milli: job 'job-0' has 1500; allowed: a share"),
        ({"cpu_milli": -1}, "cpu_milli: job 'job-0' has -1"),
        ({"memory_b": -1}, "memory_b: job 'job-0' has -1"),
        ({"estimate_s": 0.0}, "estimate_s: job 'job-0' has 0.0"),
        ({"checkpoint_interval_s": np.inf}, "checkpoint_interval_s: job 'job-0' has inf"),
    ],
)
def test_a_value_that_can_not_be_run_is_refused_by_job_and_column(columns: dict[str, Any], said: str) -> None:
    assert said in refusal(**columns)


def test_all_problems_are_said_at_once() -> None:
    message = refusal(work_s=[-1.0], tasks=0)
    assert "work_s" in message
    assert "tasks" in message


def test_beyond_twenty_problems_the_rest_are_counted() -> None:
    faults = Faults("jobs.csv")
    for line in range(1, 51):
        faults.add(line, "column", "broken")
    with pytest.raises(InputError) as caught:
        faults.raise_if_any()
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[19] == "jobs.csv:20: column: broken"
    assert lines[20] == "jobs.csv: and 30 more"
