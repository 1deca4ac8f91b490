"""Cooling fails, in part or whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from models.facility import Facility

from .event import LastingEvent, needs_building

CoolingPart = Literal["air-units", "air-plant", "air-towers", "cdu", "liquid-plant", "liquid-towers", "pumps", "fans"]
"""What of the cooling can fail."""


class CoolingFailureEvent(LastingEvent):
    """Machines of the cooling stop, and perhaps come back. The building has to be simulated (`facility.cooling`).

    A plant that comes back to power needs `facility.cooling.restart` more until its compressors cool again.
    """

    kind: Literal["cooling-failure"] = "cooling-failure"
    part: CoolingPart
    """What fails: `air-units` (air handlers) or their `fans`, all of them unless `units` says how many; the
    `air-plant` or `liquid-plant` that cools them, or its towers; the coolant distribution units (`cdu`), or their
    `pumps`: a coolant that stands still takes no heat away."""
    units: Annotated[int, Field(ge=1)] | Literal["all"] = "all"
    """How many of its machines fail, at most those that there are."""

    def refused_by(self, facility: Facility) -> str | None:
        needs_liquid = self.part in ("cdu", "pumps", "liquid-plant", "liquid-towers")
        if facility.cooling is not None and needs_liquid and facility.cooling.liquid is None:
            return f"'{self.part}' is not there: 'facility.cooling' has no 'liquid'"
        return needs_building(facility)
