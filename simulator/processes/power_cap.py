"""The stories of caps on power: one comes and perhaps goes; the grid asks for less for some hours."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import simpy
from numpy.typing import NDArray

from ..engine import state as layout
from ..engine.batch import Batch
from ..engine.settlement import Timeline
from ..facility.building import Building
from ..facility.incidents import Incident
from ..scenario.events.curtailment import CurtailmentEvent
from ..scenario.events.power_cap import PowerCapEvent
from .power_manager import PowerManager

_BASELINE_S = 3600.0


def cap_power(
    timeline: Timeline,
    manager: PowerManager,
    event: PowerCapEvent,
    incident: Incident,
    nodes: NDArray[np.int64],
    group: NDArray[np.int64] | None,
) -> Generator[simpy.Event, None, None]:
    """Hold nodes, each group of them or the hall to a power from the event's start to its end."""
    yield timeline.at(event.at)
    before_j = manager.unserved_j(timeline.now)
    whole = event.group is None and event.nodes is None and event.racks is None
    groups = 1 if group is None else int(group.max()) + 1
    manager.limit(incident.what, nodes, np.full(groups, event.power), group=group, of=event.of if whole else "nodes")
    if event.until is not None:
        yield timeline.at(event.until)
        manager.lift(incident.what)
        incident.to_s, incident.withheld_j = timeline.now, manager.unserved_j(timeline.now) - before_j


def curtail(
    timeline: Timeline,
    batch: Batch,
    manager: PowerManager,
    building: Building | None,
    event: CurtailmentEvent,
    incident: Incident,
) -> Generator[simpy.Event, None, None]:
    """Hold what the facility draws from the grid to a power for a time, after a notice in which the hall may be cooled.

    Where a reduction is asked for, it is from the mean over the hour before the notice.
    """
    notice_s = event.at - event.notice
    from_s = max(notice_s - _BASELINE_S, 0.0)
    power_w = event.to
    if power_w is None:
        assert event.by is not None
        yield timeline.at(from_s)
        before_j = float(batch.integrals_at(timeline.now)[layout.GRID_POWER])
        yield timeline.at(notice_s)
        drawn_j = float(batch.integrals_at(timeline.now)[layout.GRID_POWER]) - before_j
        power_w = max((drawn_j / (notice_s - from_s) if notice_s > from_s else 0.0) - event.by, 0.0)
    if event.pre_cool is not None and building is not None:
        yield timeline.at(notice_s)
        building.supply_air_c = event.pre_cool
        building.call()
    yield timeline.at(event.at)
    if event.pre_cool is not None and building is not None:
        building.supply_air_c = building.stated_supply_air_c
        building.call()
    before_j = manager.unserved_j(timeline.now)
    manager.limit(incident.what, np.arange(len(batch.state.nodes)), power_w, of="grid")
    yield timeline.at(event.at + event.duration)
    manager.lift(incident.what)
    incident.to_s, incident.withheld_j = timeline.now, manager.unserved_j(timeline.now) - before_j
