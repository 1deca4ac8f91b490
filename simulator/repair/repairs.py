"""The service that failures ask for a repair: triage, a spare, a technician, and the component may come back."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

import simpy

from models.distributions.durations import DurationDistribution
from models.operations.operations import Operations
from models.problems import InputError, Problem

from ..operations.outage import Outage
from .dispatch import Dispatch
from .duty import Duty
from .failure_history import FailureHistory
from .shelf import Shelf
from .work_order import WorkOrder

if TYPE_CHECKING:
    import numpy as np

    from ..engine.settlement import Timeline

Draws = Callable[..., "np.random.Generator"]
"""Returns the random numbers that belong to a name."""


class Repairs:
    """Work orders of a run, with the crews and the parts that they wait for."""

    def __init__(
        self,
        timeline: Timeline,
        terms: Operations,
        *,
        start_utc_s: float,
        draws: Draws,
        count_of: Callable[[str], int] | None = None,
    ) -> None:
        """Open for orders. `count_of` returns how many components of a kind there are, for telling lemons by chance."""
        self.terms = terms
        self.orders: list[WorkOrder] = []
        """Every order, in the order in which they were asked for."""
        self.shelves: dict[str, Shelf] = {}
        """The stock of each part; of those that `spares` does not name once the first is asked for."""
        self.when_renewed: list[Callable[[str, str], None]] = []
        """Told kind and name of a lemon that was taken apart or replaced."""
        duties = [Duty(crew, crew.schedule(terms.time_zone), start_utc_s) for crew in terms.crews]
        self.dispatch = Dispatch(timeline, duties, terms.remote_hands)
        self._timeline = timeline
        self._start_utc_s = start_utc_s
        self._draws = draws
        self._generators: dict[tuple[str, str], np.random.Generator] = {}
        self._history = FailureHistory(terms.lemons, count_of)
        for part in terms.spares:
            self._shelf(part)

    def request(
        self,
        outage: Outage,
        *,
        part: str | None = None,
        skill: str | None = None,
        permanent: bool = True,
        repair_s: float | None = None,
    ) -> simpy.Event:
        """Return the event at which a component may come back; whoever asks brings it back.

        A `permanent` failure has broken something: hands repair it, with a spare where `part` names one. Any other is
        reset from afar first. `repair_s` [s] is how long the failure mode says that it takes: by hand if it is
        permanent and `operations.repair_times` does not name its part, else by reset. Raises InputError where nobody
        has the skill.
        """
        reason = self.terms.lacks_skill(skill)
        if reason is not None:
            raise InputError(Problem("", "operations.crews", reason))
        order = WorkOrder(len(self.orders), outage, self._timeline.now, part if permanent else None, skill)
        lemons = self.terms.lemons
        if lemons is not None and self._history.makes_a_lemon(outage):
            order.lemon = permanent = True
            order.part = lemons.part if lemons.action == "replace" else part
        outage.permanent = permanent
        self.orders.append(order)
        done = self._timeline.event()
        self._timeline.process(self._repair(order, permanent, repair_s, done))
        return done

    def plan(self, outage: Outage, *, skill: str, work_s: float) -> simpy.Event:
        """Return the event at which a technician has done planned work on a component that is out, which takes `work_s`
        [s] once one is there."""
        order = WorkOrder(len(self.orders), outage, self._timeline.now, skill=skill)
        order.triaged_s = order.supplied_s = self._timeline.now
        self.orders.append(order)
        done = self._timeline.event()
        self._timeline.process(self._by_hand(order, work_s, done))
        return done

    def _by_hand(self, order: WorkOrder, work_s: float, done: simpy.Event) -> Generator[simpy.Event, None, None]:
        yield self.dispatch.call(order, work_s)
        order.outage.repair_began_s = order.began_s
        order.restored_s = self._timeline.now
        done.succeed()

    def _repair(
        self, order: WorkOrder, permanent: bool, repair_s: float | None, done: simpy.Event
    ) -> Generator[simpy.Event, None, None]:
        generator = self._generator(order.outage)
        # All that may be drawn is, in one order, so that other terms leave later repairs of the component alone.
        luck = float(generator.random())
        triage = self.terms.triage
        diagnosis_s = 0.0 if triage is None else _one(triage.time, generator)
        hands_s = self._hands_s(order, permanent, repair_s, generator)
        yield self._timeline.at(self._timeline.now + diagnosis_s)
        reset = None if triage is None else triage.reset
        if reset is not None and not order.lemon:
            order.outage.repair_began_s = self._timeline.now
            takes_s = reset.time if permanent or repair_s is None else repair_s
            yield self._timeline.at(self._timeline.now + takes_s)
            order.reset = not permanent and luck < reset.cures
        order.triaged_s = self._timeline.now
        if not order.reset:
            if order.part is not None:
                yield self._shelf(order.part).take()
            order.supplied_s = self._timeline.now
            yield self.dispatch.call(order, hands_s)
            if not order.outage.repair_began_s <= order.began_s:
                order.outage.repair_began_s = order.began_s
        order.restored_s = self._timeline.now
        if order.lemon:
            for tell in self.when_renewed:
                tell(order.outage.kind, order.outage.name)
        done.succeed()

    def _hands_s(
        self, order: WorkOrder, permanent: bool, repair_s: float | None, generator: np.random.Generator
    ) -> float:
        """Return how long hands take: as the section says for the part, else as the failure mode, else the default."""
        ordinary_s = _one(self.terms.repair_times.get(order.part or "", self.terms.repair_time), generator)
        if order.lemon and self.terms.lemons is not None:
            return _one(self.terms.lemons.time, generator)
        stated = permanent and repair_s is not None and order.part not in self.terms.repair_times
        return repair_s if stated and repair_s is not None else ordinary_s

    def _shelf(self, part: str) -> Shelf:
        if part not in self.shelves:
            self.shelves[part] = Shelf(
                self._timeline,
                part,
                self.terms.part(part),
                self._draws("spares", part),
                start_utc_s=self._start_utc_s,
                zone=self.terms.time_zone,
            )
        return self.shelves[part]

    def _generator(self, outage: Outage) -> np.random.Generator:
        key = (outage.kind, outage.name)
        if key not in self._generators:
            self._generators[key] = self._draws("repair", *key)
        return self._generators[key]


def _one(durations: DurationDistribution, generator: np.random.Generator) -> float:
    """Return one draw [s]."""
    return float(durations.draw(generator, 1)[0])
