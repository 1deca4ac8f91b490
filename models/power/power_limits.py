"""The section `facility.power_cap`: what racks and hall may draw at all times, and how that is shared."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ..section import Section
from ..units import Power
from .power_budget import SharingRule


class PowerLimits(Section):
    """Power caps that stand throughout a run. Clocks fall where nodes want more; jobs that wait for memory lose less
    speed than those that compute."""

    rack: Power | None = Field(default=None, gt=0.0)
    """W that each rack may draw, with what its nodes share."""
    hall: Power | None = Field(default=None, gt=0.0)
    """W that the hall may draw."""
    of: Literal["it", "facility", "grid"] = "it"
    """What `hall` caps: IT power, that of the facility with its cooling and losses, or what the facility draws from
    the grid after its own sources."""
    rule: SharingRule = "proportional"
    """How a cap is shared: `proportional`, all give up the same share of what they want above idle; `water-filling`,
    who wants little keeps it. The default, one clock for all alike nodes, is an assumption."""
    idle_room: float = Field(default=0.25, gt=0.0, le=1.0)
    """Part of its way from idle to peak power that a node which holds nothing keeps for work that comes between two
    control intervals; until the next one such work may be slow. Assumption."""
