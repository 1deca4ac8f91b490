"""Jobs of a CSV file in datahall's own columns."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data_file import DataFolders
from models.problems import InputError
from models.workload.job import Workload
from models.workload.table import OPTIONAL, REQUIRED, JobTable


def no_stream(*name: str) -> np.random.Generator:
    raise AssertionError(f"a table draws nothing, but asked for {name}")


def read(folder: Path, text: str, **options: Any) -> Workload:
    (folder / "jobs.csv").write_text(text)
    return JobTable.model_validate({"file": "jobs.csv", **options}, context=DataFolders(folder)).read(0.0, no_stream)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return str(caught.value)


def test_two_columns_are_enough(tmp_path: Path) -> None:
    jobs = read(tmp_path, "submit_s,duration_s\n60,10\n30,20\n")
    assert jobs.name == ("job-1", "job-0")
    assert jobs.submit_s.tolist() == [30.0, 60.0]  # counted from the scenario's start, not from the first job
    assert jobs.tasks.tolist() == [1, 1]
    assert jobs.exclusive.all()
    assert jobs.phase_activity.tolist() == [1.0, 1.0]
    assert jobs.users == ("anyone",)


def test_every_column_is_read(tmp_path: Path) -> None:
    columns = [*REQUIRED, *OPTIONAL]
    cells = "0, 3600, train, 4, no, 0.46, 1.5, 16, 7200, -3, ann, 0.8, 600, A100|H100"
    jobs = read(tmp_path, f"{','.join(columns)}\n{cells}\n")
    assert jobs.name == ("train",)
    assert (jobs.tasks.tolist(), jobs.exclusive.tolist()) == ([4], [False])
    assert (jobs.accelerators_milli.tolist(), jobs.cpu_milli.tolist()) == ([460], [1500])
    assert jobs.memory_b.tolist() == [16_000_000_000]
    assert (jobs.estimate_s.tolist(), jobs.checkpoint_interval_s.tolist()) == ([7200.0], [600.0])
    assert (jobs.priority.tolist(), jobs.users) == ([-3], ("ann",))
    assert jobs.phase_activity.tolist() == [0.8]
    assert jobs.constraints == (frozenset({"A100", "H100"}),)


def test_an_empty_cell_is_a_value_not_given(tmp_path: Path) -> None:
    jobs = read(tmp_path, "submit_s,duration_s,tasks,accelerators,estimate_s,user\n0,1,,,,\n0,1,2,1,5,ann\n")
    assert jobs.tasks.tolist() == [1, 2]
    assert jobs.exclusive.tolist() == [True, False]
    assert np.isnan(jobs.estimate_s[0])
    assert jobs.users == ("anyone", "ann")


def test_an_excerpt_leaves_the_others_out(tmp_path: Path) -> None:
    jobs = read(tmp_path, "submit_s,duration_s\n0,1\n100,1\n200,1\n", **{"from": "50 s", "until": "150 s"})
    assert (jobs.name, jobs.submit_s.tolist()) == (("job-1",), [50.0])
    assert jobs.notes == ("2 of 3 jobs left out: outside the excerpt",)


@pytest.mark.parametrize(
    ("column", "cell", "allowed"),
    [
        ("submit_s", "-1", "a finite number, 0 or more"),
        ("submit_s", "", "a finite number, 0 or more"),
        ("duration_s", "0", "a finite number above 0"),
        ("duration_s", "-5", "a finite number above 0"),
        ("duration_s", "nan", "a finite number above 0"),
        ("duration_s", "inf", "a finite number above 0"),
        ("duration_s", "1e999", "a finite number above 0"),
        ("duration_s", "1_000", "a finite number above 0"),
        ("duration_s", "1 h", "a finite number above 0"),
        ("tasks", "1.5", "a whole number from 1 to 1e+09"),
        ("tasks", "0", "a whole number from 1 to 1e+09"),
        ("accelerators", "1.5", "a share of one in thousandths (0.46), or a whole number"),
        ("accelerators", "0.4601", "a share of one in thousandths (0.46), or a whole number"),
        ("cpus", "-1", "a finite number from 0 to 1e+06"),
        ("estimate_s", "0", "a finite number above 0"),
        ("priority", "0.5", "a whole number"),
        ("activity", "1.1", "a finite number from 0 to 1"),
        ("checkpoint_interval_s", "-1", "a finite number above 0"),
    ],
)
def test_a_broken_value_is_named_with_line_and_column(tmp_path: Path, column: str, cell: str, allowed: str) -> None:
    cells = {"submit_s": "0", "duration_s": "1", column: cell}
    good = ",".join("1" for _ in cells)
    message = refusal(tmp_path, f"{','.join(cells)}\n{good}\n\n{','.join(cells.values())}\n")
    given = f"'{cell}'" if cell else "an empty cell"
    assert message == f"jobs.csv:4: {column}: {given} is not allowed; give {allowed}"


def test_exclusive_must_fit_what_the_task_holds(tmp_path: Path) -> None:
    header = "submit_s,duration_s,exclusive,cpus\n"
    message = refusal(tmp_path, header + "0,1,maybe,\n0,1,true,2\n0,1,false,\n")
    assert "jobs.csv:2: exclusive: 'maybe' is neither true nor false" in message
    assert "jobs.csv:3: exclusive: an exclusive task holds a whole node" in message
    assert "jobs.csv:4: exclusive: a task that is not exclusive needs accelerators, cpus or memory_gb" in message


def test_an_unknown_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    message = refusal(tmp_path, "submit_s,duration_s,estimat_s\n0,1,2\n")
    assert message.startswith("jobs.csv:1: estimat_s: unknown column; allowed: submit_s, duration_s, name")
    assert message.endswith("nearest: 'estimate_s'")


def test_a_missing_or_repeated_column_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, "submit_s,submit_s,duration\n")
    assert "jobs.csv:1: duration_s: the column is missing" in message
    assert "jobs.csv:1: submit_s: the column appears twice" in message
    assert "jobs.csv:1: duration: unknown column" in message


def test_a_line_of_another_length_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, "submit_s,duration_s\n0,1\n0\n0,1,2\n")
    assert message.splitlines() == [
        "jobs.csv:3: 1 field, but the header has 2",
        "jobs.csv:4: 3 fields, but the header has 2",
    ]


def test_a_table_without_jobs_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "submit_s,duration_s\n") == ("jobs.csv: the workload holds no job; at least one is needed")
    assert "the header has nothing" in refusal(tmp_path, "")


def test_the_documentation_names_every_column() -> None:
    named = set(re.findall(r"[a-z_]+", JobTable.__doc__ or ""))
    assert named >= {*REQUIRED, *OPTIONAL}


def test_faults_of_shape_and_of_value_are_told_together(tmp_path: Path) -> None:
    message = refusal(tmp_path, "submit_s,duration_s\n0,1\n0\n0,abc\n")
    assert {line.split(": ")[0] for line in message.splitlines()} == {"jobs.csv:3", "jobs.csv:4"}
