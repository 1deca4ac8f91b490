"""One instant, one settlement: when every process of an instant has spoken, the hall settles once and runs ahead.

SimPy carries control events only. What is faster than SimPy (batch jobs, later services) is a run-ahead component: it
settles when asked, and then advances by itself to the next control event.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import simpy
from simpy.events import NORMAL, EventPriority

_LAST = EventPriority(2)
"""SimPy runs the events of an instant by priority: URGENT 0, NORMAL 1, then this."""

MOST_ROUNDS = 100


class _Instant(simpy.Event):
    """An event that happens by itself."""

    def __init__(self, environment: simpy.Environment) -> None:
        super().__init__(environment)
        self._ok, self._value = True, None


class Timeline(simpy.Environment):
    """SimPy's environment with events at absolute instants, which a delay would miss by a rounding."""

    def __init__(self) -> None:
        super().__init__()
        self._ticks = 0

    def at(self, instant_s: float, priority: EventPriority = NORMAL) -> simpy.Event:
        """Return an event that happens at `instant_s`, which is not in the past."""
        if not instant_s >= self.now:
            raise ValueError(f"instant ({instant_s}) must not be before the current simulation time ({self.now})")
        event = _Instant(self)
        heapq.heappush(self._queue, (instant_s, priority, next(self._eid), event))
        return event

    def tick(self, instant_s: float, priority: EventPriority = NORMAL) -> simpy.Event:
        """Return an event like those of `at` for what comes again and again, and alone keeps no run going."""
        event = self.at(instant_s, priority)
        self._ticks += 1
        callbacks: list[Callable[[simpy.Event], Any]] | None = event.callbacks
        assert callbacks is not None, "a new event has not happened yet"
        callbacks.append(self._ticked)
        return event

    @property
    def only_ticks(self) -> bool:
        """Whether nothing is to come but what comes again and again."""
        return len(self._queue) <= self._ticks

    def _ticked(self, _: simpy.Event) -> None:
        self._ticks -= 1


class RunAhead(Protocol):
    """A component that moves through time by itself between control events.

    It touches others only at borders that it posted beforehand as SimPy events. Components are asked in order and no
    further than the least reached before them, so only the first may stop early.
    """

    @property
    def unsettled(self) -> bool:
        """Whether state has changed since the last settlement."""

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do, now or later."""

    def announce(self) -> bool:
        """Trigger the SimPy events of what ended at this instant; return whether there were any."""

    def settle(self, now_s: float) -> None:
        """Bring rates, powers and meters in line with what changed at this instant."""

    def advance(self, until_s: float) -> float:
        """Run to `until_s` and return it, or the earlier instant at which the others are needed [s]."""


class Settlement:
    """Calls the components together; `mark()` asks for a settlement at the present instant."""

    def __init__(self, timeline: Timeline, components: Sequence[RunAhead]) -> None:
        self._timeline = timeline
        self._components = list(components)
        self._asked_for_s = -math.inf
        self.marked = False
        """Whether somebody has asked for a settlement that has not been yet; a run does not end before it."""
        self.finished: simpy.Event = timeline.event()
        """Triggers when every component has finished."""

    @property
    def unsettled(self) -> bool:
        """Whether a component has something to settle, or to tell."""
        return any(component.unsettled for component in self._components)

    def join(self, component: RunAhead) -> None:
        """Let one more component settle after the others."""
        self._components.append(component)

    def mark(self) -> None:
        """Ask for a settlement once all processes of this instant have spoken."""
        self.marked = True
        self._settle_at(self._timeline.now)

    def _settle_at(self, instant_s: float) -> None:
        if self._asked_for_s != instant_s:
            self._asked_for_s = instant_s
            callbacks: list[Callable[[simpy.Event], Any]] | None = self._timeline.tick(instant_s, _LAST).callbacks
            assert callbacks is not None, "a new event has not happened yet"
            callbacks.append(self._settle)

    def _settle(self, _: simpy.Event) -> None:
        self._asked_for_s = -math.inf
        self.marked = False
        told = False
        for component in self._components:
            told = component.announce() or told
        if told:
            self.mark()  # Those who were told speak first.
            return
        self._settle_all()
        self._run_ahead()

    def _settle_all(self) -> None:
        """Let every component settle, in order, until none has made another unsettled."""
        for _ in range(MOST_ROUNDS):
            for component in self._components:
                component.settle(self._timeline.now)
            if not self.unsettled:
                return
        restless = ", ".join(type(each).__name__ for each in self._components if each.unsettled)
        raise RuntimeError(f"the hall did not settle in {MOST_ROUNDS} rounds at {self._timeline.now} s: {restless}")

    def _run_ahead(self) -> None:
        reached_s = self._timeline.peek()
        for component in self._components:
            reached_s = component.advance(reached_s)
        if not self.finished.triggered and all(component.finished for component in self._components):
            self.finished.succeed()
        if math.isfinite(reached_s):  # Whether or not those who speak then mark anything, it goes on from there.
            self._settle_at(reached_s)
