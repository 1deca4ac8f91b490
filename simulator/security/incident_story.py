"""The story of an incident: it begins unseen, is noticed, nodes are held, made anew and given back."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import simpy

from models.security.controls.control import IncidentChange
from models.security.incidents.incident import Occurrence, SecurityIncident
from models.security.reimaging import Reimaging

from ..engine.state import ABSENT, RETIRED
from ..operations.component import Component
from ..operations.entering import NODE
from ..operations.outage import Outage
from .lost_data import go_on, lose_checkpoints

if TYPE_CHECKING:
    from ..operations.running import Running

CAUSE = "incident"
"""What outages of nodes that are held for an incident name as their cause, with its kind behind a colon."""


@dataclass
class IncidentRecord:
    """An incident as it happened. Instants count from the scenario's start [s]; NaN: not yet, or never."""

    kind: str
    begins_s: float
    detected_s: float = math.nan
    restored_s: float = math.nan
    """When every node was back."""
    data_restored_s: float = math.nan
    """When storage was restored from its backup."""
    data_of_s: float = math.nan
    """The instant whose data came back."""
    nodes: int = 0
    """Nodes that were held."""
    jobs_interrupted: int = 0
    """Running jobs that it stopped."""


class IncidentResponse:
    """Those who take nodes out, clear them, and make them anew, a few at a time over all incidents."""

    def __init__(self, running: Running, reimaging: Reimaging) -> None:
        self.records: list[IncidentRecord] = []
        self._running = running
        self._reimaging = reimaging
        self._imagers = simpy.Resource(running.hall.timeline, reimaging.at_once)

    def follow(
        self, incident: SecurityIncident, change: IncidentChange, random: np.random.Generator
    ) -> Generator[simpy.Event, Any, None]:
        """Let incidents of a kind happen; those to come keep no run going."""
        timeline = self._running.hall.timeline
        for occurrence in incident.occurrences(random, change):
            yield timeline.tick(occurrence.begins_s)
            timeline.process(self._suffer(incident, change, occurrence))

    def _suffer(
        self, incident: SecurityIncident, change: IncidentChange, occurrence: Occurrence
    ) -> Generator[simpy.Event, Any, None]:
        running, timeline = self._running, self._running.hall.timeline
        record = IncidentRecord(incident.kind_name, timeline.now)
        self.records.append(record)
        yield timeline.tick(occurrence.detected_s)
        record.detected_s = timeline.now
        restored = timeline.process(self._restore(record)) if incident.restores_data else timeline.timeout(0.0)
        yield timeline.timeout(0.0)  # Data is gone before anybody takes nodes out.
        held = self._quarantine(incident.nodes_hit(len(running.fleet), occurrence.place, change), record)
        yield timeline.timeout(incident.investigation * change.investigation)
        yield timeline.all_of([timeline.process(self._renew(node, outage, restored)) for node, outage in held])
        record.restored_s = timeline.now

    def _quarantine(self, nodes: Any, record: IncidentRecord) -> list[tuple[Component, Outage]]:
        """Take out the nodes that are there, broken ones too; their jobs return to their lines."""
        running, batch = self._running, self._running.hall.batch
        nodes = nodes[~np.isin(batch.state.nodes["status"][nodes], (ABSENT, RETIRED))]
        record.nodes, record.jobs_interrupted = len(nodes), len(batch.jobs_on(nodes))
        held = []
        for node in nodes.tolist():
            component = running.components.find(NODE, running.fleet.node_names[node])
            outage = Outage(
                component.kind, component.name, f"{CAUSE}: {record.kind}", record.detected_s, record.detected_s,
                nodes=1, jobs_interrupted=len(batch.jobs_on([node])),
            )  # fmt: skip  # Until somebody notices it works as ever.
            running.outages.append(outage)
            running.components.take_out(component)
            held.append((component, outage))
        return held

    def _renew(self, component: Component, outage: Outage, restored: simpy.Event) -> Generator[simpy.Event, Any, None]:
        """Make a node anew when its turn comes, and give it back once there is data to work on."""
        running, timeline = self._running, self._running.hall.timeline
        with self._imagers.request() as turn:
            yield turn
            outage.repair_began_s = timeline.now
            yield timeline.timeout(self._reimaging.node_s)
        if running.storage is not None:
            running.storage.wipe(component.nodes)
        if not restored.processed:
            yield restored
        outage.restored_s = timeline.now
        running.components.bring_back(component)

    def _restore(self, record: IncidentRecord) -> Generator[simpy.Event, Any, None]:
        """Restore storage from backups that are older than the incident and that nobody could change."""
        storage, timeline = self._running.storage, self._running.hall.timeline
        if storage is None:
            return
        stopped = lose_checkpoints(self._running, record.begins_s)
        if storage.backups is None:
            go_on(self._running, stopped)
            return
        restores = [
            storage.backups.restore(name, before_s=record.begins_s, immutable=True) for name in storage.section.backups
        ]
        with storage.restoring():
            ended = yield timeline.all_of(restores)
            go_on(self._running, stopped)
        found = [each for each in ended.values() if each is not None]
        if found:
            record.data_restored_s = timeline.now
            record.data_of_s = min(each.holds_s for each in found)
