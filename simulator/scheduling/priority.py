"""Priorities with preemption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .policy import SchedulingPolicy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.workload.job import Workload


class Priority(SchedulingPolicy):
    """Higher priority first, then order of submission; a job that does not fit holds up all behind it.

    With preemption it takes room from running jobs of lower priority: the lowest first, then the latest started, and
    none unless the job then fits. A preempted job returns to its place in the line.
    """

    kind: Literal["priority"] = "priority"
    preempt: bool = True
    """Whether running jobs of lower priority make room."""
    preempted_work: Literal["checkpoint", "lost"] = "checkpoint"
    """What a preempted job keeps: its work up to its last checkpoint (a job without `checkpoint_interval` has none),
    or nothing."""

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .priority_kernel import schedule

        return schedule

    def parameters(self) -> list[float]:
        """Return whether it preempts, and whether work is kept."""
        return [float(self.preempt), float(self.preempted_work == "checkpoint")]

    def lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[float]]:
        """Return a line a priority, the highest first."""
        import numpy as np

        levels, inverse = np.unique(-workload.priority, return_inverse=True)
        return inverse.astype(np.int64), [1.0] * len(levels)
