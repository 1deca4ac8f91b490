"""Jobs of a log in the Standard Workload Format, version 2.2.

https://www.cs.huji.ac.il/labs/parallel/workload/swf.html; Chapin et al., JSSPP 1999. A job is a line of 18 numbers,
-1 where unknown; lines that start with a semicolon are comments, those at the top hold `Name: value`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import PositiveInt

from ..data_file import FromFile
from ..units import Duration
from .building import build
from .source import Excerpt, WorkloadSource
from .swf_file import read_swf

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .job import Workload
    from .swf_file import SwfLog

Outcome = Literal["failed", "completed", "cancelled", "unknown"]
_STATUS: dict[Outcome, int] = {"failed": 0, "completed": 1, "cancelled": 5, "unknown": -1}
_KIB = 1024  # the format says kilobytes; read as 1024 bytes, an assumption


class StandardWorkloadFormat(FromFile, Excerpt, WorkloadSource):
    """Jobs of a log in the Standard Workload Format (`.swf`, or gzipped), such as those of the Parallel Workloads
    Archive. A job whose run time or number of processors is zero or unknown is left out and counted, as is a line of
    status 2 to 4, which repeats a part of another job."""

    kind: Literal["swf"] = "swf"
    processors_per_task: PositiveInt = 1
    """Processors of the log that make one task; the last task of a job is filled up. With the cores of a node here
    and `exclusive`, a job holds as many whole nodes as it needs."""
    exclusive: bool = True
    """Whether a task holds a whole node. Otherwise it holds `processors_per_task` of `processor`."""
    processor: Literal["core", "accelerator"] = "core"
    """What a processor of the log is; without meaning for exclusive tasks."""
    processors: Literal["allocated", "requested"] = "allocated"
    """The field that gives a job's processors; the other one stands in where it is unknown."""
    run_time: Literal["run", "cpu"] = "run"
    """The field that gives a job's duration: its run time, or its average processor time."""
    zero_run_time_as: Duration | None = None
    """Jobs that ran for zero seconds last this long. Without it they are left out."""
    estimate: Literal["requested", "run", "none"] = "requested"
    """The user's estimate: the requested time where known, the run time itself (a perfect estimate), or none."""
    memory: Literal["none", "used", "requested"] = "none"
    """The field that gives the memory of each processor, for tasks that are not exclusive; unknown is zero."""
    keep: tuple[Outcome, ...] = ("completed", "failed", "cancelled", "unknown")
    """Outcomes of the jobs that are replayed. Failed and cancelled jobs held their processors, so all are kept."""

    def read(self, start_utc_s: float, stream: Callable[..., np.random.Generator]) -> Workload:
        """Return the log's jobs; users are named by their number in the log, jobs by theirs."""
        import numpy as np

        log = read_swf(self.path, self.file)
        columns = log.columns
        run_s = columns["run_time" if self.run_time == "run" else "cpu_time"]
        if self.zero_run_time_as:
            run_s = np.where(run_s == 0.0, self.zero_run_time_as, run_s)
        processors = self._with_other(columns["allocated_processors"], columns["requested_processors"])
        inside, submit_s = self.excerpt(columns["submit"])
        kept, notes = self._kept(log, inside, run_s, processors)

        tasks = -(-processors[kept].astype(np.int64) // self.processors_per_task)
        units = 0 if self.exclusive else self.processors_per_task * 1000
        requested_s = columns["requested_time"][kept]
        estimates: dict[str, NDArray[np.float64] | float] = {
            "requested": np.where(requested_s > 0.0, requested_s, np.nan),
            "run": run_s[kept],
            "none": float("nan"),
        }
        return build(
            where=self.file,
            name=[str(job) for job in columns["job"][kept].astype(np.int64).tolist()],
            submit_s=submit_s[kept],
            work_s=run_s[kept],
            tasks=tasks,
            exclusive=self.exclusive,
            accelerators_milli=units if self.processor == "accelerator" else 0,
            cpu_milli=units if self.processor == "core" else 0,
            memory_b=self._memory_b(columns)[kept],
            estimate_s=estimates[self.estimate],
            user=["unknown" if user < 0 else str(user) for user in columns["user"][kept].astype(np.int64).tolist()],
            notes=notes,
        )

    def header(self) -> dict[str, str]:
        """Return the log's header, such as UnixStartTime, MaxProcs and TimeZoneString; a repeated name keeps the
        first value."""
        return read_swf(self.path, self.file).header

    def _with_other(self, allocated: NDArray[np.float64], requested: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        first, other = (allocated, requested) if self.processors == "allocated" else (requested, allocated)
        return np.where(first > 0.0, first, other)

    def _memory_b(self, columns: dict[str, NDArray[np.float64]]) -> NDArray[np.int64]:
        import numpy as np

        if self.memory == "none" or self.exclusive:
            return np.zeros(len(columns["job"]), dtype=np.int64)
        memory_kib = np.maximum(columns[f"{self.memory}_memory"], 0.0)
        memory_b: NDArray[np.int64] = np.ceil(memory_kib * (_KIB * self.processors_per_task)).astype(np.int64)
        return memory_b

    def _kept(
        self, log: SwfLog, inside: NDArray[np.bool_], run_s: NDArray[np.float64], processors: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], list[str]]:
        """Return which jobs are replayed and, for each rule that left some out, how many."""
        import numpy as np

        status = log.columns["status"]
        kept = np.ones(len(status), dtype=np.bool_)
        notes = []
        for reason, left_out in (
            ("outside the excerpt", ~inside),
            ("repeat a part of another job (status 2 to 4)", (status >= 2) & (status <= 4)),
            (
                f"with an outcome other than {', '.join(self.keep)}",
                ~np.isin(status, [_STATUS[outcome] for outcome in self.keep]),
            ),
            ("of zero run time", run_s == 0.0),
            ("of unknown run time", run_s < 0.0),
            ("of zero or unknown processors", processors <= 0.0),
        ):
            count = int(np.count_nonzero(left_out & kept))
            if count:
                notes.append(f"{count:,} of {len(status):,} jobs left out: {reason}")
            kept &= ~left_out
        return kept, notes


def submission_clock(header: dict[str, str]) -> tuple[int, str] | None:
    """Return the Unix time of a log's start and the name of its time zone ("UTC" if unnamed); None where unknown."""
    given = header.get("UnixStartTime", "")
    return (int(given), header.get("TimeZoneString", "UTC")) if re.fullmatch(r"\d+", given) else None
