"""Fair share with a half-life."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, PositiveFloat

from models.units import Duration, quantity

from .policy import SchedulingPolicy

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.workload.job import Workload


class FairShare(SchedulingPolicy):
    """The user who has used least, for their weight, goes first; one whose job does not fit holds up the others.

    Usage counts node-seconds (the share of each node held, times time) and halves every half-life, as in Slurm's
    multifactor priority plugin.
    """

    kind: Literal["fair-share"] = "fair-share"
    half_life: Duration = Field(default=quantity("7 d"), gt=0)
    """Time after which usage counts half (7 d: Slurm's default PriorityDecayHalfLife)."""
    weights: dict[str, PositiveFloat] = {}
    """Shares of users by name; 1 for those not named."""

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .fair_share_kernel import schedule

        return schedule

    def parameters(self) -> list[float]:
        """Return the decay of usage per second."""
        return [math.log(2.0) / self.half_life]

    def lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[float]]:
        """Return a line a user."""
        return workload.user, [self.weights.get(user, 1.0) for user in workload.users] or [1.0]
