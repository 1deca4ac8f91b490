"""Build a `Workload` from columns, and refuse one that can not be run."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from ..file_faults import Faults
from ..problems import InputError, Problem
from .job import Workload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

ANYONE = "anyone"
"""The user of a job for which none is given."""

_KeyT = TypeVar("_KeyT", bound=Hashable)


def build(
    *,
    where: str,
    submit_s: ArrayLike,
    work_s: ArrayLike,
    activity: ArrayLike = 1.0,
    compute_share: ArrayLike = 1.0,
    phases: ArrayLike | None = None,
    name: Sequence[str] | None = None,
    tasks: ArrayLike = 1,
    exclusive: ArrayLike = True,
    accelerators_milli: ArrayLike = 0,
    cpu_milli: ArrayLike = 0,
    memory_b: ArrayLike = 0,
    estimate_s: ArrayLike = float("nan"),
    checkpoint_interval_s: ArrayLike = float("nan"),
    priority: ArrayLike = 0,
    user: Sequence[str] | None = None,
    constraint: Sequence[frozenset[str]] | None = None,
    notes: Iterable[str] = (),
) -> Workload:
    """Return the workload of n jobs, sorted by submission; jobs submitted together keep the order given.

    `where` names the source in messages. Columns are of shape (n,) or a scalar that holds for every job. `work_s` [s],
    `activity` and `compute_share` (0 to 1) have one row a job or, with `phases` (phases of each job, shape (n,)), one
    row a phase, job after job. `user` gives names, `constraint` the node models or accelerators that a job accepts
    (empty: any). Without `name` jobs are called job-0, job-1, ...; activity 1 is an assumption: what a job holds is
    busy; so is compute share 1: a job slows as its clock does.

    Raises InputError where there is no job, or a value is not finite or outside what `Workload` allows.
    """
    import numpy as np

    submit = np.asarray(submit_s, dtype=np.float64)
    count = len(submit)
    notes = tuple(notes)
    if not count:
        reasons = "".join(f"; {note}" for note in notes)
        raise InputError(Problem(where, "", f"the workload holds no job; at least one is needed{reasons}"))
    phase_counts = np.broadcast_to(np.asarray(1 if phases is None else phases, dtype=np.int64), count)
    users, user_codes = _coded(user if user is not None else [ANYONE], count)
    constraints, constraint_codes = _coded(constraint if constraint is not None else [frozenset()], count)
    if frozenset() in constraints:
        # Any node will do: code -1, and the later sets move up.
        any_node = constraints.index(frozenset())
        constraint_codes = np.where(constraint_codes == any_node, -1, constraint_codes - (constraint_codes > any_node))
        constraints = constraints[:any_node] + constraints[any_node + 1 :]

    def whole(column: ArrayLike) -> NDArray[np.int64]:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(column, dtype=np.int64), count))

    def real(column: ArrayLike, rows: int = count) -> NDArray[np.float64]:
        return np.ascontiguousarray(np.broadcast_to(np.asarray(column, dtype=np.float64), rows))

    phase_total = int(phase_counts.sum())
    workload = Workload(
        name=tuple(name) if name is not None else tuple(f"job-{job}" for job in range(count)),
        submit_s=submit,
        tasks=whole(tasks),
        exclusive=np.ascontiguousarray(np.broadcast_to(np.asarray(exclusive, dtype=np.bool_), count)),
        accelerators_milli=whole(accelerators_milli),
        cpu_milli=whole(cpu_milli),
        memory_b=whole(memory_b),
        estimate_s=real(estimate_s),
        checkpoint_interval_s=real(checkpoint_interval_s),
        priority=whole(priority),
        user=user_codes,
        users=users,
        constraint=constraint_codes,
        constraints=constraints,
        phase_start=np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(phase_counts))),
        phase_work_s=real(work_s, phase_total),
        phase_activity=real(activity, phase_total),
        phase_compute_share=real(compute_share, phase_total),
        notes=notes,
    )
    check(workload, where)
    if np.all(submit[1:] >= submit[:-1]):
        return workload
    return workload.rows(np.argsort(submit, kind="stable"))


def check(workload: Workload, where: str) -> None:
    """Raise InputError that names each job whose values are outside what `Workload` allows."""
    import numpy as np

    faults = Faults(where)

    def refuse(column: str, wrong: NDArray[np.bool_], values: NDArray[np.generic], allowed: str) -> None:
        for row in np.flatnonzero(wrong).tolist():
            job = row if len(values) == len(workload) else int(np.searchsorted(workload.phase_start, row, "right")) - 1
            faults.add(0, column, f"job '{workload.name[job]}' has {values[row]}; allowed: {allowed}")

    def not_above(values: NDArray[np.float64]) -> NDArray[np.bool_]:
        return ~(np.isfinite(values) & (values > 0.0))

    submit, work, activity = workload.submit_s, workload.phase_work_s, workload.phase_activity
    milli = workload.accelerators_milli
    refuse("submit_s", ~(np.isfinite(submit) & (submit >= 0.0)), submit, "a finite time, 0 or later")
    refuse("work_s", not_above(work), work, "a finite time above 0")
    refuse("activity", ~((activity >= 0.0) & (activity <= 1.0)), activity, "0 to 1")
    share = workload.phase_compute_share
    refuse("compute_share", ~((share >= 0.0) & (share <= 1.0)), share, "0 to 1")
    refuse("tasks", workload.tasks < 1, workload.tasks, "1 or more")
    refuse(
        "accelerators_milli",
        (milli < 0) | ((milli > 1000) & (milli % 1000 != 0)),
        milli,
        "a share of one accelerator up to 1000, or a multiple of 1000",
    )
    refuse("cpu_milli", workload.cpu_milli < 0, workload.cpu_milli, "0 or more")
    refuse("memory_b", workload.memory_b < 0, workload.memory_b, "0 or more")
    for column, values in (
        ("estimate_s", workload.estimate_s),
        ("checkpoint_interval_s", workload.checkpoint_interval_s),
    ):
        refuse(column, not_above(values) & ~np.isnan(values), values, "a finite time above 0, or none")
    faults.raise_if_any()


def _coded(values: Sequence[_KeyT], count: int) -> tuple[tuple[_KeyT, ...], NDArray[np.int64]]:
    """Return the distinct values in order of appearance and the index of each; one value stands for all."""
    import numpy as np

    codes: dict[_KeyT, int] = {}
    indices = [codes.setdefault(value, len(codes)) for value in values]
    return tuple(codes), np.ascontiguousarray(np.broadcast_to(np.array(indices, dtype=np.int64), count))
