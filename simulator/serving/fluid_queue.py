"""Requests as a fluid: a flow comes, a flow is answered, what can not be waits in order until it is lost.

Between changes of what is offered and of the capacity every flow is constant, or changes where the oldest request in
the line comes from a time of another rate, or has waited as long as its patience lasts: these instants follow in
closed form, so that the sums are exact (the fluid limit of a first-come, first-served queue with a fixed patience;
W. Whitt, Operations Research 54(1), 2006, "Fluid models for multiserver queues with abandonments").
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

ROUNDING = 1e-12
"""A line whose oldest request has waited so nearly its whole patience [share] is at its limit."""


@dataclass
class Arrivals:
    """Requests of one stretch of time that still wait: `length_s` of it at a rate. The rate may be 0."""

    requests_per_s: float
    length_s: float


class FluidQueue:
    """A line of requests with a capacity; its sums run from 0 up to the instant that it was advanced to.

    `offered`, `served`, `lost` count requests; `backlog_s` is the integral of the backlog [request s] and
    `greatest_backlog` the largest since it was last set.
    """

    def __init__(self, patience_s: float) -> None:
        self.patience_s = patience_s
        self.offered = self.served = self.lost = self.backlog_s = self.greatest_backlog = 0.0
        self.offered_per_s = self.capacity_per_s = 0.0
        self._line: deque[Arrivals] = deque()
        """The oldest first. While it holds anything its last entry grows at the rate now offered."""

    @property
    def backlog(self) -> float:
        """Requests that wait."""
        return math.fsum(each.requests_per_s * each.length_s for each in self._line)

    @property
    def utilization(self) -> float:
        """The share of the capacity that is used now (0 to 1); 0 where there is none."""
        if self.capacity_per_s <= 0.0:
            return 0.0
        return 1.0 if self._line else min(self.offered_per_s / self.capacity_per_s, 1.0)

    def set_flows(self, offered_per_s: float, capacity_per_s: float) -> None:
        """Let another flow come, or be answered, from now on [requests/s]."""
        self.capacity_per_s = capacity_per_s
        if offered_per_s != self.offered_per_s and self._line:
            self._line.append(Arrivals(offered_per_s, 0.0))
        self.offered_per_s = offered_per_s
        if not self._line and self.patience_s > 0.0 and offered_per_s > capacity_per_s:
            self._line.append(Arrivals(offered_per_s, 0.0))

    def advance(self, length_s: float) -> None:
        """Let the flows run for a time."""
        left_s = length_s
        while left_s > 0.0:
            if not self._line:
                served_per_s = min(self.offered_per_s, self.capacity_per_s)
                self.offered += self.offered_per_s * left_s
                self.served += served_per_s * left_s
                self.lost += (self.offered_per_s - served_per_s) * left_s
                return
            left_s -= self._step(left_s)

    def empties_after_s(self) -> float:
        """Return after how long the line is empty if nothing changes; infinity if it never is, or is now [s]."""
        if not self._line:
            return math.inf
        ahead, after_s = self._copy(), 0.0
        while ahead._line:
            if len(ahead._line) == 1 and self.capacity_per_s <= self.offered_per_s > 0.0:
                return math.inf
            after_s += ahead._step(math.inf)
        return after_s

    def clear(self) -> None:
        """Answer what is left of a line at the instant at which it empties: what rounding left."""
        self.served += self.backlog
        self._line.clear()

    def _copy(self) -> FluidQueue:
        other = FluidQueue(self.patience_s)
        other.offered_per_s, other.capacity_per_s = self.offered_per_s, self.capacity_per_s
        other._line = deque(Arrivals(each.requests_per_s, each.length_s) for each in self._line)
        return other

    def _step(self, most_s: float) -> float:
        """Advance a line that is not empty to the next instant at which a flow changes; return how far that was [s]."""
        first, last = self._line[0], self._line[-1]
        if first.requests_per_s == 0.0 and (first is not last or self.offered_per_s == 0.0):
            self._line.popleft()  # Nobody waits in it.
            return 0.0
        waited_s = math.fsum(each.length_s for each in self._line)
        at_limit = waited_s >= self.patience_s * (1.0 - ROUNDING)
        # How fast the front of the line moves on along the times at which its requests came.
        speed = self.capacity_per_s / first.requests_per_s
        lost_per_s = 0.0
        if at_limit and speed < 1.0:
            lost_per_s, speed = first.requests_per_s - self.capacity_per_s, 1.0
        grows = 1.0 if first is last else 0.0
        through_s = first.length_s / (speed - grows) if speed > grows else math.inf
        limit_s = (self.patience_s - waited_s) / (1.0 - speed) if speed < 1.0 else math.inf
        step_s = min(through_s, limit_s, most_s)
        before = self.backlog
        if math.isfinite(step_s):
            first.length_s -= speed * step_s
            last.length_s += step_s
        if step_s == through_s:
            self._line.popleft()
        after = self.backlog
        if math.isfinite(step_s):
            self.offered += self.offered_per_s * step_s
            self.served += self.capacity_per_s * step_s
            self.lost += lost_per_s * step_s
            self.backlog_s += 0.5 * (before + after) * step_s
            self.greatest_backlog = max(self.greatest_backlog, before, after)
        return step_s
