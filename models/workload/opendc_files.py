"""Read the two Parquet files of an OpenDC workload, and refuse values that mean nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..file_faults import Faults
from ..problems import InputError, Problem, nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tasks:
    """Tasks in the file's order, columns of shape (n,)."""

    id: NDArray[np.int64]
    submission_ms: NDArray[np.int64]
    duration_ms: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Fragments:
    """Fragments sorted by task, in the file's order within each; columns of shape (n,). `task` indexes the tasks."""

    task: NDArray[np.int64]
    duration_ms: NDArray[np.int64]
    demand_mhz: NDArray[np.float64]


def read_tasks(path: Path, file: str) -> Tasks:
    """Return the tasks; InputError where a column is missing, a value is missing or negative, or an id is repeated."""
    import numpy as np

    columns = _columns(path, file, {"id": "whole", "submission_time": "whole", "duration": "whole"})
    faults = Faults(file)
    _refuse(faults, "submission_time", columns["submission_time"], columns["submission_time"] < 0, "0 ms or later")
    _refuse(faults, "duration", columns["duration"], columns["duration"] < 0, "0 ms or more")
    ids = columns["id"]
    repeated = np.ones(len(ids), dtype=np.bool_)
    repeated[np.unique(ids, return_index=True)[1]] = False
    _refuse(faults, "id", ids, repeated, "each id once")
    faults.raise_if_any()
    return Tasks(ids, columns["submission_time"], columns["duration"])


def read_fragments(path: Path, file: str, task_ids: NDArray[np.int64]) -> Fragments:
    """Return the fragments of the tasks `task_ids` (shape (n,), in any order).

    Raises InputError where a column or a value is missing, a value is negative or not finite, or a task is unknown.
    """
    import numpy as np

    columns = _columns(path, file, {"id": "whole", "duration": "whole", "cpu_usage": "real"})
    ids, duration_ms, demand_mhz = columns["id"], columns["duration"], columns["cpu_usage"]
    faults = Faults(file)
    _refuse(faults, "duration", duration_ms, duration_ms < 0, "0 ms or more")
    _refuse(
        faults, "cpu_usage", demand_mhz, ~(np.isfinite(demand_mhz) & (demand_mhz >= 0.0)), "a finite MHz, 0 or more"
    )
    order = np.argsort(task_ids, kind="stable")
    at = np.searchsorted(task_ids, ids, sorter=order)
    known = at < len(task_ids)
    task = order[np.where(known, at, 0)] if len(task_ids) else np.zeros(len(ids), dtype=np.int64)
    known &= task_ids[task] == ids if len(task_ids) else False
    _refuse(faults, "id", ids, ~known, "an id of the tasks file")
    faults.raise_if_any()
    if np.any(task[1:] < task[:-1]):
        by_task = np.argsort(task, kind="stable")
        task, duration_ms, demand_mhz = task[by_task], duration_ms[by_task], demand_mhz[by_task]
    return Fragments(task, duration_ms, demand_mhz)


def _columns(path: Path, file: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the wanted columns as int64 ("whole") or float64 ("real"), each of shape (n,)."""
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(path) as parquet:
            present = parquet.schema_arrow.names
            missing = [name for name in wanted if name not in present]
            if missing:
                having = ", ".join(present)
                raise InputError(
                    Problem(file, name, f"the column is missing; the file has {having}{nearest(name, present)}")
                    for name in missing
                )
            table = parquet.read(columns=list(wanted))
    except pyarrow.ArrowInvalid as error:
        raise InputError(Problem(file, "", f"not a readable Parquet file: {error}")) from error
    problems = []
    columns: dict[str, Any] = {}
    for name, number in wanted.items():
        column = table.column(name)
        type_wanted = pyarrow.int64() if number == "whole" else pyarrow.float64()
        if column.null_count:
            problems.append(Problem(file, name, f"{column.null_count:,} values are missing; each row needs one"))
            continue
        try:
            columns[name] = column.cast(type_wanted).to_numpy()
        except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
            problems.append(Problem(file, name, f"the column holds {column.type}; allowed: {number} numbers"))
    if problems:
        raise InputError(problems)
    return columns


def _refuse(faults: Faults, column: str, values: NDArray[np.generic], wrong: NDArray[np.bool_], allowed: str) -> None:
    import numpy as np

    for row in np.flatnonzero(wrong).tolist():
        faults.add(0, column, f"row {row + 1} has {values[row]}; allowed: {allowed}")
