"""What has come of each failure mode so far."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from ..operations.outage import Outage


@dataclass(eq=False)
class ModeRecord:
    """A failure mode and what it did. `expected` gives the number of failures to expect by the run's end, NaN where
    it has no simple form."""

    mode: str
    component: str
    counts: str
    parts: int
    expected: Callable[[float], float] = lambda _: math.nan
    failures: int = 0
    """Failures, those that struck several components at once counted once."""
    passed_over: int = 0
    """Failures that fell on what was out anyway."""
    together: int = 0
    """Failures that took out neighbours too."""
    work_lost_task_s: float = 0.0
    """Work that is done anew because of it, over all tasks."""
    outages: list[Outage] = field(default_factory=list)
