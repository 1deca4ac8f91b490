"""The story of the plant: it looks at the hall, is set, and holds until it looks again."""

from __future__ import annotations

import math
from collections.abc import Generator

import simpy

from ..engine.settlement import Settlement, Timeline
from ..facility.building import Building


def run_plant(
    timeline: Timeline, settlement: Settlement, building: Building, *, step_s: float, first_edge_s: float, idle_w: float
) -> Generator[simpy.Event, None, None]:
    """Look at the building at every border, earlier where a temperature is about to cross a limit, and when called.

    Borders stand `step_s` apart, the first after the start at `first_edge_s`, so that no interval of weather, price or
    results is crossed. `idle_w` stands for the heat of the computers at the start.
    """
    while True:
        holds_s = building.look(timeline.now, idle_w)
        settlement.mark()
        passed = max(math.floor((timeline.now - first_edge_s) / step_s) + 1, 0)
        border_s = first_edge_s + passed * step_s
        building.called = timeline.event()
        yield timeline.tick(min(border_s, timeline.now + holds_s)) | building.called
