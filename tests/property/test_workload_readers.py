"""Whatever a file holds, a reader gives a workload that can be run, or refuses it with where and why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.data_file import DataFolders
from models.problems import InputError
from models.workload.alibaba_gpu import COLUMNS, AlibabaGpu2023
from models.workload.building import check
from models.workload.job import Workload
from models.workload.source import WorkloadSource
from models.workload.swf import StandardWorkloadFormat
from models.workload.table import OPTIONAL, REQUIRED, JobTable

cells = st.one_of(
    st.sampled_from(["", "0", "1", "-1", "1000", "460", "0.5", "nan", "inf", "1e300", "-1e300", "1e15", "true", "a|b"]),
    st.sampled_from(["LS", "BE", "Running", "Pending", ' "', ";", "1_0", "٣", "\x00", "0x10"]),
    st.integers(-(10**30), 10**30).map(str),
    st.floats().map(str),
    st.text(max_size=5),
)


def rows(columns: int) -> st.SearchStrategy[list[list[str]]]:
    return st.lists(st.lists(cells, min_size=columns, max_size=columns), max_size=5)


def read_or_refuse(path: Path, text: str, source: Callable[[], WorkloadSource]) -> Workload | None:
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        return source().read(0.0, lambda *_: np.random.default_rng(1))
    except InputError as error:
        assert error.problems
        assert all(problem.where.startswith(path.name) and problem.message for problem in error.problems)
        return None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@settings(deadline=None, max_examples=100)
@given(table=rows(len(REQUIRED) + len(OPTIONAL)))
def test_a_table_is_read_or_refused(folder: Path, table: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in [[*REQUIRED, *OPTIONAL], *table])
    jobs = read_or_refuse(
        folder / "jobs.csv",
        text,
        lambda: JobTable.model_validate({"file": "jobs.csv"}, context=DataFolders(folder)),
    )
    if jobs is not None:
        check(jobs, "jobs.csv")
        assert (np.diff(jobs.submit_s) >= 0.0).all()


@settings(deadline=None, max_examples=100)
@given(table=rows(len(COLUMNS)))
def test_pods_are_read_or_refused(folder: Path, table: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in [list(COLUMNS), *table])
    read_or_refuse(
        folder / "pods.csv",
        text,
        lambda: AlibabaGpu2023.model_validate({"file": "pods.csv"}, context=DataFolders(folder)),
    )


@settings(deadline=None, max_examples=100)
@given(table=rows(18), exclusive=st.booleans())
def test_a_log_is_read_or_refused(folder: Path, table: list[list[str]], exclusive: bool) -> None:
    given_options = {"file": "log.swf", "exclusive": exclusive, "memory": "used", "processors_per_task": 64}
    read_or_refuse(
        folder / "log.swf",
        "\n".join(" ".join(row) for row in table),
        lambda: StandardWorkloadFormat.model_validate(given_options, context=DataFolders(folder)),
    )


@settings(deadline=None, max_examples=100)
@given(row=st.lists(st.integers(-1, 10**13), min_size=18, max_size=18))
def test_a_log_of_any_numbers_is_read_or_refused(folder: Path, row: list[int]) -> None:
    given_options = {"file": "log.swf", "exclusive": False, "memory": "used", "processors_per_task": 64}
    read_or_refuse(
        folder / "log.swf",
        " ".join(map(str, row)),
        lambda: StandardWorkloadFormat.model_validate(given_options, context=DataFolders(folder)),
    )


@settings(deadline=None, max_examples=100)
@given(garbage=st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(folder: Path, garbage: bytes) -> None:
    (folder / "garbage").write_bytes(garbage)
    for kind in (JobTable, AlibabaGpu2023, StandardWorkloadFormat):
        source = kind.model_validate({"file": "garbage"}, context=DataFolders(folder))
        with pytest.raises(InputError):
            source.read(0.0, lambda *_: np.random.default_rng(1))
