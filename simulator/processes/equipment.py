"""The story of IT equipment whose power is given over time."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import simpy

from models.series import Series

from ..engine.power_feed import PowerFeed
from ..engine.settlement import Timeline


def follow_load(
    timeline: Timeline, feed: PowerFeed, name: str, power_w: Series, start_utc_s: float
) -> Generator[simpy.Event, None, None]:
    """Draw the power of the series from now to its end, or for ever where it never ends."""
    while True:
        now_utc_s = start_utc_s + timeline.now
        edge_utc_s = power_w.start_utc_s + power_w.step_s * (
            np.floor((now_utc_s - power_w.start_utc_s) / power_w.step_s) + 1.0
        )
        if not power_w.repeats_yearly and not power_w.start_utc_s <= now_utc_s < power_w.end_utc_s:
            return  # Who meters the load says that the series is too short.
        feed.set_other_it(name, float(power_w.at(now_utc_s)))
        yield timeline.tick(float(edge_utc_s - start_utc_s))
