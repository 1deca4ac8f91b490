"""The story of one failure: something breaks, somebody notices, it is taken out, mended and brought back."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from models.reliability.modes.failure_mode import JOB
from models.reliability.outcomes import Outcome

from ..engine import state as layout
from ..operations.component import Component
from ..operations.outage import Outage
from ..operations.running import Running
from .records import ModeRecord

if TYPE_CHECKING:
    from models.operations.monitoring import Monitoring

FELT_AT_ONCE = frozenset(("switch", "link", "storage-server", "rack", "pdu", "cdu", "feed", "cooling-unit"))
"""Kinds of component that are missed from the instant of their failure; only their repair waits for its detection."""
_SLOWED = "failures"


class BreakDowns:
    """Failures under way. What has failed and was not noticed yet, or is only slow, is known here alone."""

    def __init__(
        self, running: Running, monitoring: Monitoring | None = None, noticing: np.random.Generator | None = None
    ) -> None:
        self._running, self._monitoring, self._noticing = running, monitoring, noticing
        self._unnoticed: set[Component] = set()
        self._slowed: dict[Component, Outage] = {}

    def is_unnoticed(self, component: Component) -> bool:
        """Return whether a component has stopped already and nobody has noticed."""
        return component in self._unnoticed

    def strike(
        self,
        record: ModeRecord,
        components: Sequence[Component],
        outcome: Outcome,
        *,
        part: str,
        skill: str | None,
        mended: Callable[[bool], None],
        crewed: bool = True,
    ) -> None:
        """Let components fail together at the present instant.

        `mended` is called once the first of them is back, with whether it was replaced. Unless `crewed`, the outcome
        says how long it takes to mend them, whatever crews there are.
        """
        detection_s = self._noticed_after_s(outcome)
        record.failures += 1
        record.together += len(components) > 1
        for number, component in enumerate(components):
            outage = Outage(
                component.kind, component.name, record.mode, self._running.hall.timeline.now,
                permanent=outcome.permanent, nodes=len(component.nodes),
            )  # fmt: skip
            self._running.outages.append(outage)
            record.outages.append(outage)
            told = mended if number == 0 else _nothing
            self._running.hall.timeline.process(
                self._break_down(
                    record, component, outage, outcome._replace(detection_s=detection_s), part, skill, told,
                    crewed,
                )
            )  # fmt: skip

    def strike_job(self, record: ModeRecord, job: int, outcome: Outcome) -> None:
        """Let a job fail at the present instant, and its nodes stay as they are."""
        outage = Outage(JOB, self._running.workload.name[job], record.mode, self._running.hall.timeline.now)
        record.failures += 1
        self._running.outages.append(outage)
        record.outages.append(outage)
        self._running.hall.timeline.process(self._break_down_job(record, job, outage, outcome.detection_s))

    def _break_down(
        self,
        record: ModeRecord,
        component: Component,
        outage: Outage,
        outcome: Outcome,
        part: str,
        skill: str | None,
        mended: Callable[[bool], None],
        crewed: bool,
    ) -> Generator[simpy.Event, None, None]:
        running, hall = self._running, self._running.hall
        nodes = np.array(component.nodes, np.int64)
        if outcome.clock > 0.0:
            yield from self._drag_on(component, outage, outcome, nodes)
            if not math.isnan(outage.restored_s):
                mended(outage.permanent)
                return
            outage.slow_until_s = hall.timeline.now
            self._take_out(record, component, outage, nodes)
        elif component.kind in FELT_AT_ONCE:
            self._take_out(record, component, outage, nodes)
            if outcome.detection_s > 0.0:
                yield hall.timeline.at(hall.timeline.now + outcome.detection_s)
        else:
            if outcome.detection_s > 0.0:
                yield from self._stand_still(component, outcome, nodes)
            self._take_out(record, component, outage, nodes)
        outage.detected_s = hall.timeline.now
        yield self._mending(outage, outcome, part, skill, crewed)
        self._speed_up(component)
        outage.restored_s = hall.timeline.now
        running.components.bring_back(component)
        hall.settlement.mark()
        mended(outage.permanent)

    def _take_out(self, record: ModeRecord, component: Component, outage: Outage, nodes: NDArray[np.int64]) -> None:
        hall = self._running.hall
        jobs = hall.batch.jobs_on(nodes)
        outage.jobs_interrupted = len(jobs)
        record.work_lost_task_s += self._lost_by(jobs, lambda: self._running.components.take_out(component))
        hall.settlement.mark()

    def _stand_still(
        self, component: Component, outcome: Outcome, nodes: NDArray[np.int64]
    ) -> Generator[simpy.Event, None, None]:
        """Let jobs on nodes that have stopped stand still until somebody notices, those too that start meanwhile."""
        hall = self._running.hall
        self._unnoticed.add(component)
        self._running.die(nodes)
        hall.batch.hang(hall.batch.jobs_on(nodes))
        hall.settlement.mark()
        yield hall.timeline.at(hall.timeline.now + outcome.detection_s)
        self._running.found_dead(nodes)
        self._unnoticed.discard(component)

    def _drag_on(
        self, component: Component, outage: Outage, outcome: Outcome, nodes: NDArray[np.int64]
    ) -> Generator[simpy.Event, None, None]:
        """Hold nodes to a lower clock until somebody notices, or until they are mended for another reason."""
        hall = self._running.hall
        self._slowed[component] = outage
        outage.slow_until_s = math.inf
        hall.limits.set(_SLOWED, nodes, outcome.clock)
        hall.settlement.mark()
        found = self._running.slow[component] = hall.timeline.event()
        yield hall.timeline.at(hall.timeline.now + outcome.detection_s) | found
        if self._running.slow.get(component) is found:
            del self._running.slow[component]

    def _speed_up(self, component: Component) -> None:
        """What is mended is as fast as before, whatever it was mended for."""
        slow = self._slowed.pop(component, None)
        if slow is not None:
            self._running.hall.limits.set(_SLOWED, component.nodes, 1.0)
            slow.restored_s = self._running.hall.timeline.now

    def _break_down_job(
        self, record: ModeRecord, job: int, outage: Outage, detection_s: float
    ) -> Generator[simpy.Event, None, None]:
        """Let a job hang until its failure is noticed, and start again; another's failure may interrupt it before."""
        hall = self._running.hall
        state = hall.batch.state.jobs
        begun_s = float(state["start_s"][job])
        if detection_s > 0.0:
            hall.batch.hang([job])
            hall.settlement.mark()
            yield hall.timeline.at(hall.timeline.now + detection_s)
        outage.detected_s = outage.restored_s = hall.timeline.now
        if state["status"][job] != layout.RUNNING or float(state["start_s"][job]) != begun_s:
            return  # It was interrupted in between, and waits or runs anew.
        chosen = np.array([job], np.int64)
        outage.jobs_interrupted = 1
        record.work_lost_task_s += self._lost_by(chosen, lambda: hall.batch.interrupt(chosen))
        hall.settlement.mark()

    def _lost_by(self, jobs: NDArray[np.int64], interrupt: Callable[[], None]) -> float:
        """Interrupt jobs by a failure and return what work they lose by it [task-seconds at full clock]."""
        state = self._running.hall.batch.state.jobs
        before_s, before = state["lost_s"][jobs].copy(), state["interruptions"][jobs].copy()
        interrupt()
        for job, count in zip(jobs.tolist(), (state["interruptions"][jobs] - before).tolist(), strict=True):
            self._running.interrupted_by_failures[job] += count
        return float(((state["lost_s"][jobs] - before_s) * state["tasks"][jobs]).sum())

    def _mending(self, outage: Outage, outcome: Outcome, part: str, skill: str | None, crewed: bool) -> simpy.Event:
        if self._running.repairs is not None and crewed:
            stated_s = outcome.mending_s if outcome.stated else None
            return self._running.repairs.request(
                outage, part=part or None, skill=skill, permanent=outcome.permanent, repair_s=stated_s
            )
        timeline = self._running.hall.timeline
        outage.repair_began_s = timeline.now
        return timeline.at(timeline.now + outcome.mending_s)

    def _noticed_after_s(self, outcome: Outcome) -> float:
        """Return when a failure is noticed: by what the mode says or by monitoring's samples, whichever is first."""
        if self._monitoring is None or self._noticing is None or outcome.clock > 0.0:
            return outcome.detection_s
        return min(outcome.detection_s, self._monitoring.delay_s(self._noticing))


def _nothing(_: bool) -> None:
    """Do nothing: a companion's part has no hazard of this mode that would wait for it."""
