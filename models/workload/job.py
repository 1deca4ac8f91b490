"""The jobs that a hall is asked to run, as arrays: one row a job, one row a phase."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Workload:
    """Jobs in order of submission. A job is a gang of equal tasks that start and end together.

    A task is placed on one node. An `exclusive` task holds a whole node whatever the node has; any other holds
    `accelerators_milli`, `cpu_milli` and `memory_b` of it. Accelerators are counted in thousandths: 460 is a share of
    one accelerator, 1000 one whole, 4000 four whole; above 1000 only multiples of 1000 are allowed.

    A job's work is a sequence of phases. Phase p runs `phase_work_s[p]` seconds at full clock and keeps what the job
    holds busy to the fraction `phase_activity[p]` (0 to 1; accelerators and processors alike). `phase_compute_share[p]`
    (0 to 1) is the share of compute in what bounds its speed: at 1 it slows with the clock, at 0, where memory bounds
    it, not at all. Job j owns the phases `phase_start[j]` to `phase_start[j + 1]`.

    Times are seconds from the scenario's start. `estimate_s` and `checkpoint_interval_s` are NaN where not given.
    `user[j]` indexes `users`; `constraint[j]` indexes `constraints` (sets of node models or accelerator names that
    the job accepts), -1 where any node will do. `priority`: larger goes first. `notes` says what a reader left out or
    replaced, with its count, one sentence each.
    """

    name: tuple[str, ...]
    submit_s: NDArray[np.float64]
    tasks: NDArray[np.int64]
    exclusive: NDArray[np.bool_]
    accelerators_milli: NDArray[np.int64]
    cpu_milli: NDArray[np.int64]
    memory_b: NDArray[np.int64]
    estimate_s: NDArray[np.float64]
    checkpoint_interval_s: NDArray[np.float64]
    priority: NDArray[np.int64]
    user: NDArray[np.int64]
    users: tuple[str, ...]
    constraint: NDArray[np.int64]
    constraints: tuple[frozenset[str], ...]
    phase_start: NDArray[np.int64]
    phase_work_s: NDArray[np.float64]
    phase_activity: NDArray[np.float64]
    phase_compute_share: NDArray[np.float64]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.submit_s)

    @property
    def work_s(self) -> NDArray[np.float64]:
        """Seconds that each job runs at full clock, shape (n,): the sum of its phases."""
        import numpy as np

        return np.add.reduceat(self.phase_work_s, self.phase_start[:-1]) if len(self) else np.zeros(0)

    def rows(self, jobs: NDArray[np.intp]) -> Workload:
        """Return the workload of these jobs (indices, shape (m,)) in the order given, which must be of submission."""
        import numpy as np

        counts = np.diff(self.phase_start)[jobs]
        phase_start = np.concatenate(([0], np.cumsum(counts)))
        phases = np.arange(phase_start[-1]) + np.repeat(self.phase_start[:-1][jobs] - phase_start[:-1], counts)
        return dataclasses.replace(
            self,
            name=tuple(map(self.name.__getitem__, jobs.tolist())),
            submit_s=self.submit_s[jobs],
            tasks=self.tasks[jobs],
            exclusive=self.exclusive[jobs],
            accelerators_milli=self.accelerators_milli[jobs],
            cpu_milli=self.cpu_milli[jobs],
            memory_b=self.memory_b[jobs],
            estimate_s=self.estimate_s[jobs],
            checkpoint_interval_s=self.checkpoint_interval_s[jobs],
            priority=self.priority[jobs],
            user=self.user[jobs],
            constraint=self.constraint[jobs],
            phase_start=phase_start,
            phase_work_s=self.phase_work_s[phases],
            phase_activity=self.phase_activity[phases],
            phase_compute_share=self.phase_compute_share[phases],
        )

    def truncated(self, jobs: int) -> Workload:
        """Return the workload of the first so many jobs."""
        import numpy as np

        return self.rows(np.arange(min(jobs, len(self))))

    def joined(self, others: Workload) -> Workload:
        """Return these jobs and the others, in order of submission; of those submitted together these come first."""
        import numpy as np

        users = tuple(dict.fromkeys((*self.users, *others.users)))
        constraints = tuple(dict.fromkeys((*self.constraints, *others.constraints)))
        user = np.array([users.index(name) for name in others.users], np.int64)
        constraint = np.array([constraints.index(each) for each in others.constraints] + [-1], np.int64)
        columns = {
            column.name: np.concatenate((getattr(self, column.name), getattr(others, column.name)))
            for column in dataclasses.fields(self)
            if column.name not in {"name", "users", "constraints", "phase_start", "notes"}
        }
        columns["user"][len(self) :] = user[others.user]
        columns["constraint"][len(self) :] = constraint[others.constraint]
        both = Workload(
            **columns,
            name=(*self.name, *others.name),
            users=users,
            constraints=constraints,
            phase_start=np.concatenate((self.phase_start, self.phase_start[-1] + others.phase_start[1:])),
            notes=(*self.notes, *others.notes),
        )
        return both.rows(np.argsort(both.submit_s, kind="stable"))
