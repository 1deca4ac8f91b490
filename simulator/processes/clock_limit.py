"""The story of a clock limit: it comes, and perhaps it goes."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import simpy

from ..engine.batch import Batch
from ..engine.clock_limits import ClockLimits
from ..engine.settlement import Settlement, Timeline
from ..scenario.events.clock import ClockEvent


def limit_clocks(
    timeline: Timeline,
    batch: Batch,
    limits: ClockLimits,
    settlement: Settlement,
    event: ClockEvent,
    *,
    nodes: Sequence[int] = (),
    jobs: Sequence[int] = (),
) -> Generator[simpy.Event, None, None]:
    """Hold nodes or jobs to the event's fraction of full clock from its start to its end.

    Limits do not stack: a later one on the same node replaces an earlier one, and its end lifts both. What cooling or a
    power cap asks for besides is kept: a node runs at the least.
    """
    yield timeline.at(event.at)
    limits.set("event", nodes, event.fraction)
    batch.set_job_clock(jobs, event.fraction)
    settlement.mark()
    if event.until is not None:
        yield timeline.at(event.until)
        limits.set("event", nodes, 1.0)
        batch.set_job_clock(jobs, 1.0)
        settlement.mark()
