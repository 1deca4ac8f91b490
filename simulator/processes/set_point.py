"""The story of a set-point: it is set anew, and perhaps set back."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from ..engine.settlement import Timeline
from ..facility.building import Building
from ..scenario.events.set_point import SetPointEvent


def set_point(timeline: Timeline, building: Building, event: SetPointEvent) -> Generator[simpy.Event, None, None]:
    """Give the computers air or coolant of another temperature from the event's start to its end.

    The end sets back what is stated in `facility.cooling`.
    """
    yield timeline.at(event.at)
    if event.supply_air is not None:
        building.supply_air_c = event.supply_air
    if event.coolant is not None:
        building.coolant_c = event.coolant
    building.call()
    if event.until is not None:
        yield timeline.at(event.until)
        if event.supply_air is not None:
            building.supply_air_c = building.stated_supply_air_c
        if event.coolant is not None:
            building.coolant_c = building.stated_coolant_c
        building.call()
