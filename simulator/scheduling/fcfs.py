"""First come, first served."""

from __future__ import annotations

from typing import Any, Literal

from .policy import SchedulingPolicy


class FirstComeFirstServed(SchedulingPolicy):
    """Jobs start in order of submission; one that does not fit holds up all behind it."""

    kind: Literal["fcfs"] = "fcfs"

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .fcfs_kernel import schedule

        return schedule
