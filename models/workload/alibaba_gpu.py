"""Pods of Alibaba's GPU cluster trace of 2023: shares of accelerators, processors and memory.

https://github.com/alibaba/clusterdata, cluster-trace-gpu-v2023; Weng et al., "Beware of Fragmentation: Scheduling
GPU-Sharing Workloads with Fragmentation Gradient Descent", USENIX ATC 2023. Times are seconds from the trace's start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from ..data_file import FromFile
from ..file_columns import Columns, read_columns
from ..file_faults import Faults, shown
from .building import build
from .source import Excerpt, WorkloadSource

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .job import Workload

COLUMNS = (
    "name",
    "cpu_milli",
    "memory_mib",
    "num_gpu",
    "gpu_milli",
    "gpu_spec",
    "qos",
    "pod_phase",
    "creation_time",
    "deletion_time",
    "scheduled_time",
)
"""The columns that the file must have; others are passed over."""

QualityOfService = Literal["LS", "BE", "Burstable", "Guaranteed"]
_MIB = 1024**2


class AlibabaGpu2023(FromFile, Excerpt, WorkloadSource):
    """Pods of Alibaba's GPU cluster trace of 2023, `openb_pod_list_*.csv`. A pod is a job of one task that shares its
    node. It is submitted when it was created and runs as long as it ran in the trace; how long it waited there is not
    replayed."""

    kind: Literal["alibaba-gpu-2023"] = "alibaba-gpu-2023"
    duration_from: Literal["scheduled", "created"] = "scheduled"
    """A pod runs from when it was scheduled, or from when it was created, until it was deleted."""
    pending: Literal["leave out", "keep"] = "leave out"
    """Pods that were deleted before they were scheduled never ran, so their run time is unknown. They are left out and
    counted, or kept and run for as long as they existed."""
    priority_of: dict[QualityOfService, int] = Field(default_factory=dict)
    """The priority of pods by quality of service, such as `LS: 1`; of those not named it is 0."""
    use_gpu_spec: bool = True
    """Whether a pod accepts only the accelerators that its `gpu_spec` names (`V100M16|V100M32`; empty: any)."""

    def read(self, start_utc_s: float, stream: Callable[..., np.random.Generator]) -> Workload:
        """Return the pods as jobs; a pod that ran for zero seconds is left out and counted."""
        import numpy as np

        table = read_columns(self.path, Faults(self.file), COLUMNS, None)
        created_s = table.numbers("creation_time")
        deleted_s = table.numbers("deletion_time")
        scheduled_s = table.numbers("scheduled_time", required=False)
        cpu_milli = table.numbers("cpu_milli", whole=True)
        memory_mib = table.numbers("memory_mib", maximum=1e12)
        gpus = table.numbers("num_gpu", whole=True, maximum=1e6)
        gpu_milli = table.numbers("gpu_milli", whole=True, maximum=1000.0)
        _check_order(table, created_s, scheduled_s, deleted_s)
        _check_shares(table, gpus, gpu_milli)
        qos, phase, spec = table.text["qos"], table.text["pod_phase"], table.text["gpu_spec"]
        for row in [row for row, name in enumerate(qos) if name not in ("LS", "BE", "Burstable", "Guaranteed")]:
            message = f"{shown(qos[row])} is unknown; allowed: LS, BE, Burstable, Guaranteed"
            table.faults.add(table.line[row], "qos", message)
        table.faults.raise_if_any()

        waiting = np.isnan(scheduled_s)
        begun_s = np.where(waiting, created_s, scheduled_s) if self.duration_from == "scheduled" else created_s
        run_s = deleted_s - begun_s
        inside, submit_s = self.excerpt(created_s)
        kept = np.ones(len(table), dtype=np.bool_)
        notes = []
        for reason, left_out in (
            ("outside the excerpt", ~inside),
            ("never scheduled, so of unknown run time", waiting & (self.pending == "leave out")),
            ("of zero run time", run_s == 0.0),
        ):
            count = int(np.count_nonzero(left_out & kept))
            if count:
                notes.append(f"{count:,} of {len(table):,} pods left out: {reason}")
            kept &= ~left_out
        rows = np.flatnonzero(kept).tolist()
        still_running = sum(phase[row] == "Running" for row in rows)
        if still_running:
            notes.append(f"{still_running:,} pods were running until they were deleted; that is taken as their end")
        accepted = {name: frozenset(filter(None, name.split("|"))) for name in set(spec)}
        priority_of: dict[str, int] = {str(name): priority for name, priority in self.priority_of.items()}
        return build(
            where=self.file,
            name=[table.text["name"][row] for row in rows],
            submit_s=submit_s[kept],
            work_s=run_s[kept],
            exclusive=False,
            # Above one accelerator each is a whole one; gpu_milli is then 1000.
            accelerators_milli=(gpus * gpu_milli)[kept].astype(np.int64),
            cpu_milli=cpu_milli[kept].astype(np.int64),
            memory_b=np.ceil(memory_mib[kept] * _MIB).astype(np.int64),
            priority=[priority_of.get(qos[row], 0) for row in rows],
            constraint=[accepted[spec[row]] for row in rows] if self.use_gpu_spec else None,
            notes=notes,
        )


def _check_order(
    table: Columns, created_s: NDArray[np.float64], scheduled_s: NDArray[np.float64], deleted_s: NDArray[np.float64]
) -> None:
    import numpy as np

    with np.errstate(invalid="ignore"):
        late = (deleted_s < created_s) | (deleted_s < scheduled_s) | (scheduled_s < created_s)
    for row in np.flatnonzero(late).tolist():
        text = table.text
        table.faults.add(
            table.line[row],
            "deletion_time",
            f"created at {text['creation_time'][row]}, scheduled at {text['scheduled_time'][row] or '(never)'}, "
            f"deleted at {text['deletion_time'][row]}; times must not run backwards",
        )


def _check_shares(table: Columns, gpus: NDArray[np.float64], gpu_milli: NDArray[np.float64]) -> None:
    import numpy as np

    for row in np.flatnonzero((gpus > 1) & (gpu_milli < 1000)).tolist():
        message = f"{gpu_milli[row]:g} with {gpus[row]:g} GPUs; a share of less than 1000 is allowed with one GPU only"
        table.faults.add(table.line[row], "gpu_milli", message)
