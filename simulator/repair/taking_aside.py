"""The story of components that are taken out by plan: no new jobs, those on them end or save, out, and back."""

from __future__ import annotations

import functools
from collections.abc import Generator, Sequence

import numpy as np
import simpy

from models.operations.maintenance import WaitFor

from ..operations.component import Component
from ..operations.outage import Outage
from ..operations.running import Running
from .leaving import Leaving

Story = Generator[simpy.Event, None, None]


def take_aside(
    running: Running,
    components: Sequence[Component],
    *,
    who: str,
    wait_for: WaitFor,
    wait_limit_s: float,
    duration_s: float,
    planned: bool,
    skill: str | None = None,
) -> Story:
    """Cordon the components' nodes off, take each component out once its jobs may leave, and bring it back.

    `who` is the cause that outages state; what is not `planned` is a false alarm. Jobs that hold nodes after
    `wait_limit_s` [s] are interrupted then. The story ends when every component is back, each `duration_s` [s] after it
    went, or later where a technician with a `skill` does it, who may be waited for.
    """
    timeline, batch = running.hall.timeline, running.hall.batch
    noticed_s = timeline.now
    leaving = Leaving(batch, wait_for, wait_limit_s, running.training)
    out = functools.partial(_out, running, who=who, duration_s=duration_s, planned=planned, skill=skill)
    waiting, gone = list(components), []
    while waiting:
        # Nodes that came back from an outage meanwhile take no new jobs either.
        running.hall.cordoned.cordon(who, [node for component in waiting for node in component.nodes])
        running.hall.settlement.mark()
        late = timeline.now >= noticed_s + wait_limit_s
        staying, jobs = [], set[int]()
        for component in waiting:
            held = {int(job) for job in batch.jobs_on(component.nodes)}
            held = set() if late else {job for job in held if not leaving.may_go(job, timeline.now)}
            jobs |= held
            if held:
                staying.append(component)
            else:
                gone.append(timeline.process(out(component)))
        waiting = staying
        if waiting:
            look_s = timeline.now + leaving.look_after_s(jobs, timeline.now)
            yield timeline.at(min(look_s, noticed_s + wait_limit_s))
    yield timeline.all_of(gone)


def _out(
    running: Running,
    component: Component,
    *,
    who: str,
    duration_s: float,
    planned: bool,
    skill: str | None,
) -> Story:
    timeline, settlement, nodes = running.hall.timeline, running.hall.settlement, np.array(component.nodes, np.int64)
    outage = Outage(
        component.kind,
        component.name,
        who,
        failed_s=timeline.now,
        detected_s=timeline.now,
        repair_began_s=timeline.now,
        nodes=len(nodes),
        jobs_interrupted=len(running.hall.batch.jobs_on(nodes)),
        planned=planned,
        false_alarm=not planned,
    )
    running.outages.append(outage)
    running.components.take_out(component)
    settlement.mark()
    if skill is None or running.repairs is None:
        yield timeline.at(timeline.now + duration_s)
    else:
        yield running.repairs.plan(outage, skill=skill, work_s=duration_s)
    outage.restored_s = timeline.now
    running.components.bring_back(component)
    running.hall.cordoned.let_go(who, nodes)
    settlement.mark()
