"""The story of components that are taken out on purpose: they fail, somebody notices, they come back."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

import numpy as np
import simpy

from models.operations.drills.lose_component import LoseComponent

from ..operations.component import Component
from ..operations.outage import Outage
from .drill_watch import DrillWatch

if TYPE_CHECKING:
    from ..operations.running import Running

CAUSE = "drill"
"""The cause of an outage that is a drill."""


def lose_components(
    running: Running, watch: DrillWatch, drill: LoseComponent, components: Sequence[Component]
) -> Generator[simpy.Event, None, None]:
    """Let components fail at the drill's time and follow them until they are back."""
    timeline, settlement = running.hall.timeline, running.hall.settlement
    yield timeline.at(drill.at)
    outages = [
        Outage(each.kind, each.name, CAUSE, timeline.now, nodes=len(each.nodes), planned=True) for each in components
    ]
    running.outages.extend(outages)
    record = watch.begin(drill, ", ".join(each.label for each in components), outages)
    nodes = np.unique(np.array([node for each in components for node in each.nodes], np.int64))
    for component in components:
        if not component.nodes:  # What cools, feeds or connects nodes is gone at once.
            running.components.take_out(component)
    settlement.mark()
    if len(nodes):  # Jobs on them stand still until somebody notices, those too that start meanwhile.
        running.die(nodes)
        running.hall.batch.hang(running.hall.batch.jobs_on(nodes))
        detection_s = drill.detection if drill.duration is None else min(drill.detection, drill.duration)
        yield timeline.at(drill.at + detection_s)
        running.found_dead(nodes)
    record.detected_s = timeline.now
    for component, outage in zip(components, outages, strict=True):
        outage.detected_s = timeline.now
        if component.nodes:
            outage.jobs_interrupted = len(running.hall.batch.jobs_on(component.nodes))
            running.components.take_out(component)
    settlement.mark()
    if drill.duration is not None:
        yield timeline.at(drill.at + drill.duration)
        for component, outage in zip(components, outages, strict=True):
            _return(running, component, outage)
    else:
        returns = [
            timeline.process(_repair(running, drill, component, outage))
            for component, outage in zip(components, outages, strict=True)
        ]
        yield timeline.all_of(returns)
    record.restored_s = timeline.now
    settlement.mark()


def _repair(
    running: Running, drill: LoseComponent, component: Component, outage: Outage
) -> Generator[simpy.Event, None, None]:
    repairs = running.repairs
    assert repairs is not None  # Drills are part of `operations`, which has crews.
    yield repairs.request(outage, part=drill.part, skill=drill.skill)
    _return(running, component, outage)


def _return(running: Running, component: Component, outage: Outage) -> None:
    outage.restored_s = running.hall.timeline.now
    running.components.bring_back(component)
    running.hall.settlement.mark()
