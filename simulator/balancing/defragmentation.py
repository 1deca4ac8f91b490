"""Now and then, move batch jobs together where that gives the job that waits its room."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import numpy as np
import pyarrow as pa
import simpy

from models.operations.balancing import Defragmentation

from ..engine.settlement import Timeline
from ..engine.state import QUEUED, State
from ..facility.hall import Hall
from ..results.columns import texts
from ..results.kpis import Kpis
from ..results.tables import table
from ..scheduling.fair_share import FairShare
from ..scheduling.policy import SchedulingPolicy
from .plan import moves_for


@dataclass(frozen=True)
class Moved:
    """What was moved for one waiting job at an instant [s]."""

    at_s: float
    waiting: int
    jobs: int
    tasks: int
    paused_s: float
    """Sum of the pauses of the jobs that were moved."""


@dataclass(eq=False)
class Defragmenting:
    """The story, and its account: part of a run."""

    terms: Defragmentation
    policy: SchedulingPolicy
    names: Sequence[str]
    moved: list[Moved] = field(default_factory=list)
    looked_at: tuple[int, int] = (-1, -1)
    """The job for which no moves were found last, and the engine's count of events by then."""

    def run(self, hall: Hall) -> Generator[simpy.Event, None, None]:
        """Look at who waits, again and again."""
        timeline: Timeline = hall.timeline
        while True:
            yield timeline.tick(timeline.now + self.terms.every)
            self.look(hall)

    def look(self, hall: Hall) -> None:
        """Make room for the job that is to start next, if it has waited long enough and moves give it its room."""
        state, now_s = hall.batch.state, hall.timeline.now
        waiting = next_to_start(state, self.policy)
        if waiting < 0 or now_s - state.jobs["submit_s"][waiting] < self.terms.wait:
            return
        looked_at = waiting, int(state.clock[0]["events"])
        if looked_at == self.looked_at:
            return  # Nothing has come or gone since.
        moves = sorted(moves_for(state, waiting, self.terms.most_tasks))
        if not moves:
            self.looked_at = looked_at
            return
        jobs, tasks, paused_s = 0, 0, 0.0
        for job, of_job in groupby(moves, key=lambda move: move.job):
            row = state.jobs[job]
            pause_s = self.terms.pause_s(float(row["accelerators_milli"]) / 1000.0, float(row["memory_b"]))
            count = hall.batch.migrate(job, [(move.source, move.target) for move in of_job], pause_s)
            jobs, tasks, paused_s = jobs + (count > 0), tasks + count, paused_s + (pause_s if count else 0.0)
        self.moved.append(Moved(now_s, waiting, jobs, tasks, paused_s))
        hall.settlement.mark()

    def kpis(self, _: float) -> Kpis:
        """Return none: what it does shows in waits and utilisation."""
        return {}

    def tables(self, _: float) -> Mapping[str, pa.Table]:
        """Return a row for each time that jobs were moved."""
        return {
            "migrations": table(
                {
                    "at_s": np.array([each.at_s for each in self.moved], np.float64),
                    "waiting_job": texts([self.names[each.waiting] for each in self.moved]),
                    "moved_jobs": np.array([each.jobs for each in self.moved], np.int64),
                    "moved_tasks": np.array([each.tasks for each in self.moved], np.int64),
                    "paused_s": np.array([each.paused_s for each in self.moved], np.float64),
                }
            )
        }

    def notes(self, _: float) -> Sequence[str]:
        """Return a line on what was moved."""
        if not self.moved:
            return ["no job was moved to make room for another"]
        tasks, jobs = sum(each.tasks for each in self.moved), sum(each.jobs for each in self.moved)
        paused_min = sum(each.paused_s for each in self.moved) / 60.0
        return [
            f"{tasks:,} tasks were moved in {len(self.moved):,} turns to make room for jobs that waited; "
            f"the {jobs:,} jobs moved stood still for {paused_min:,.0f} min together"
        ]


def next_to_start(state: State, policy: SchedulingPolicy) -> int:
    """Return the waiting job that a policy starts next, -1 where none waits.

    That is the head of the first line in which jobs wait; with fair share, which has a line a user, that of the user
    who had used least at the last pass, of the highest priority where it preempts.
    """
    lines = np.flatnonzero(state.queues["head"] >= 0)
    if not len(lines):
        return -1
    heads = state.queues["head"][lines]
    if isinstance(policy, FairShare):
        count = len(state.queues)
        numbers = state.parameters[len(policy.parameters()) :]
        counted_in, priority = numbers[lines].astype(np.int64), numbers[count + lines]
        usage = state.queues["usage"][counted_in] / state.queues["weight"][lines]
        heads = heads[np.lexsort((lines, usage, -priority))]
    assert state.jobs["status"][heads[0]] == QUEUED, "a job in a line waits"
    return int(heads[0])
