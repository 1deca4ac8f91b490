"""What the utility delivers: feeds that come in dated tranches, and how fast it lets power change."""

from __future__ import annotations

import math
from typing import Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Duration, Power, PowerRamp, quantity
from .steps import Steps, stacked


class UtilityFeed(Section):
    """A tranche of power that the utility delivers."""

    capacity: Power = Field(gt=0.0)
    """W that may be drawn."""
    in_service: Duration = quantity("0 s")
    """When it is energised, from the scenario's start."""
    retire_at: Duration | None = None
    """When it is withdrawn, from the scenario's start; never if nothing is said."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.retire_at is not None and self.retire_at <= self.in_service:
            raise ValueError("'retire_at' must be later than 'in_service'")
        return self


class Utility(Section):
    """The connection to the grid. Without feeds, as much as is needed."""

    feeds: tuple[UtilityFeed, ...] = ()
    """Tranches, whose capacities add up."""
    ramp_limit: PowerRamp | None = Field(default=None, gt=0.0)
    """W/s that the utility lets the power rise or fall; no limit if nothing is said."""
    step_limit: Power | None = Field(default=None, gt=0.0)
    """W that the power may jump at once; no limit if nothing is said."""

    def capacity(self) -> Steps:
        """Return what may be drawn over time [W]; infinite without feeds."""
        if not self.feeds:
            return stacked(0.0, math.inf, math.inf)
        return stacked(
            [feed.in_service for feed in self.feeds],
            [math.inf if feed.retire_at is None else feed.retire_at for feed in self.feeds],
            [feed.capacity for feed in self.feeds],
        )
