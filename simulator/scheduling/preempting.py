"""Policies under which a job of higher priority takes room from running jobs of lower priority."""

from __future__ import annotations

from typing import Literal

from .policy import SchedulingPolicy


class Preempting(SchedulingPolicy):
    """What preemption does (`preemption_kernel.py`). A preempted job returns to its place in the line."""

    preempt: bool = True
    """Whether running jobs of lower priority make room."""
    preempted_work: Literal["checkpoint", "lost"] = "checkpoint"
    """What a preempted job keeps: its work up to its last checkpoint (a job without `checkpoint_interval` has none),
    or nothing."""
    start_around: bool = True
    """With `preempt`, whether jobs of lower priority start while one waits that has no room even without them, such as
    a gang that lacks a broken node. It takes their room once there is enough."""

    def parameters(self) -> list[float]:
        """Return whether it preempts, whether work is kept, and whether others start around one that waits."""
        return [float(self.preempt), float(self.preempted_work == "checkpoint"), float(self.start_around)]
