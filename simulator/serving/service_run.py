"""A service as it runs: its nodes, its line of requests, and what both came to by interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..metering.meter import Meter
from .fluid_queue import FluidQueue

if TYPE_CHECKING:
    from ..assembly.services import ServicePlan

METERED = ("offered", "served", "lost", "backlog", "capacity", "nodes")
"""What is folded into intervals: requests, the backlog, requests that nodes at work could answer, and these nodes."""


class ServiceRun:
    """A service, advanced from one control event to the next."""

    def __init__(self, plan: ServicePlan, jobs: NDArray[np.int64], *, first_edge_s: float, interval_s: float) -> None:
        self.plan = plan
        self.jobs = jobs
        """Indices of its nodes in the engine's jobs."""
        self.queue = FluidQueue(float(plan.service.patience))
        self.meters = {name: Meter(first_edge_s, interval_s) for name in METERED}
        self.now_s = 0.0
        self.nodes_at_work = 0
        self.rates: NDArray[np.float64] = np.zeros(len(jobs))
        """The speed of each node, 1 at full clock and 0 where it does not work."""
        self.activity = 0.0
        """How busy its nodes at work were last said to be."""
        self.empties_at_s = math.inf
        self._first_edge_s, self._interval_s = first_edge_s, interval_s

    @property
    def wanted_activity(self) -> float:
        """How busy its nodes at work are with the present flows (0 to 1)."""
        return float(self.plan.service.activity * self.queue.utilization)

    def offered_per_s(self, at_s: float) -> float:
        """Return what it is asked for at an instant [requests/s]."""
        from_s, rates = self.plan.offered
        return float(rates[np.searchsorted(from_s, at_s, "right") - 1])

    def edges_s(self, end_s: float) -> NDArray[np.float64]:
        """Return the edges of the intervals from the start to the run's end, which is after it [s]."""
        inner = np.arange(self._first_edge_s, end_s, self._interval_s)
        return np.concatenate(([0.0], inner, [end_s]))

    def buckets(self, count: int) -> dict[str, NDArray[np.float64]]:
        """Return what each quantity came to in the first intervals, shape (count, 3) as of `Meter.buckets`."""
        return {name: meter.buckets(count) for name, meter in self.meters.items()}

    def advance(self, until_s: float) -> None:
        """Let requests come and be answered up to an instant, as nodes and demand have been since the last one."""
        while self.now_s < until_s:
            to_s = min(self._next_edge_s(), until_s)
            self._advance_within(to_s)
            self.now_s = to_s
        if self.now_s >= self.empties_at_s:
            self.queue.clear()
            self.empties_at_s = math.inf

    def _advance_within(self, to_s: float) -> None:
        queue, length_s = self.queue, to_s - self.now_s
        before = queue.offered, queue.served, queue.lost, queue.backlog_s
        queue.greatest_backlog = queue.backlog
        queue.advance(length_s)
        after = queue.offered, queue.served, queue.lost, queue.backlog_s
        offered, served, lost, backlog_s = (now - then for now, then in zip(after, before, strict=True))
        greatest = (0.0, 0.0, 0.0, queue.greatest_backlog)
        capacity = queue.capacity_per_s * length_s
        sums = zip(
            METERED,
            (offered, served, lost, backlog_s, capacity, self.nodes_at_work * length_s),
            (*greatest, 0.0, float(self.nodes_at_work)),
            strict=True,
        )
        for name, integral, most in sums:
            self.meters[name].segment(self.now_s, to_s, integral, 0.0, most)

    def _next_edge_s(self) -> float:
        """Return the first edge of the intervals after now [s]."""
        if self.now_s < self._first_edge_s:
            return self._first_edge_s
        number = math.floor((self.now_s - self._first_edge_s) / self._interval_s) + 1
        return self._first_edge_s + number * self._interval_s
