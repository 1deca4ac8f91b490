"""The story of a component that is taken out by plan: no new jobs, those on it end or save, out, and back."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from models.operations.maintenance import WaitFor

from ..engine.lifecycle_kernel import WORK
from ..operations.component import Component
from ..operations.outage import Outage

if TYPE_CHECKING:
    from ..engine.batch import Batch
    from ..operations.running import Running

Story = Generator[simpy.Event, None, None]
_LOOKS = 200
"""Into how many looks the longest wait is divided; a wait ends at the first look at which it can."""
_LEAST_LOOK_S = 60.0


def take_aside(
    running: Running,
    component: Component,
    *,
    who: str,
    wait_for: WaitFor,
    wait_limit_s: float,
    duration_s: float,
    planned: bool,
) -> Story:
    """Cordon a component's nodes off, wait for their jobs, take it out for a time, bring it back.

    `who` is the cause that its outage states. Jobs that still hold its nodes after `wait_limit_s` are interrupted.
    """
    timeline, batch, settlement = running.hall.timeline, running.hall.batch, running.hall.settlement
    nodes = np.array(component.nodes, np.int64)
    noticed_s = timeline.now
    running.hall.cordoned.cordon(who, nodes)
    settlement.mark()
    yield from _leave(running, who, nodes, wait_for, wait_limit_s)
    jobs = batch.jobs_on(nodes)
    outage = Outage(
        component.kind,
        component.name,
        who,
        failed_s=timeline.now,
        detected_s=noticed_s if not planned else timeline.now,
        repair_began_s=timeline.now,
        nodes=len(nodes),
        jobs_interrupted=len(jobs),
        planned=planned,
    )
    running.outages.append(outage)
    running.components.take_out(component)
    settlement.mark()
    yield timeline.at(timeline.now + duration_s)
    running.components.bring_back(component)
    running.hall.cordoned.let_go(who, nodes)
    settlement.mark()
    outage.restored_s = timeline.now


def _leave(running: Running, who: str, nodes: NDArray[np.int64], wait_for: WaitFor, limit_s: float) -> Story:
    """Wait until the nodes' jobs have left, or saved their state, or the limit is reached."""
    if wait_for == "nothing" or limit_s <= 0.0 or not len(nodes):
        return
    timeline, batch = running.hall.timeline, running.hall.batch
    end_s, look_s = timeline.now + limit_s, max(limit_s / _LOOKS, _LEAST_LOOK_S)
    marks = {int(job): _saved(batch, int(job), timeline.now) for job in batch.jobs_on(nodes)}
    while timeline.now < end_s:
        held = [job for job in batch.jobs_on(nodes).tolist() if not _may_go(batch, job, wait_for, marks, timeline.now)]
        if not held:
            return
        yield timeline.at(min(timeline.now + look_s, end_s))
        running.hall.cordoned.cordon(who, nodes)  # Those that came back from an outage take no new jobs either.


def _may_go(batch: Batch, job: int, wait_for: WaitFor, marks: dict[int, float], now_s: float) -> bool:
    """Return whether a job has saved its state since the wait began."""
    saved = _saved(batch, job, now_s)
    return wait_for == "checkpoint" and saved > marks.setdefault(job, saved)


def _saved(batch: Batch, job: int, now_s: float) -> float:
    """Return the work that an interruption would leave a job [nominal s]; infinitely little where it saves nothing."""
    row = batch.state.jobs[job]
    if row["training"] >= 0:
        training = batch.state.trainings[row["training"]]
        return float(training["pending_s"] if training["durable_at_s"] <= now_s else training["kept_s"])
    interval_s = float(row["checkpoint_interval_s"])
    if not interval_s > 0.0:
        return -math.inf
    done_s = row["done_s"] + batch.state.phases[row["phase"], WORK] - row["remaining_s"]
    return math.floor(float(done_s + row["rate"] * (now_s - row["as_of_s"])) / interval_s) * interval_s
