"""The story of a cooling failure: machines stop, come back to power, and cool again."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from ..engine.settlement import Timeline
from ..facility.building import Building
from ..facility.cooling_parts import Part
from ..facility.incidents import Incident
from ..scenario.events.cooling_failure import CoolingFailureEvent


def fail_cooling(
    timeline: Timeline, building: Building, event: CoolingFailureEvent, part: Part, incident: Incident
) -> Generator[simpy.Event, None, None]:
    """Take machines of a part out from the event's start to its end, and until they have restarted."""
    units = part.units if event.units == "all" else min(event.units, part.units)
    yield timeline.at(event.at)
    building.machines.fail(part.machines, units, part.units)
    building.call()
    if event.until is not None:
        yield timeline.at(event.until + part.restart_s)
        building.machines.fail(part.machines, -units, part.units)
        building.call()
        incident.to_s = timeline.now
