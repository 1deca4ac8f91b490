"""Tasks of an OpenDC workload: each a sequence of fragments, a duration and a demand for processor speed.

https://opendc.org, format of version 2.4: `tasks.parquet` (id, submission_time [ms], duration [ms], cpu_count,
cpu_capacity [MHz], mem_capacity) and `fragments.parquet` (id, duration [ms], cpu_usage [MHz]). Mastenbroek et al.,
"OpenDC 2.0", CCGrid 2021.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ..data_file import FromFile
from ..units import Frequency
from .building import build
from .opendc_files import read_fragments, read_tasks
from .source import Excerpt, WorkloadSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .job import Workload


class OpenDC(Excerpt, WorkloadSource):
    """Tasks and fragments of an OpenDC workload. A task holds a whole host. A fragment keeps it busy to the fraction
    demand / `host_capacity`; where the demand is above, progress stops at the capacity: the fragment takes
    demand / capacity times as long, fully busy. Fragments decide how long a task runs; the task's own duration is not
    used. The time of the first submission is the trace's start."""

    kind: Literal["opendc"] = "opendc"
    tasks: FromFile
    """The file `tasks.parquet`."""
    fragments: FromFile
    """The file `fragments.parquet`; a task's fragments run in the order of the file."""
    host_capacity: Annotated[Frequency, Field(gt=0)]
    """Speed of all processor cores of a host together, such as 16 cores of 2.1 GHz: 33.6 GHz."""

    def read(self, start_utc_s: float, stream: Callable[..., np.random.Generator]) -> Workload:
        """Return the tasks as jobs of one exclusive task, equal fragments in a row merged into one phase."""
        import numpy as np

        tasks = read_tasks(self.tasks.path, self.tasks.file)
        fragments = read_fragments(self.fragments.path, self.fragments.file, tasks.id)
        task, work_s, activity = merged(
            fragments.task, fragments.duration_ms, fragments.demand_mhz * 1e6 / self.host_capacity
        )
        submit_s = (tasks.submission_ms - np.min(tasks.submission_ms, initial=np.iinfo(np.int64).max)) / 1000.0
        inside, submit_s = self.excerpt(submit_s)
        phases = np.bincount(task, minlength=len(inside))
        runs = phases > 0
        notes = []
        for reason, left_out in (("outside the excerpt", ~inside), ("without work", inside & ~runs)):
            if left_out.any():
                notes.append(f"{np.count_nonzero(left_out):,} of {len(inside):,} tasks left out: {reason}")
        fragments_ms = np.zeros(len(inside), dtype=np.int64)
        np.add.at(fragments_ms, fragments.task, fragments.duration_ms)
        differing = int(np.count_nonzero(fragments_ms != tasks.duration_ms))
        if differing:
            notes.append(f"{differing:,} tasks whose fragments last longer or shorter than the task says")
        kept = inside & runs
        chosen = kept[task]
        return build(
            where=self.tasks.file,
            name=[str(number) for number in tasks.id[kept].tolist()],
            submit_s=submit_s[kept],
            work_s=work_s[chosen],
            activity=activity[chosen],
            phases=phases[kept],
            notes=notes,
        )


def merged(
    task: NDArray[np.int64], duration_ms: NDArray[np.int64], demand: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the phases of fragments as (task, work [s], activity), each of shape (m,) with m <= n.

    `task` (shape (n,)) must rise, `demand` is a fraction of the host's capacity and may be above 1. Fragments in a row
    of one task and equal demand are one phase; those of no duration vanish.
    """
    import numpy as np

    lasting = duration_ms > 0
    if not lasting.all():
        task, duration_ms, demand = task[lasting], duration_ms[lasting], demand[lasting]
    begins = np.ones(len(task), dtype=np.bool_)
    begins[1:] = (task[1:] != task[:-1]) | (demand[1:] != demand[:-1])
    start = np.flatnonzero(begins)
    if not len(start):
        return task, np.empty(0), np.empty(0)
    total_ms = np.add.reduceat(duration_ms, start)
    return task[start], total_ms / 1000.0 * np.maximum(demand[start], 1.0), np.minimum(demand[start], 1.0)
