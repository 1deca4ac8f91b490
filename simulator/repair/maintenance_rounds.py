"""The story of planned maintenance: round after round, a wave of components at a time."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence

import simpy

from models.operations.local_schedule import LocalSchedule
from models.operations.maintenance import Maintenance

from ..operations.component import Component
from ..operations.running import Running
from .taking_aside import take_aside


def keep_up(
    running: Running, maintenance: Maintenance, components: Sequence[Component], zone: str
) -> Generator[simpy.Event, None, None]:
    """Maintain all components, and again after each interval, until the run ends.

    A round that lasts longer than the interval is followed at once. Waiting for a round alone keeps no run going.
    """
    timeline, start_utc_s = running.hall.timeline, running.given.start_utc_s
    window = LocalSchedule([(maintenance.window, 1)], zone)
    at_once = max(1, round(maintenance.at_once * len(components)))
    due_s = maintenance.every if maintenance.first is None else maintenance.first
    while True:
        yield timeline.tick(max(due_s, timeline.now))
        for first in range(0, len(components), at_once):
            wave = components[first : first + at_once]
            opens_s = _opens_s(window, start_utc_s, timeline.now)
            if math.isinf(opens_s):
                return
            yield timeline.at(opens_s)
            yield from take_aside(
                running,
                wave,
                who=f"maintenance: {maintenance.name}",
                wait_for=maintenance.wait_for,
                wait_limit_s=maintenance.wait_limit,
                duration_s=maintenance.duration,
                planned=True,
                skill=maintenance.skill,
            )
        due_s += maintenance.every


def _opens_s(window: LocalSchedule, start_utc_s: float, now_s: float) -> float:
    """Return the first instant from now on at which the window is open [s]; infinity where it never is."""
    if window.level(start_utc_s + now_s) > 0:
        return now_s
    return window.next_change_s(start_utc_s + now_s) - start_utc_s
