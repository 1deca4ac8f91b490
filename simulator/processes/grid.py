"""The story of the grid: it is lost, it comes back."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

import simpy

from models.power.supply.outages.grid_outages import Outage

from ..engine.settlement import Settlement, Timeline
from ..facility.site_supply import SiteSupply


def follow_grid(
    timeline: Timeline, settlement: Settlement, supply: SiteSupply, outages: Iterator[Outage]
) -> Generator[simpy.Event, None, None]:
    """Lose the grid at each outage and have it back at its end; in between, and until all is as before, look at the
    supply whenever something is due there.

    An outage to come keeps no run going; one that has begun does.
    """
    coming, ends_s = next(outages, None), math.inf
    while True:
        lost = ends_s < math.inf
        begins_s = math.inf if lost or coming is None else coming.start_s
        at_s = min(begins_s, ends_s, supply.next_s(timeline.now))
        if math.isinf(at_s):
            return
        yield timeline.at(at_s) if lost or supply.is_dropped else timeline.tick(at_s)
        if timeline.now >= ends_s:
            supply.regain_grid(timeline.now)
            ends_s = math.inf
        elif coming is not None and timeline.now >= begins_s:
            supply.lose_grid(timeline.now)
            ends_s = coming.start_s + coming.duration_s
            coming = next(outages, None)
        else:
            supply.go_on(timeline.now)
        settlement.mark()
