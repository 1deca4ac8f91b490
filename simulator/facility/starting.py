"""Start the stories of the building: its plant, and whatever happens to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from models.fleet import Fleet
from models.weather.weather import Weather

from ..assembly.facility import SizedFacility
from ..engine.batch import Batch
from ..engine.clock_limits import ClockLimits
from ..engine.given_load import GivenLoad
from ..engine.power_feed import PowerFeed
from ..engine.settlement import Settlement, Timeline
from ..metering.grid import whole_seconds
from ..processes.plant import run_plant
from ..scenario.scenario import Scenario
from .building import Building
from .outdoors import Outdoors
from .starting_supply import start_supply


class Hall(NamedTuple):
    """The engine's parts that the building's stories meet."""

    timeline: Timeline
    batch: Batch
    settlement: Settlement
    feed: PowerFeed
    limits: ClockLimits
    loads: Sequence[GivenLoad] = ()


def start_building(hall: Hall, given: Scenario, sized: SizedFacility, weather: Weather, fleet: Fleet) -> Building:
    """Return the building, with its stories on the timeline."""
    outdoors = Outdoors(weather, given.start_utc_s)
    building = Building(sized, outdoors, hall.batch, hall.feed, hall.limits)
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
    building.supply = start_supply(
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
    return building
