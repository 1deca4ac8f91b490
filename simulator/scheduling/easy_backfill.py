"""EASY backfill."""

from __future__ import annotations

import math
from typing import Any, Literal

from pydantic import Field

from .policy import SchedulingPolicy


class EasyBackfill(SchedulingPolicy):
    """In order of submission, but a later job may pass a waiting head that it does not delay.

    The head gets a reservation at the earliest instant at which the running jobs' estimates leave it room. A later
    job starts if it ends by then by its own estimate, or leaves the reserved nodes alone.

    D. G. Feitelson, A. Mu'alem Weil: Utilization and predictability in scheduling the IBM SP2 with backfilling, 1998.
    """

    kind: Literal["easy"] = "easy"
    depth: int | None = Field(default=None, ge=1)
    """How many waiting jobs behind the head are looked at; all of them by default."""

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .easy_backfill_kernel import schedule

        return schedule

    def parameters(self) -> list[float]:
        """Return the depth."""
        return [math.inf if self.depth is None else float(self.depth)]
