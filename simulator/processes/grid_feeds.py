"""The story of the feeds of the grid: tranches come and go, and the hall stays within what they bring."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
import simpy

from models.power.distribution.steps import Steps

from ..engine.settlement import Timeline
from .power_manager import PowerManager

_FEEDS = "feeds of the grid"


def hold_to_feeds(
    timeline: Timeline, manager: PowerManager, capacity: Steps, nodes: int
) -> Generator[simpy.Event, None, None]:
    """Hold what the facility draws from the grid, after its own sources, to what the feeds bring at each time."""
    for from_s, power_w in zip(capacity.from_s.tolist(), capacity.power_w.tolist(), strict=True):
        if from_s > timeline.now:
            yield timeline.at(from_s)
        if math.isinf(power_w):
            manager.lift(_FEEDS)
        else:
            manager.limit(_FEEDS, np.arange(nodes), power_w, of="grid")
