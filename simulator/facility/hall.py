"""The engine's parts that the building's stories meet."""

from __future__ import annotations

from typing import NamedTuple

from ..engine.batch import Batch
from ..engine.clock_limits import ClockLimits
from ..engine.cordoned import Cordoned
from ..engine.given_load import GivenLoad
from ..engine.job_speeds import JobSpeeds
from ..engine.power_feed import PowerFeed
from ..engine.settlement import Settlement, Timeline
from ..engine.switched_off import SwitchedOff
from .incidents import Incident


class Hall(NamedTuple):
    """The engine's parts that the building's stories meet, and the list of what they make happen."""

    timeline: Timeline
    batch: Batch
    settlement: Settlement
    feed: PowerFeed
    limits: ClockLimits
    speeds: JobSpeeds
    switched_off: SwitchedOff
    cordoned: Cordoned
    loads: list[GivenLoad]
    """What is no node, and what rooms add that draw power of their own."""
    incidents: list[Incident]

    @classmethod
    def around(cls, timeline: Timeline, batch: Batch, settlement: Settlement, loads: list[GivenLoad]) -> Hall:
        """Return the parts of a hall in which nothing is limited or has happened yet."""
        feed, limits = PowerFeed(batch, settlement), ClockLimits(batch)
        return cls(
            timeline, batch, settlement, feed, limits, JobSpeeds(batch), SwitchedOff(batch), Cordoned(batch), loads, []
        )
