"""The story of a failure mode: its parts fail one after the other, those that are in service."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Generator, Sequence
from typing import Protocol

import numpy as np
import simpy
from numpy.typing import NDArray

from models.reliability.common_cause import CommonCause
from models.reliability.hazards import Hazard
from models.reliability.modes.failure_mode import ListedFailure
from models.reliability.outcomes import Outcome, Outcomes

from ..engine.settlement import Timeline
from ..operations.component import Component
from ..operations.running import Running
from .break_down import BreakDowns
from .records import ModeRecord
from .targets import is_in_service

Renewal = Callable[[bool], None]
"""Tells a hazard that a part is as good as new, and whether it is another one."""


class Struck(Protocol):
    """What happens where a part fails."""

    def __call__(self, part: int, outcome: Outcome, *, renew: Renewal) -> bool:
        """Let the part fail; return False where it is out anyway."""


class FailureProcess:
    """A hazard on the timeline. Nothing that is to come keeps a run going."""

    def __init__(
        self, timeline: Timeline, record: ModeRecord, hazard: Hazard, outcomes: Outcomes, struck: Struck
    ) -> None:
        self._timeline, self._record, self._hazard = timeline, record, hazard
        self._outcomes, self._struck = outcomes, struck
        self._renewed = timeline.event()

    def run(self) -> Generator[simpy.Event, None, None]:
        """Let part after part fail."""
        while True:
            next_s = self._hazard.next_s
            self._renewed = self._timeline.event()
            yield self._renewed if math.isinf(next_s) else self._timeline.tick(next_s) | self._renewed
            if self._hazard.next_s <= self._timeline.now:
                self._fail()

    def _fail(self) -> None:
        part, outcome = self._hazard.take(), self._outcomes.next()
        if not self._struck(part, outcome, renew=functools.partial(self.renew, part)):
            self._record.passed_over += 1
            self._hazard.renew(part, self._timeline.now, replaced=False)

    def renew(self, part: int, replaced: bool) -> None:
        """Say that a part is as good as new from now on, and whether it is another one."""
        self._hazard.renew(part, self._timeline.now, replaced=replaced)
        if not self._renewed.triggered:
            self._renewed.succeed()


class Companions:
    """Neighbours that a failed node takes with it: those of a common cause."""

    def __init__(
        self,
        running: Running,
        break_downs: BreakDowns,
        cause: CommonCause,
        neighbours: dict[int, NDArray[np.int64]],
        generator: np.random.Generator,
    ) -> None:
        self._running, self._break_downs, self._cause, self._generator = running, break_downs, cause, generator
        self._neighbours = neighbours

    @functools.cached_property
    def _nodes(self) -> dict[int, Component]:
        return {component.nodes[0]: component for component in self._running.components.of_kind("node")}

    def of(self, component: Component) -> Sequence[Component]:
        """Return the components that go out with one, those in service."""
        if component.kind != "node":
            return ()
        struck = self._cause.companions(
            self._generator, self._neighbours.get(component.nodes[0], np.zeros(0, np.int64))
        )
        others = (self._nodes[node] for node in struck.tolist())
        return [other for other in others if can_fail(self._running, self._break_downs, other)]


def can_fail(running: Running, break_downs: BreakDowns, component: Component) -> bool:
    """Return whether a component works, as far as anybody can tell and beyond."""
    return is_in_service(running, component) and not break_downs.is_unnoticed(component)


def follow_failures(
    running: Running,
    break_downs: BreakDowns,
    record: ModeRecord,
    listed: Sequence[tuple[ListedFailure, Component]],
) -> Generator[simpy.Event, None, None]:
    """Let components fail at the instants of a list, each for as long as the list says."""
    for failure, component in listed:
        yield running.hall.timeline.tick(failure.at_s)
        if not can_fail(running, break_downs, component):
            record.passed_over += 1
            continue
        outcome = Outcome(failure.permanent, 0.0, failure.duration_s)
        break_downs.strike(record, [component], outcome, part="", skill=None, mended=lambda _: None, crewed=False)
