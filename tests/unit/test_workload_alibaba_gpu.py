"""Pods of Alibaba's GPU trace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data_file import DataFolders
from models.problems import InputError
from models.workload.alibaba_gpu import AlibabaGpu2023
from models.workload.job import Workload

HEADER = (
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
)
SHARE = "share,6000,12288,1,460,,LS,Running,100,500,150\n"
WHOLE = "whole,8000,1024,8,1000,V100M16|V100M32,BE,Succeeded,200,1000,200\n"
PENDING = "waits,1000,1024,0,0,,BE,Pending,300,350,\n"


def no_stream(*name: str) -> np.random.Generator:
    raise AssertionError(f"a trace draws nothing, but asked for {name}")


def read(folder: Path, text: str, **options: Any) -> Workload:
    (folder / "pods.csv").write_text(text)
    given = AlibabaGpu2023.model_validate({"file": "pods.csv", **options}, context=DataFolders(folder))
    return given.read(0.0, no_stream)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text)
    return str(caught.value)


def test_a_pod_is_a_job_that_holds_a_share_of_its_node(tmp_path: Path) -> None:
    jobs = read(tmp_path, HEADER + SHARE + WHOLE)
    assert jobs.name == ("share", "whole")
    assert jobs.submit_s.tolist() == [0.0, 100.0]
    assert jobs.work_s.tolist() == [350.0, 800.0]
    assert jobs.accelerators_milli.tolist() == [460, 8000]
    assert jobs.cpu_milli.tolist() == [6000, 8000]
    assert jobs.memory_b.tolist() == [12288 * 2**20, 2**30]
    assert not jobs.exclusive.any()
    assert jobs.constraint.tolist() == [-1, 0]
    assert jobs.constraints == (frozenset({"V100M16", "V100M32"}),)


def test_pods_that_never_ran_are_left_out_or_kept(tmp_path: Path) -> None:
    left_out = read(tmp_path, HEADER + SHARE + PENDING)
    assert left_out.name == ("share",)
    assert "1 of 2 pods left out: never scheduled, so of unknown run time" in left_out.notes
    kept = read(tmp_path, HEADER + SHARE + PENDING, pending="keep")
    assert kept.work_s.tolist() == [350.0, 50.0]


def test_options_choose_duration_priority_and_constraints(tmp_path: Path) -> None:
    jobs = read(tmp_path, HEADER + SHARE + WHOLE, duration_from="created", priority_of={"LS": 5}, use_gpu_spec=False)
    assert jobs.work_s.tolist() == [400.0, 800.0]
    assert jobs.priority.tolist() == [5, 0]
    assert jobs.constraint.tolist() == [-1, -1]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            SHARE.replace("460", "1460"),
            "pods.csv:3: gpu_milli: '1460' is not allowed; give a whole number from 0 to 1000",
        ),
        (SHARE.replace("6000", "-6000"), "pods.csv:3: cpu_milli: '-6000' is not allowed"),
        (SHARE.replace("12288", "nan"), "pods.csv:3: memory_mib: 'nan' is not allowed"),
        (SHARE.replace(",500,", ",50,"), "pods.csv:3: deletion_time: created at 100, scheduled at 150, deleted at 50"),
        (SHARE.replace(",500,", ",,"), "pods.csv:3: deletion_time: an empty cell is not allowed"),
        (SHARE.replace("1,460", "2,460"), "pods.csv:3: gpu_milli: 460 with 2 GPUs"),
        (SHARE.replace("LS", "XS"), "pods.csv:3: qos: 'XS' is unknown; allowed: LS, BE, Burstable, Guaranteed"),
        ("share,6000\n", "pods.csv:3: 2 fields, but the header has 11"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    assert refusal(tmp_path, HEADER + WHOLE + line).startswith(said)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, HEADER.replace("qos", "quality") + SHARE)
    assert message.startswith("pods.csv:1: qos: the column is missing; the header has name, cpu_milli")


def test_the_trace_has_8152_pods(public_data: Path) -> None:
    file = "traces/alibaba_gpu_2023_pods.csv"
    jobs = AlibabaGpu2023.model_validate({"file": file}, context=DataFolders(public_data)).read(0.0, no_stream)
    assert jobs.notes[0] == "897 of 8,152 pods left out: never scheduled, so of unknown run time"
    assert len(jobs) == 8_152 - 897
    assert jobs.accelerators_milli.sum() == 5_484_930
    assert np.count_nonzero((jobs.accelerators_milli > 0) & (jobs.accelerators_milli < 1000)) == 2_573
    kept = AlibabaGpu2023.model_validate({"file": file, "pending": "keep"}, context=DataFolders(public_data))
    assert len(kept.read(0.0, no_stream)) == 8_151  # one pending pod was deleted in the second of its creation
