"""A day of 24 hours that comes again every day."""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, field_validator

from ...economics.local_clock import ZoneName
from .demand import Demand, OfferedRates, Rate

HOURS = 24
_QUARTER_S = 900.0
"""Clocks differ from UTC by multiples of a quarter of an hour (IANA time zone database, from 1972 on)."""


class DailyDemand(Demand):
    """24 values, one for each hour of the day on a local clock.

    On the day on which the clock is put forward the hour that it leaps over is left out; on the day on which it is put
    back the hour that it shows twice comes twice.
    """

    kind: Literal["daily"] = "daily"
    requests_per_s: tuple[Rate, ...]
    """Requests a second from 0:00 to 1:00, from 1:00 to 2:00, and so on: 24 values."""
    time_zone: ZoneName = "UTC"
    """The clock that the hours are read from; UTC if nothing is said (assumption)."""
    scale: Annotated[float, Field(ge=0.0)] = 1.0
    """What every value is multiplied with."""

    @field_validator("requests_per_s")
    @classmethod
    def _a_day(cls, values: tuple[float, ...]) -> tuple[float, ...]:
        if len(values) != HOURS:
            raise ValueError(f"{len(values)} values are given; a day has {HOURS} hours, one value for each is needed")
        return values

    def offered(self, start_utc_s: float, until_s: float) -> OfferedRates:
        """Return a stretch for each hour of the clock."""
        import numpy as np

        zone = zoneinfo.ZoneInfo(self.time_zone)
        quarters = np.arange(np.floor(start_utc_s / _QUARTER_S), np.ceil((start_utc_s + until_s) / _QUARTER_S) + 1.0)
        edges_s = quarters * _QUARTER_S - start_utc_s
        edges_s = np.concatenate(([0.0], edges_s[(edges_s > 0.0) & (edges_s < until_s)]))
        hours = np.array([datetime.fromtimestamp(start_utc_s + each, tz=zone).hour for each in edges_s.tolist()])
        begins = np.concatenate(([True], hours[1:] != hours[:-1]))
        return OfferedRates(edges_s[begins], self.scale * np.array(self.requests_per_s)[hours[begins]])
