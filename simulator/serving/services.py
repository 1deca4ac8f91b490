"""Services between the engine and what they are asked for: which nodes work, how fast, and how busy that makes them.

A run-ahead component: a service's flows are private between control events. It touches others at borders alone, all of
them events: where its demand changes, where its line empties, and where the engine tells of its nodes.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import simpy

from ..engine.job_activity import finish, set_activity
from ..engine.state import HUNG, INTERRUPTED, RUNNING, STARTED, WORKING
from .service_run import ServiceRun

if TYPE_CHECKING:
    from ..operations.running import Running

SAME_ACTIVITY = 1e-10
"""How much less than this nodes become busier or less busy is left alone: a cap's clock and the load that it leaves
each node answer each other, and come to rest there."""


class Services:
    """Every service; a component of the settlement."""

    finished = True
    """It never keeps a run going."""

    def __init__(self, running: Running, runs: Sequence[ServiceRun], first_row: int) -> None:
        """Begin with the services whose nodes have the rows of `State.trainings` from `first_row` on."""
        self._running = running
        self._batch = running.hall.batch
        self.runs = tuple(runs)
        self._first_row = first_row
        self._job_of_row = np.concatenate([run.jobs for run in runs])
        self._begun = False

    @property
    def unsettled(self) -> bool:
        """Whether the engine has news that nobody has heard."""
        return bool(self._batch.state.clock[0]["told"] > 0)

    def announce(self) -> bool:
        """Hear the news before the others settle; nobody waits for it."""
        self._hear()
        return False

    def settle(self, now_s: float) -> None:
        """Let flows and powers follow from the nodes that work and the demand at this instant."""
        self._hear()
        if now_s > 0.0:
            self._begin()
        for run in self.runs:
            self._follow(run, now_s)

    def advance(self, until_s: float) -> float:
        """Let requests come and be answered up to `until_s`."""
        if math.isfinite(until_s):
            for run in self.runs:
                run.advance(until_s)
        return until_s

    def _hear(self) -> None:
        for row, news in self._batch.take_news(self._first_row):
            job = int(self._job_of_row[row - self._first_row])
            jobs = self._batch.state.jobs
            if news & INTERRUPTED:
                jobs["lost_s"][job] = 0.0  # Where the engine itself took its nodes; no answer is given twice.
            starts = news & STARTED and jobs["status"][job] == RUNNING and jobs["pause"][job] != HUNG
            self._begin()
            if starts and self._running.has_dead(self._batch.nodes_of(job)):
                self._batch.hang([job])  # Nobody has noticed yet that its node has stopped.

    def _begin(self) -> None:
        """Let nodes load before they answer from now on; those that a service has from the start are loaded."""
        if not self._begun:
            self._begun = True
            trainings = self._batch.state.trainings[self._first_row :]
            trainings["startup_s"] = trainings["restart_s"]

    def _follow(self, run: ServiceRun, now_s: float) -> None:
        rows = self._batch.state.jobs[run.jobs]
        works = (rows["status"] == RUNNING) & (rows["pause"] == WORKING)
        run.rates = np.where(works, rows["rate"], 0.0)
        run.nodes_at_work = int(np.count_nonzero(run.rates))
        capacity_per_s = run.plan.service.requests_per_s * math.fsum(run.rates.tolist())
        run.queue.set_flows(run.offered_per_s(now_s), capacity_per_s)
        activity = run.wanted_activity
        phases = self._batch.state.phases
        others = works & (np.abs(phases[rows["phase"], 1] - activity) > SAME_ACTIVITY)
        if others.any():
            set_activity(self._batch.state, run.jobs[others], activity)
        self._post_border(run, now_s)

    def _post_border(self, run: ServiceRun, now_s: float) -> None:
        """Have the hall settle where the line empties, if that is before anything else happens."""
        empties_at_s = now_s + run.queue.empties_after_s()
        if empties_at_s == run.empties_at_s:
            return
        run.empties_at_s = empties_at_s
        if math.isfinite(empties_at_s):
            self._running.hall.timeline.process(self._empty(run, empties_at_s))

    def _empty(self, run: ServiceRun, at_s: float) -> Generator[simpy.Event, None, None]:
        yield self._running.hall.timeline.at(at_s)
        if run.empties_at_s in (at_s, math.inf):
            self._running.hall.settlement.mark()

    def follow_demand(self, run: ServiceRun) -> Generator[simpy.Event, None, None]:
        """Have the hall settle at each change of what a service is asked for, and end it."""
        hall = self._running.hall
        for at_s in run.plan.offered.from_s[1:].tolist():
            yield hall.timeline.at(at_s)
            hall.settlement.mark()

    def end(self, run: ServiceRun) -> Generator[simpy.Event, None, None]:
        """Give the nodes of a service back at its end."""
        hall, jobs = self._running.hall, run.jobs
        yield hall.timeline.at(run.plan.until_s)
        self._batch.resume(jobs)
        self._batch.end_pause(jobs)
        finish(self._batch.state, jobs)
        hall.settlement.mark()
