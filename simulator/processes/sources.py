"""The story of what the site gives beside the grid: it is set, and holds until it is set again."""

from __future__ import annotations

import math
from collections.abc import Generator

import simpy

from ..engine.settlement import Settlement, Timeline
from ..facility.site_supply import SiteSupply


def set_sources(
    timeline: Timeline, settlement: Settlement, supply: SiteSupply, *, step_s: float, first_edge_s: float
) -> Generator[simpy.Event, None, None]:
    """Set the sources at every border; those stand `step_s` apart, the first after the start at `first_edge_s`."""
    while True:
        passed = max(math.floor((timeline.now - first_edge_s) / step_s) + 1, 0)
        border_s = first_edge_s + passed * step_s
        supply.plan(timeline.now, border_s - timeline.now)
        settlement.mark()
        yield timeline.tick(border_s)
