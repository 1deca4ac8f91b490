"""One measured figure, its reference and its target."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure; `reference` was measured in the same run on the same machine.

    `target` is a floor where `more_is_better`, else a ceiling; None where nothing was promised.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    more_is_better: bool = False
    reference: float | None = None
    reference_name: str = ""
    covers: str = ""
    """What the figure includes."""

    @property
    def ratio(self) -> float | None:
        """The figure over its reference."""
        return None if not self.reference else self.value / self.reference

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more_is_better else self.value <= self.target


def median_cpu_s(work: Callable[[], object], runs: int) -> float:
    """Return the median CPU time of this process for doing the work once [s]."""
    times_s = []
    for _ in range(runs):
        before_s = time.process_time()
        work()
        times_s.append(time.process_time() - before_s)
    return statistics.median(times_s)
