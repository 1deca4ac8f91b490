"""Enter what a building has that can be lost: machines of its cooling, the grid, the utility's feeds."""

from __future__ import annotations

import functools
import math
from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from models.power.distribution.utility_feed import UtilityFeed

from ..facility.building import Building
from ..facility.cooling_parts import Part, part_of
from ..facility.site_supply import SiteSupply
from ..scenario.events.cooling_failure import CoolingPart
from .component import Component

if TYPE_CHECKING:
    from .running import Running

COOLING_UNIT, CDU, FEED = "cooling-unit", "cdu", "feed"
"""Kinds of component."""
GRID = "grid"
"""The name of the feed that is the whole grid."""
_LIMIT = "lost feeds"
_PARTS: tuple[CoolingPart, ...] = ("air-units", "air-plant", "air-towers", "cdu", "liquid-plant", "liquid-towers")


def enter_facility(running: Running) -> None:
    """Enter each machine of the cooling, the grid where `facility.supply` says who carries the building without it, and
    each of the utility's feeds. Does nothing where the building is not simulated."""
    building = running.building
    if building is None:
        return
    for name in _PARTS:
        try:
            part = part_of(building.sized, name)
        except ValueError:
            continue
        kind = CDU if name == "cdu" else COOLING_UNIT
        for number in range(1, part.units + 1):
            unit = CoolingUnit(running, building, part)
            running.components.register(Component(kind, f"{name}-{number}", unit.take_out, unit.bring_back))
    connection = None
    if running.supply is not None:
        connection = GridConnection(running, running.supply)
        running.components.register(Component(FEED, GRID, connection.take_out, connection.bring_back))
    utility = running.given.facility.power_chain.utility
    if utility.feeds:
        feeds = Feeds(running, utility.feeds, connection)
        for index in range(len(utility.feeds)):
            lose, regain = functools.partial(feeds.lose, index), functools.partial(feeds.regain, index)
            running.components.register(Component(FEED, f"feed-{index + 1}", lose, regain))


class CoolingUnit:
    """A machine of a part of the cooling. Back in service, it cools once it has restarted."""

    def __init__(self, running: Running, building: Building, part: Part) -> None:
        self._timeline, self._building, self._part = running.hall.timeline, building, part
        self._fails = False
        self._goes = 0

    def take_out(self) -> None:
        """Stop it."""
        self._goes += 1
        if not self._fails:
            self._set(1.0)

    def bring_back(self) -> None:
        """Give it power again."""
        if self._part.restart_s > 0.0:
            self._timeline.process(self._restart(self._goes))
        else:
            self._set(-1.0)

    def _restart(self, goes: int) -> Generator[simpy.Event, None, None]:
        yield self._timeline.at(self._timeline.now + self._part.restart_s)
        if self._goes == goes:  # It has not gone again meanwhile.
            self._set(-1.0)

    def _set(self, units: float) -> None:
        self._fails = units > 0.0
        self._building.machines.fail(self._part.machines, units, self._part.units)
        self._building.call()


class GridConnection:
    """The grid as a component: while it is out, the supply carries the building as through an outage."""

    def __init__(self, running: Running, supply: SiteSupply) -> None:
        self._timeline, self._settlement, self._supply = running.hall.timeline, running.hall.settlement, supply
        self._changes = 0
        self._out = False

    def take_out(self) -> None:
        """Lose the grid."""
        self._out = True
        self._supply.lose_grid(self._timeline.now)
        self._changed()

    def bring_back(self) -> None:
        """Have it back."""
        self._out = False
        self._supply.regain_grid(self._timeline.now)
        self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self._settlement.mark()
        self._timeline.process(self._follow(self._changes))

    def _follow(self, change: int) -> Generator[simpy.Event, None, None]:
        """Look at the supply whenever something is due there, until all is as before or the grid changes again."""
        while True:
            at_s = self._supply.next_s(self._timeline.now)
            if math.isinf(at_s):
                return
            needed = self._out or self._supply.is_dropped
            yield self._timeline.at(at_s) if needed else self._timeline.tick(at_s)
            if self._changes != change:
                return
            self._supply.go_on(self._timeline.now)
            self._settlement.mark()


class Feeds:
    """The utility's feeds: the hall is held to what those that are left bring, or the grid is lost with the last."""

    def __init__(self, running: Running, feeds: tuple[UtilityFeed, ...], grid: GridConnection | None) -> None:
        self._running, self._feeds, self._grid = running, feeds, grid
        self._lost: set[int] = set()
        self._changes = 0
        self._without_grid = False

    def lose(self, index: int) -> None:
        """Take a feed out."""
        self._lost.add(index)
        self._changed()

    def regain(self, index: int) -> None:
        """Put it back."""
        self._lost.discard(index)
        self._changed()

    def _changed(self) -> None:
        self._changes += 1
        self._running.hall.timeline.process(self._follow(self._changes))

    def _follow(self, change: int) -> Generator[simpy.Event, None, None]:
        """Hold the hall to what is left, anew whenever a feed comes or goes by plan."""
        timeline = self._running.hall.timeline
        while self._changes == change:
            self._hold(self._left_w(timeline.now))
            dates_s = [at_s for feed in self._feeds for at_s in (feed.in_service, feed.retire_at) if at_s is not None]
            coming_s = min((at_s for at_s in dates_s if at_s > timeline.now), default=math.inf)
            if not self._lost or math.isinf(coming_s):
                return
            yield timeline.tick(coming_s)

    def _left_w(self, now_s: float) -> float:
        """Return what the feeds that are in service and not lost bring [W]; infinite where none is lost."""
        if not self._lost:
            return math.inf
        retires_s = [math.inf if feed.retire_at is None else feed.retire_at for feed in self._feeds]
        return math.fsum(
            feed.capacity
            for index, feed in enumerate(self._feeds)
            if index not in self._lost and feed.in_service <= now_s < retires_s[index]
        )

    def _hold(self, left_w: float) -> None:
        manager = self._running.power
        assert manager is not None
        without_grid = left_w == 0.0 and self._grid is not None
        if math.isinf(left_w) or without_grid:
            manager.lift(_LIMIT)
        else:
            manager.limit(_LIMIT, np.arange(len(self._running.fleet)), left_w, of="grid")
        if self._grid is not None and without_grid != self._without_grid:
            self._without_grid = without_grid
            (self._grid.take_out if without_grid else self._grid.bring_back)()
