"""Start what limits power: standing caps, rows behind their breakers, events."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.facility import Facility
from models.fleet import Fleet
from models.power.distribution.rack_powers import rack_powers
from models.power.distribution.rows import Rows
from models.power.power_limits import PowerLimits
from models.problems import InputError, Problem, nearest

from ..facility.building import Building
from ..facility.hall import Hall
from ..facility.incidents import Incident
from ..facility.site_supply import SiteSupply
from ..scenario.events.curtailment import CurtailmentEvent
from ..scenario.events.power_cap import PowerCapEvent
from ..scenario.scenario import Scenario
from .power_cap import cap_power, curtail
from .power_manager import ItWithin, PowerManager, keep_limits
from .starting_supply import start_feeds


def start_power_limits(
    hall: Hall, given: Scenario, fleet: Fleet, building: Building | None, supply: SiteSupply | None
) -> PowerManager:
    """Return the power manager of a hall with its standing caps, and those to come on the timeline.

    Raises InputError where a standing cap is below idle power, or an event names a rack that is not there.
    """
    limits = given.facility.power_cap or PowerLimits()
    manager = PowerManager(
        hall.batch, hall.feed, hall.settlement, hall.switched_off, _it_within(given.facility, building),
        rule=limits.rule, idle_room=limits.idle_room,
    )  # fmt: skip
    hall.settlement.join(manager)
    _stand(manager, limits, given.facility, fleet)
    if building is not None:
        start_feeds(hall.timeline, manager, given, supply, len(fleet))
    events = [event for event in given.events if isinstance(event, PowerCapEvent | CurtailmentEvent)]
    for number, event in enumerate(events):
        incident = Incident(f"{event.kind} {number + 1}", event.at)
        hall.incidents.append(incident)
        if isinstance(event, CurtailmentEvent):
            story = curtail(hall.timeline, hall.batch, manager, building, event, incident)
        else:
            nodes, group = _targets(event, fleet)
            story = cap_power(hall.timeline, manager, event, incident, nodes, group)
        hall.timeline.process(story)
    if building is None and (manager.unsettled or events):
        hall.timeline.process(keep_limits(hall.timeline, hall.settlement, given.facility.control_interval))
    return manager


def _it_within(facility: Facility, building: Building | None) -> ItWithin:
    if building is None:
        assert facility.pue is not None
        pue = facility.pue
        return lambda limit_w: limit_w / pue
    return lambda limit_w: building.sized.chain.greatest_it_w(limit_w, *building.mechanical_w)


def _stand(manager: PowerManager, limits: PowerLimits, facility: Facility, fleet: Fleet) -> None:
    nodes = np.arange(len(fleet))
    if limits.rack is not None:
        idle_w = np.bincount(fleet.rack, _idle_w(fleet), len(fleet.rack_names)) + fleet.rack_power_w
        _above_idle("facility.power_cap.rack", limits.rack, float(idle_w.max()), "a rack's idle power")
        manager.limit("rack", nodes, np.full(len(fleet.rack_names), limits.rack), group=fleet.rack)
    if limits.hall is not None:
        if limits.of == "it":
            idle_w = _idle_w(fleet).sum() + fleet.rack_power_w.sum()
            _above_idle("facility.power_cap.hall", limits.hall, float(idle_w), "the idle power of all nodes and racks")
        manager.limit("hall", nodes, limits.hall, of=limits.of)
    rows = facility.power.rows if facility.power is not None else None
    if rows is not None and rows.capped:
        _stand_rows(manager, rows, fleet)


def _stand_rows(manager: PowerManager, rows: Rows, fleet: Fleet) -> None:
    """Cap rows that could draw more than their breakers take for hours, and racks whose breaker is stated."""
    racks = rack_powers(fleet)
    assigned = rows.assigned(racks)
    row = assigned.row_of_rack[fleet.rack]
    if any(each.needs_cap for each in assigned.rows):
        placed = np.flatnonzero(row >= 0)
        manager.limit("rows", placed, [each.capacity_w for each in assigned.rows], group=row[placed])
    if rows.rack_limit is not None and np.any(racks.rated_w > rows.continuous_load * rows.rack_limit):
        limit_w = np.full(len(fleet.rack_names), rows.continuous_load * rows.rack_limit)
        manager.limit("rack breakers", np.arange(len(fleet)), limit_w, group=fleet.rack)


def _idle_w(fleet: Fleet) -> NDArray[np.float64]:
    return np.array([model.power.idle_power_w for model in fleet.models])[fleet.model]


def _above_idle(path: str, cap_w: float, idle_w: float, what: str) -> None:
    if cap_w < idle_w:
        text = f"is {cap_w / 1e3:g} kW, below {what}, {idle_w / 1e3:g} kW: no clock is slow enough for that"
        raise InputError(Problem("", path, text))


def _targets(event: PowerCapEvent, fleet: Fleet) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """Return the nodes that an event caps, and the group of each where every rack is capped for itself."""
    if event.racks is not None:
        position = {name: index for index, name in enumerate(fleet.rack_names)}
        unknown = [name for name in event.racks if name not in position]
        if unknown:
            text = f"the hall has no rack '{unknown[0]}'{nearest(unknown[0], position)}"
            raise InputError(Problem("", "events", text))
        order = np.full(len(fleet.rack_names), -1)
        order[[position[name] for name in event.racks]] = np.arange(len(event.racks))
        nodes = np.flatnonzero(order[fleet.rack] >= 0)
        return nodes, order[fleet.rack][nodes]
    if event.nodes is not None:
        named = {name: index for index, name in enumerate(fleet.node_names)}
        return np.array([named[name] for name in event.nodes], np.int64), None
    if event.group is not None:
        return np.flatnonzero(np.array(fleet.group) == event.group), None
    return np.arange(len(fleet)), None
