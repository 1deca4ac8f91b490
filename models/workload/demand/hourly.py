"""Values by the hour from the scenario's start."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from ...problems import InputError, Problem
from .demand import HOUR_S, Demand, OfferedRates, Rate

_PERIOD_H = {"day": 24, "week": 168}


class HourlyDemand(Demand):
    """A value for each hour, counted from the scenario's start."""

    kind: Literal["hourly"] = "hourly"
    requests_per_s: tuple[Rate, ...] = Field(min_length=1)
    """Requests a second in the first hour, in the second, and so on."""
    repeat: Literal["none", "day", "week"] = "none"
    """Whether the values begin again: after a `day` (24 values) or a `week` (168 values). With `none` they must reach
    the end of the run, or of the service."""

    @model_validator(mode="after")
    def _fill_what_repeats(self) -> Self:
        hours = _PERIOD_H.get(self.repeat)
        if hours is not None and len(self.requests_per_s) != hours:
            raise ValueError(
                f"requests_per_s: {len(self.requests_per_s)} values are given; 'repeat: {self.repeat}' needs {hours}, "
                "one for each hour"
            )
        return self

    def offered(self, start_utc_s: float, until_s: float) -> OfferedRates:
        """Return a stretch for each hour."""
        import numpy as np

        count = max(int(np.ceil(until_s / HOUR_S)), 1)
        if self.repeat == "none" and count > len(self.requests_per_s):
            message = (
                f"{len(self.requests_per_s)} hourly values end before the run does: it needs {count}; give more, or "
                "'repeat: day' or 'repeat: week'"
            )
            raise InputError(Problem("", "requests_per_s", message))
        hours = np.arange(count)
        requests_per_s = np.array(self.requests_per_s)[hours % len(self.requests_per_s)]
        return OfferedRates(HOUR_S * hours.astype(np.float64), requests_per_s)
