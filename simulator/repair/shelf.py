"""The stock of one part in a run: what is taken, who waits, what is on its way."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from models.operations.spares import SparePart

if TYPE_CHECKING:
    import numpy as np

    from ..engine.settlement import Timeline


class Shelf:
    """Parts of one kind. A part that is used is replaced under warranty, or bought by the stock's rule."""

    def __init__(
        self,
        timeline: Timeline,
        name: str,
        terms: SparePart,
        generator: np.random.Generator,
        *,
        start_utc_s: float,
        zone: str,
    ) -> None:
        self.name = name
        self.terms = terms
        self.on_hand = terms.stock
        """Parts on the shelf."""
        self.on_order = 0
        """Parts on their way."""
        self.used = 0
        self.bought = 0
        self.returned = 0
        self.stockouts = 0
        """Orders that found the shelf empty."""
        self.lead_s = 0.0
        """Time from order to shelf of all parts that were ordered [s]."""
        self.waited_s = 0.0
        """How long those that are served by now have waited in all [s]."""
        self._timeline = timeline
        self._generator = generator
        self._start_utc_s = start_utc_s
        self._zone = zone
        self._waiting: deque[tuple[float, simpy.Event]] = deque()

    @property
    def waiting(self) -> int:
        """Orders that wait for a part."""
        return len(self._waiting)

    @property
    def cost_usd(self) -> float:
        """What was paid for parts ordered and for returns so far [USD]; parts without a price cost nothing."""
        handling_usd = 0.0 if self.terms.rma is None else self.terms.rma.handling
        return self.bought * (self.terms.price or 0.0) + self.returned * handling_usd

    def take(self) -> simpy.Event:
        """Return the event at which a part is at hand; first come, first served."""
        at_hand = self._timeline.event()
        self.used += 1
        if self.on_hand > 0:
            self.on_hand -= 1
            at_hand.succeed()
        else:
            self.stockouts += 1
            self._waiting.append((self._timeline.now, at_hand))
        self._replace()
        return at_hand

    def waited_until_s(self, end_s: float) -> float:
        """Return how long orders have waited up to the run's end, those that still wait among them [s]."""
        return self.waited_s + sum(end_s - since_s for since_s, _ in self._waiting)

    def _replace(self) -> None:
        rma = self.terms.rma
        # Both draws are made for each part, so that other terms leave the rest of the stream where it is.
        covered = float(self._generator.random()) < (0.0 if rma is None else rma.covered)
        lead_s = float(self.terms.lead_time.draw(self._generator, 1)[0])
        if covered and rma is not None:
            # The broken part leaves as the new one is taken: it is out of the machine by then or soon after.
            self.returned += 1
            now_utc_s = self._start_utc_s + self._timeline.now
            self._send(1, rma.turnaround_s(now_utc_s, self._zone, self._generator))
            return
        position = self.on_hand + self.on_order - len(self._waiting)
        if position <= self.terms.ordered_at:
            count = self.terms.stock - position
            self.bought += count
            self._send(count, lead_s)

    def _send(self, count: int, lead_s: float) -> None:
        self.on_order += count
        self.lead_s += count * lead_s
        self._timeline.process(self._arrive(count, lead_s))

    def _arrive(self, count: int, lead_s: float) -> Generator[simpy.Event, None, None]:
        yield self._timeline.at(self._timeline.now + lead_s)
        self.on_order -= count
        self.on_hand += count
        while self.on_hand and self._waiting:
            since_s, at_hand = self._waiting.popleft()
            self.on_hand -= 1
            self.waited_s += self._timeline.now - since_s
            at_hand.succeed()
