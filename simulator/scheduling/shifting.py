"""Deferrable jobs wait for cheap or clean hours."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from models.units import CarbonIntensity, Duration, EnergyPrice

from .policy import SchedulingPolicy, Signal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from models.workload.job import Workload


class Shifting(SchedulingPolicy):
    """Holds deferrable jobs back until electricity is cheap or clean, no longer than `patience`; the others go on.

    A job is held while some later hour, no later than its submission plus `patience`, is a better start: one from
    which on the signal's mean over the job's estimate is lower, or, with a `below`, one in which the signal is at
    most that while now it is not. Then it waits in line like any other; where it finds no room, it is weighed again as
    the signal changes. A job that has started is not held again, and nobody is held in vain. Prices and intensities
    are known ahead, as day-ahead markets publish them.

    P. Wiesner, I. Behnke, D. Scheinert, K. Gontarska, L. Thamsen: Let's wait awhile: how temporal workload shifting
    can reduce carbon emissions in the cloud, Middleware 2021 (non-interrupting jobs).
    """

    kind: Literal["shifting"] = "shifting"
    signal: Signal
    """What is avoided: a high `price` (the site's tariff) or a high `carbon` intensity."""
    patience: Duration = Field(gt=0)
    """The longest time that a job is held, such as `12 h`."""
    order: Literal["fcfs", "easy"] = "fcfs"
    """How the jobs that are not held start: in order of submission, or with EASY backfill."""
    depth: int | None = Field(default=None, ge=1)
    """With `order: easy`, how many waiting jobs behind the head are looked at; all of them by default."""
    priority_at_most: int | None = None
    """Jobs of at most this priority are deferrable; all by default."""
    least_saving: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share by which a later start must lower the signal's mean to be worth waiting for; by default whatever is lower
    is."""
    price_below: EnergyPrice | None = None
    """With `signal: price`, the price at which jobs need not wait for a lower one."""
    carbon_below: CarbonIntensity | None = None
    """With `signal: carbon`, the intensity at which jobs need not wait for a lower one."""

    @model_validator(mode="after")
    def _keys_fit(self) -> Self:
        other = "carbon_below" if self.signal == "price" else "price_below"
        if getattr(self, other) is not None:
            raise ValueError(f"'{other}' has no meaning with 'signal: {self.signal}'; use '{self.signal}_below'")
        if self.depth is not None and self.order != "easy":
            raise ValueError("'depth' is of 'order: easy'; leave it out")
        return self

    def kernel(self) -> Any:
        """Return the compiled pass."""
        from .shifting_kernel import schedule_in_order, schedule_with_backfill

        return schedule_with_backfill if self.order == "easy" else schedule_in_order

    def parameters(self) -> list[float]:
        """Return depth, patience, greatest deferrable priority, limit (NaN: none), least saving, and two that the pass
        writes."""
        depth = math.inf if self.depth is None else float(self.depth)
        priority = math.inf if self.priority_at_most is None else float(self.priority_at_most)
        below = self.price_below if self.signal == "price" else self.carbon_below
        return [depth, self.patience, priority, math.nan if below is None else below, self.least_saving, -1.0, -1.0]

    def signals(self) -> tuple[Signal, ...]:
        """Return what is avoided."""
        return (self.signal,)

    def longest_hold_s(self) -> float:
        """Return the patience."""
        return self.patience

    def lines(self, workload: Workload) -> tuple[NDArray[np.int64], list[float]]:
        """Return line 1, of those that may be held, for deferrable jobs, and line 0 for the others."""
        import numpy as np

        if self.priority_at_most is None:
            return np.ones(len(workload), np.int64), [1.0, 1.0]
        return (workload.priority <= self.priority_at_most).astype(np.int64), [1.0, 1.0]
