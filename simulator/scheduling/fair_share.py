"""Fair share with a half-life."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveFloat

from models.units import Duration, quantity

from .preempting import Preempting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.workload.job import Workload


class FairShare(Preempting):
    """The user who has used least, for their weight, goes first; one whose job does not fit holds up the others.

    Usage counts node-seconds (the share of each node held, times time) and halves every half-life, as in Slurm's
    multifactor priority plugin. With `preempt` priority comes before entitlement: jobs of a higher one go first,
    whosever they are, and take room from running jobs of lower priority.
    """

    kind: Literal["fair-share"] = "fair-share"
    preempt: bool = False
    """Whether jobs of higher priority go first and running jobs of lower priority make room. Without, priorities count
    for nothing."""
    half_life: Duration = Field(default=quantity("7 d"), gt=0)
    """Time after which usage counts half (7 d: Slurm's default PriorityDecayHalfLife)."""
    weights: dict[str, PositiveFloat] = {}
    """Shares of users by name; 1 for those not named."""

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .fair_share_kernel import schedule

        return schedule

    def parameters(self) -> list[float]:
        """Return what preemption does, and the decay of usage per second."""
        return [*super().parameters(), math.log(2.0) / self.half_life]

    def lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[float]]:
        """Return a line a user; with preemption a line a priority and user, the highest priority first."""
        line, user, _ = self._lines(workload)
        return line, [self.weights.get(workload.users[index], 1.0) for index in user] or [1.0]

    def line_numbers(self, workload: Workload) -> list[float]:
        """Return the user of each line (the line in which its usage is counted), then the priority of each."""
        _, user, priority = self._lines(workload)
        first: dict[int, int] = {}
        counted_in = [first.setdefault(each, index) for index, each in enumerate(user)]
        return [float(each) for each in (counted_in or [0]) + (priority or [0])]

    def _lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[int], list[int]]:
        """Return the line of each job, shape (jobs,), and the user and priority of each line."""
        import numpy as np

        if not self.preempt:
            return workload.user, list(range(len(workload.users))), [0] * len(workload.users)
        pairs, line = np.unique(np.column_stack([-workload.priority, workload.user]), axis=0, return_inverse=True)
        return line.reshape(-1).astype(np.int64), pairs[:, 1].tolist(), (-pairs[:, 0]).tolist()
