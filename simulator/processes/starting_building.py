"""Start the stories of the building: its plant, and whatever happens to it."""

from __future__ import annotations

import math

from models.fleet import Fleet
from models.problems import InputError, Problem
from models.sized_facility import SizedFacility
from models.weather.weather import Weather

from ..facility.building import Building
from ..facility.cooling_parts import part_of
from ..facility.hall import Hall
from ..facility.incidents import Incident
from ..facility.outdoors import Outdoors
from ..facility.site_supply import SiteSupply
from ..metering.grid import whole_seconds
from ..scenario.events.cooling_failure import CoolingFailureEvent
from ..scenario.events.set_point import SetPointEvent
from ..scenario.scenario import Scenario
from .cooling_failure import fail_cooling
from .plant import run_plant
from .set_point import set_point
from .starting_supply import start_supply


def start_building(
    hall: Hall, given: Scenario, sized: SizedFacility, weather: Weather, fleet: Fleet
) -> tuple[Building, SiteSupply | None]:
    """Return the building and who feeds it, None where the grid alone does, with their stories on the timeline."""
    outdoors = Outdoors(weather, given.start_utc_s)
    building = Building(sized, outdoors, hall.batch, hall.feed, hall.limits, hall.switched_off)
    control_s = whole_seconds(given.facility.control_interval, "facility.control_interval")
    step_s = math.gcd(control_s, int(hall.batch.state.clock[0]["interval_s"]))
    first_edge_s = step_s - given.start_utc_s % step_s
    idle_w = float(sum(fleet.models[model].power.idle_power_w for model in fleet.model[fleet.commission_s <= 0.0]))
    hall.timeline.process(
        run_plant(
            hall.timeline,
            hall.settlement,
            building,
            step_s=step_s,
            first_edge_s=first_edge_s,
            idle_w=idle_w,
        )
    )
    supply = start_supply(
        hall.timeline,
        hall.settlement,
        hall.batch,
        hall.feed,
        hall.loads,
        given,
        building,
        weather,
        idle_w=idle_w,
        step_s=step_s,
        first_edge_s=first_edge_s,
    )
    _start_events(hall, given, building)
    return building, supply


def _start_events(hall: Hall, given: Scenario, building: Building) -> None:
    for number, event in enumerate(given.events):
        if isinstance(event, CoolingFailureEvent):
            try:
                part = part_of(building.sized, event.part)
            except ValueError as error:
                raise InputError(Problem("", f"events[{number}].part", str(error))) from None
            incident = Incident(f"{event.kind}: {event.part}", event.at)
            hall.incidents.append(incident)
            hall.timeline.process(fail_cooling(hall.timeline, building, event, part, incident))
        elif isinstance(event, SetPointEvent):
            hall.timeline.process(set_point(hall.timeline, building, event))
