"""Priorities with preemption."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from .preempting import Preempting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.workload.job import Workload


class Priority(Preempting):
    """Higher priority first, then order of submission; a job that does not fit holds up those of its own priority.

    With preemption it takes room from running jobs of lower priority: the lowest first, then the latest started, and
    none unless the job then fits. Without, or without `start_around`, it holds up lower priorities too.
    """

    kind: Literal["priority"] = "priority"

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .priority_kernel import schedule

        return schedule

    def lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[float]]:
        """Return a line a priority, the highest first."""
        import numpy as np

        levels, inverse = np.unique(-workload.priority, return_inverse=True)
        return inverse.astype(np.int64), [1.0] * len(levels)
