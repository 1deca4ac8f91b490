"""Logs in the Standard Workload Format."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.data_file import DataFolders
from models.problems import InputError
from models.workload.job import Workload
from models.workload.swf import StandardWorkloadFormat, submission_clock

HEADER = "; Version: 2.2\n; UnixStartTime: 749458803\n; MaxProcs: 128\n; TimeZoneString: US/Pacific\n"
#      job submit wait run procs cpu mem rprocs rtime rmem status user group exe queue part prev think
JOBS = """1 0 -1 100 8 90 1024 16 300 2048 1 7 1 -1 -1 -1 -1 -1
2 10 -1 50 -1 -1 -1 3 -1 -1 0 -1 1 -1 -1 -1 -1 -1
"""


def source(folder: Path, text: str | bytes, **options: Any) -> StandardWorkloadFormat:
    (folder / "log.swf").write_bytes(text if isinstance(text, bytes) else text.encode("latin-1"))
    return StandardWorkloadFormat.model_validate({"file": "log.swf", **options}, context=DataFolders(folder))


def read(folder: Path, text: str | bytes, **options: Any) -> Workload:
    return source(folder, text, **options).read(0.0, no_stream)


def refusal(folder: Path, text: str | bytes, **options: Any) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text, **options)
    return str(caught.value)


def no_stream(*name: str) -> np.random.Generator:
    raise AssertionError(f"a trace draws nothing, but asked for {name}")


def job(number: int = 1, submit: float = 0, run: float = 10, processors: int = 1, status: int = 1) -> str:
    return f"{number} {submit} -1 {run} {processors} -1 -1 -1 -1 -1 {status} 1 1 -1 -1 -1 -1 -1\n"


def test_fields_become_columns(tmp_path: Path) -> None:
    jobs = read(tmp_path, HEADER + JOBS)
    assert jobs.name == ("1", "2")
    assert jobs.submit_s.tolist() == [0.0, 10.0]
    assert jobs.work_s.tolist() == [100.0, 50.0]
    assert jobs.tasks.tolist() == [8, 3]  # the second has no allocated processors: the requested stand in
    assert jobs.exclusive.all()
    assert jobs.users == ("7", "unknown")
    assert jobs.estimate_s[0] == 300.0
    assert np.isnan(jobs.estimate_s[1])


def test_the_header_is_read(tmp_path: Path) -> None:
    header = source(tmp_path, HEADER + JOBS).header()
    assert header["MaxProcs"] == "128"
    assert submission_clock(header) == (749458803, "US/Pacific")
    assert submission_clock({}) is None


def test_a_gzipped_log_reads_the_same(tmp_path: Path) -> None:
    assert read(tmp_path, gzip.compress((HEADER + JOBS).encode())).work_s.tolist() == [100.0, 50.0]


def test_processors_are_filled_into_tasks(tmp_path: Path) -> None:
    jobs = read(tmp_path, job(processors=20), processors_per_task=8)
    assert (jobs.tasks.tolist(), jobs.exclusive.tolist(), jobs.cpu_milli.tolist()) == ([3], [True], [0])


def test_tasks_that_share_a_node_hold_cores_or_accelerators_and_memory(tmp_path: Path) -> None:
    options = {"exclusive": False, "processors_per_task": 2, "memory": "used"}
    jobs = read(tmp_path, JOBS, **options)
    assert jobs.cpu_milli.tolist() == [2000, 2000]
    assert jobs.memory_b.tolist() == [2 * 1024 * 1024, 0]  # unknown memory is zero
    jobs = read(tmp_path, JOBS, processor="accelerator", **options)
    assert (jobs.cpu_milli.tolist(), jobs.accelerators_milli.tolist()) == ([0, 0], [2000, 2000])


def test_options_choose_the_fields(tmp_path: Path) -> None:
    first = JOBS.splitlines()[0]
    assert read(tmp_path, first, processors="requested").tasks.tolist() == [16]
    assert read(tmp_path, first, run_time="cpu").work_s.tolist() == [90.0]
    assert read(tmp_path, first, estimate="run").estimate_s.tolist() == [100.0]
    assert np.isnan(read(tmp_path, first, estimate="none").estimate_s).all()


def test_jobs_without_run_time_or_processors_are_left_out_and_counted(tmp_path: Path) -> None:
    jobs = read(tmp_path, job(1) + job(2, run=0) + job(3, run=-1) + job(4, processors=0) + job(5, status=3))
    assert jobs.name == ("1",)
    assert jobs.notes == (
        "1 of 5 jobs left out: repeat a part of another job (status 2 to 4)",
        "1 of 5 jobs left out: of zero run time",
        "1 of 5 jobs left out: of unknown run time",
        "1 of 5 jobs left out: of zero or unknown processors",
    )


def test_zero_run_time_can_be_given_a_length(tmp_path: Path) -> None:
    assert read(tmp_path, job(1, run=0), zero_run_time_as="1 s").work_s.tolist() == [1.0]


def test_outcomes_that_are_not_kept_are_left_out(tmp_path: Path) -> None:
    log = job(1, status=1) + job(2, status=0) + job(3, status=5) + job(4, status=-1)
    assert read(tmp_path, log).name == ("1", "2", "3", "4")
    assert read(tmp_path, log, keep=["completed", "unknown"]).name == ("1", "4")


def test_an_excerpt_starts_where_it_is_told(tmp_path: Path) -> None:
    log = job(1, submit=100) + job(2, submit=3600) + job(3, submit=7200)
    assert read(tmp_path, log).submit_s.tolist() == [0.0, 3500.0, 7100.0]
    jobs = read(tmp_path, log, **{"from": "1000 s", "until": "2 h"})
    assert (jobs.name, jobs.submit_s.tolist()) == (("2",), [2600.0])
    assert jobs.notes == ("2 of 3 jobs left out: outside the excerpt",)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1 0 -1 100 8", "log.swf:6: 5 fields where 18 are needed: '1 0 -1 100 8'"),
        (job(run=10).replace(" 10 ", " ten "), "log.swf:6: run_time: 'ten' is not a number"),
        (job().replace(" 10 ", " nan "), "log.swf:6: run_time: 'nan' is not a number"),
        (job().replace(" 10 ", " inf "), "log.swf:6: run_time: 'inf' is not a number"),
        (job().replace(" 10 ", " 1_0 "), "log.swf:6: run_time: '1_0' is not a number"),
        (job(run=-5), "log.swf:6: run_time: '-5' is negative; allowed: 0 or more, or -1 for unknown"),
        (job(submit=-1), "log.swf:6: submit: '-1' is negative; allowed: 0 or more"),
    ],
)
def test_a_broken_line_is_named_and_nothing_is_half_read(tmp_path: Path, line: str, said: str) -> None:
    message = refusal(tmp_path, HEADER + job(1) + line.rstrip("\n") + "\n" + job(2))
    assert message.startswith(said)
    assert len(message.splitlines()) == 1


def test_options_are_written_as_they_are_read(tmp_path: Path) -> None:
    log = source(tmp_path, JOBS, **{"from": "1 h"})
    assert log.model_dump()["from"] == "1 h"
    assert StandardWorkloadFormat.model_validate(log.model_dump(), context=DataFolders(tmp_path)) == log


def test_an_excerpt_ends_after_it_begins(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="'until' must be later than 'from'"):
        source(tmp_path, JOBS, **{"from": "2 h", "until": "1 h"})


def test_every_broken_line_is_named_up_to_twenty(tmp_path: Path) -> None:
    lines = refusal(tmp_path, "oops\n" * 50).splitlines()
    assert lines[0] == "log.swf:1: 1 fields where 18 are needed: 'oops'"
    assert lines[-1] == "log.swf: and 30 more"
    assert len(lines) == 21


def test_a_cut_off_gzip_file_is_refused(tmp_path: Path) -> None:
    assert "the gzip file is broken" in refusal(tmp_path, gzip.compress((HEADER + JOBS).encode())[:-20])


def test_a_log_without_jobs_is_refused(tmp_path: Path) -> None:
    assert "holds no job" in refusal(tmp_path, HEADER)
    assert "1 of 1 jobs left out: of zero run time" in refusal(tmp_path, job(run=0))


def test_the_nasa_log_has_18239_jobs_on_128_processors(public_data: Path) -> None:
    nasa = StandardWorkloadFormat.model_validate(
        {"file": "traces/nasa_ipsc_1993.swf", "zero_run_time_as": "1 s"}, context=DataFolders(public_data)
    )
    jobs = nasa.read(0.0, no_stream)
    assert len(jobs) == 18_239
    assert jobs.tasks.max() == int(nasa.header()["MaxProcs"]) == 128
    assert jobs.submit_s[[0, -1]].tolist() == [0.0, 7_948_936.0]
    assert len(jobs.users) == 69
    without = StandardWorkloadFormat.model_validate(
        {"file": "traces/nasa_ipsc_1993.swf"}, context=DataFolders(public_data)
    ).read(0.0, no_stream)
    assert len(without) == 18_066
    assert without.notes == ("173 of 18,239 jobs left out: of zero run time",)
    assert without.work_s.sum() == 13_950_781.0
