"""The clock of the site, by which its days and months are told."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.site import Site
from models.weather.weather import Weather


def site_clock(site: Site, weather: Weather | None) -> tzinfo:
    """Return the clock of the tariff where it names one, else that of the weather's source, else UTC.

    A weather file's clock knows no daylight saving.
    """
    if site.tariff is not None and site.tariff.clock is not None:
        return zoneinfo.ZoneInfo(site.tariff.clock)
    return UTC if weather is None else timezone(timedelta(seconds=weather.utc_offset_s))


def months_of(utc_s: ArrayLike, clock: tzinfo) -> tuple[list[str], NDArray[np.int64]]:
    """Return the months ("2023-07") between the first and the last of rising Unix times, and each time's index.

    >>> months_of([1688169600.0, 1688256000.0], timezone(timedelta(hours=-4)))  # 1 and 2 July in UTC
    (['2023-06', '2023-07'], array([0, 1]))
    """
    times = np.asarray(utc_s, dtype=np.float64)
    if not len(times):
        return [], np.zeros(0, np.int64)
    first, last = (datetime.fromtimestamp(float(at), tz=clock) for at in (times[0], times[-1]))
    numbers = range(12 * first.year + first.month - 1, 12 * last.year + last.month)
    starts = [datetime(number // 12, number % 12 + 1, 1, tzinfo=clock) for number in numbers]
    index = np.searchsorted([start.timestamp() for start in starts], times, side="right") - 1
    return [f"{start:%Y-%m}" for start in starts], index.astype(np.int64)
