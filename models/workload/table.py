"""Jobs of a CSV file in datahall's own columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from ..data_file import FromFile
from ..file_columns import Columns, read_columns
from ..file_faults import Faults, shown
from ..problems import nearest
from .building import ANYONE, build
from .source import Excerpt, WorkloadSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .job import Workload

REQUIRED = {
    "submit_s": "seconds from the trace's start, 0 or more",
    "duration_s": "seconds at full clock, above 0",
}
OPTIONAL = {
    "name": "what the job is called; job-0, job-1, ... by line where empty",
    "tasks": "tasks that start and end together, each on one node; 1 where empty",
    "exclusive": "true: a task holds a whole node. Where empty: true if accelerators, cpus and memory_gb are all empty",
    "accelerators": "of each task: a share of one in thousandths (0.46), or a whole number",
    "cpus": "processor cores of each task, to a thousandth",
    "memory_gb": "memory of each task in GB (1e9 bytes)",
    "estimate_s": "the user's estimate of the duration, above 0; none where empty",
    "priority": "a whole number, larger goes first; 0 where empty",
    "user": "who submitted the job",
    "activity": "how busy the job keeps what it holds, 0 to 1; 1 where empty (an assumption)",
    "checkpoint_interval_s": "seconds of work between checkpoints, above 0; none where empty",
    "node_type": "node models or accelerators that the job accepts, parted by '|'; any where empty",
}
"""The columns that a file may have, and what each holds."""

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class JobTable(FromFile, Excerpt, WorkloadSource):
    """Jobs of a CSV file with a header. Required columns: submit_s, duration_s. Optional: name, tasks, exclusive,
    accelerators, cpus, memory_gb, estimate_s, priority, user, activity, checkpoint_interval_s, node_type.
    Unlike a trace's, the times of a table count from the scenario's start, unless `from` is given."""

    kind: Literal["csv"] = "csv"

    def read(self, start_utc_s: float, stream: Callable[..., np.random.Generator]) -> Workload:
        """Return the table's jobs."""
        import numpy as np

        table = read_columns(self.path, Faults(self.file), REQUIRED, OPTIONAL)
        submit_s = table.numbers("submit_s")
        duration_s = table.numbers("duration_s", above=True)
        tasks = table.numbers("tasks", minimum=1.0, maximum=1e9, whole=True, required=False)
        accelerators = table.numbers("accelerators", maximum=1e6, required=False)
        cpus = table.numbers("cpus", maximum=1e6, required=False)
        memory_gb = table.numbers("memory_gb", maximum=1e9, required=False)
        estimate_s = table.numbers("estimate_s", above=True, required=False)
        priority = table.numbers("priority", minimum=None, whole=True, required=False)
        activity = table.numbers("activity", maximum=1.0, required=False)
        checkpoint_s = table.numbers("checkpoint_interval_s", above=True, required=False)
        milli = _accelerators_milli(table, accelerators)
        exclusive = _exclusive(table, np.isnan(accelerators) & np.isnan(cpus) & np.isnan(memory_gb))
        table.faults.raise_if_any()

        kept, from_start_s = self.excerpt(submit_s)
        rows = np.flatnonzero(kept).tolist()
        names, users, types = (table.words(column) for column in ("name", "user", "node_type"))
        return build(
            where=self.file,
            name=[(names[row] if names else "") or f"job-{row}" for row in rows],
            submit_s=(submit_s if self.from_ is None else from_start_s)[kept],
            work_s=duration_s[kept],
            activity=np.nan_to_num(activity[kept], nan=1.0),
            tasks=np.nan_to_num(tasks[kept], nan=1.0),
            exclusive=exclusive[kept],
            accelerators_milli=milli[kept],
            cpu_milli=np.round(np.nan_to_num(cpus[kept]) * 1000.0),
            memory_b=np.ceil(np.nan_to_num(memory_gb[kept]) * 1e9),
            estimate_s=estimate_s[kept],
            checkpoint_interval_s=checkpoint_s[kept],
            priority=np.nan_to_num(priority[kept]),
            user=[users[row] or ANYONE for row in rows] if users else None,
            constraint=[_accepted(types[row]) for row in rows] if types else None,
            notes=[f"{len(table) - len(rows):,} of {len(table):,} jobs left out: outside the excerpt"]
            if len(rows) < len(table)
            else [],
        )


def _accepted(node_types: str) -> frozenset[str]:
    return frozenset(part.strip() for part in node_types.split("|") if part.strip())


def _accelerators_milli(table: Columns, accelerators: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    exact = np.nan_to_num(accelerators) * 1000.0
    milli: NDArray[np.float64] = np.round(exact)
    wrong = (np.abs(milli - exact) > 1e-6) | ((milli > 1000.0) & (milli % 1000.0 != 0.0))
    for row in np.flatnonzero(wrong).tolist():
        given = shown(table.text["accelerators"][row])
        message = f"{given} is not allowed; give a share of one in thousandths (0.46), or a whole number"
        table.faults.add(table.line[row], "accelerators", message)
    return milli


def _exclusive(table: Columns, no_parts: NDArray[np.bool_]) -> NDArray[np.bool_]:
    import numpy as np

    cells = table.words("exclusive")
    exclusive = no_parts.copy()
    if cells is None:
        return exclusive
    for row, cell in enumerate(cells):
        if not cell:
            continue
        truth = _TRUTH.get(cell.lower())
        problem = ""
        if truth is None:
            problem = f"{shown(cell)} is neither true nor false; allowed: {', '.join(_TRUTH)}{nearest(cell, _TRUTH)}"
        elif truth and not no_parts[row]:
            problem = "an exclusive task holds a whole node; leave accelerators, cpus and memory_gb empty"
        elif not truth and no_parts[row]:
            problem = "a task that is not exclusive needs accelerators, cpus or memory_gb"
        if problem:
            table.faults.add(table.line[row], "exclusive", problem)
        exclusive[row] = bool(truth)
    return np.asarray(exclusive)
