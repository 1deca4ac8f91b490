"""Tasks and fragments of OpenDC workloads."""

from __future__ import annotations

import heapq
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.data_file import DataFolders
from models.problems import InputError
from models.workload.job import Workload
from models.workload.opendc import OpenDC

TASKS = {"id": [5, 3], "submission_time": [60_000, 30_000], "duration": [30_000, 90_000]}
FRAGMENTS = {
    "id": [3, 5, 3, 3],
    "duration": [30_000, 30_000, 30_000, 30_000],
    "cpu_usage": [1000.0, 6000.0, 1000.0, 0.0],
}


def no_stream(*name: str) -> np.random.Generator:
    raise AssertionError(f"a trace draws nothing, but asked for {name}")


def read(folder: Path, tasks: dict[str, Any], fragments: dict[str, Any], **options: Any) -> Workload:
    pd.DataFrame(tasks).to_parquet(folder / "tasks.parquet")
    pd.DataFrame(fragments).to_parquet(folder / "fragments.parquet")
    given = {
        "tasks": {"file": "tasks.parquet"},
        "fragments": {"file": "fragments.parquet"},
        "host_capacity": "4 GHz",
        **options,
    }
    return OpenDC.model_validate(given, context=DataFolders(folder)).read(0.0, no_stream)


def refusal(folder: Path, tasks: dict[str, Any], fragments: dict[str, Any]) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, tasks, fragments)
    return str(caught.value)


def test_equal_fragments_in_a_row_are_one_phase_and_demand_above_capacity_takes_longer(tmp_path: Path) -> None:
    jobs = read(tmp_path, TASKS, FRAGMENTS)
    assert jobs.name == ("3", "5")
    assert jobs.submit_s.tolist() == [0.0, 30.0]
    assert jobs.phase_start.tolist() == [0, 2, 3]
    assert jobs.phase_work_s.tolist() == [60.0, 30.0, 45.0]  # 6 GHz on 4 GHz: 1.5 times as long
    assert jobs.phase_activity.tolist() == [0.25, 0.0, 1.0]
    assert jobs.exclusive.all()
    assert jobs.tasks.tolist() == [1, 1]
    assert jobs.notes == ()


def test_equal_fragments_of_two_tasks_stay_apart(tmp_path: Path) -> None:
    jobs = read(tmp_path, TASKS, {"id": [3, 5], "duration": [90_000, 30_000], "cpu_usage": [1.0, 1.0]})
    assert jobs.work_s.tolist() == [90.0, 30.0]


def test_fragments_decide_how_long_a_task_runs_and_a_task_without_any_is_left_out(tmp_path: Path) -> None:
    jobs = read(tmp_path, TASKS, {"id": [3, 3], "duration": [1000, 0], "cpu_usage": [1.0, 2.0]})
    assert (jobs.name, jobs.work_s.tolist()) == (("3",), [1.0])
    assert jobs.notes == (
        "1 of 2 tasks left out: without work",
        "2 tasks whose fragments last longer or shorter than the task says",
    )


def test_an_excerpt_counts_from_the_first_submission(tmp_path: Path) -> None:
    jobs = read(tmp_path, TASKS, FRAGMENTS, **{"from": "10 s"})
    assert (jobs.name, jobs.submit_s.tolist()) == (("5",), [20.0])


@pytest.mark.parametrize(
    ("tasks", "fragments", "said"),
    [
        ({**TASKS, "id": [3, 3]}, FRAGMENTS, "tasks.parquet: id: row 2 has 3; allowed: each id once"),
        (
            {**TASKS, "submission_time": [-1, 0]},
            FRAGMENTS,
            "tasks.parquet: submission_time: row 1 has -1; allowed: 0 ms",
        ),
        (TASKS, {**FRAGMENTS, "id": [3, 5, 3, 9]}, "fragments.parquet: id: row 4 has 9; allowed: an id of the tasks"),
        (TASKS, {**FRAGMENTS, "duration": [1, 1, -1, 1]}, "fragments.parquet: duration: row 3 has -1"),
        (TASKS, {**FRAGMENTS, "cpu_usage": [1.0, np.inf, 1.0, 1.0]}, "fragments.parquet: cpu_usage: row 2 has inf"),
        (TASKS, {**FRAGMENTS, "cpu_usage": [1.0, None, 1.0, 1.0]}, "cpu_usage: 1 values are missing"),
        (TASKS, {**FRAGMENTS, "cpu_usage": ["a", "b", "c", "d"]}, "allowed: real numbers"),
        (TASKS, {"id": [3], "duration": [1], "cpu_use": [1.0]}, "cpu_usage: the column is missing"),
    ],
)
def test_a_broken_value_is_named(tmp_path: Path, tasks: dict[str, Any], fragments: dict[str, Any], said: str) -> None:
    assert said in refusal(tmp_path, tasks, fragments)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path) -> None:
    read(tmp_path, TASKS, FRAGMENTS)
    (tmp_path / "fragments.parquet").write_text("id,duration\n")
    given = {"tasks": {"file": "tasks.parquet"}, "fragments": {"file": "fragments.parquet"}, "host_capacity": "4 GHz"}
    with pytest.raises(InputError, match=r"fragments\.parquet: not a readable Parquet file"):
        OpenDC.model_validate(given, context=DataFolders(tmp_path)).read(0.0, no_stream)


def test_the_surf_week_on_279_hosts_of_32_to_180_w_takes_the_energy_that_opendc_gives(public_data: Path) -> None:
    week = "traces/opendc_surf_week"
    given = {
        "tasks": {"file": f"{week}/tasks.parquet"},
        "fragments": {"file": f"{week}/fragments.parquet"},
        "host_capacity": "33.6 GHz",
    }
    jobs = OpenDC.model_validate(given, context=DataFolders(public_data)).read(0.0, no_stream)
    assert len(jobs) == 6_295
    assert jobs.notes == ()  # every task lasts as long as its fragments

    free_s, end_s, waited = [0.0] * 279, 0.0, 0
    for submit_s, work_s in zip(jobs.submit_s.tolist(), jobs.work_s.tolist(), strict=True):
        start_s = max(submit_s, heapq.heappop(free_s))
        waited += start_s > submit_s
        end_s = max(end_s, start_s + work_s)
        heapq.heappush(free_s, start_s + work_s)
    assert waited == 0
    assert end_s == 168.0 * 3600.0

    # Idle power of every host until the last task's end, and the linear part by activity.
    energy_j = 279 * 32.0 * end_s + (180.0 - 32.0) * float(jobs.phase_work_s @ jobs.phase_activity)
    assert energy_j == pytest.approx(1.21125541e10, abs=1e6)
