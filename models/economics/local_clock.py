"""Months, weekdays and hours of a place's own clock, daylight saving included."""

from __future__ import annotations

import re
import zoneinfo
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from ..problems import nearest
from ..section import Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS: tuple[Month, ...] = get_args(Month)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
QUARTERS_PER_DAY = 96
_DAY_S = 86_400
_QUARTER_S = 900
_QUARTERS_PER_HOUR = 4
_HOURS = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


def _known_zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = nearest(name, zoneinfo.available_timezones())
        raise ValueError(f"'{name}' is not an IANA time zone such as 'America/New_York'{near}") from None
    return name


def _known_hours(text: str) -> str:
    _quarters(text)
    return text


def _quarters(hours: str) -> frozenset[int]:
    """Return the quarters of a day (0 to 95) that "16:00-21:00" holds; "22:00-06:00" holds the day's two ends."""
    match = _HOURS.fullmatch(hours.replace(" ", ""))
    if match is None:
        raise ValueError(f"'{hours}' is not a range of hours; write it like '16:00-21:00'")
    from_h, from_min, to_h, to_min = map(int, match.groups())
    first_min, end_min = 60 * from_h + from_min, 60 * to_h + to_min
    if max(from_min, to_min) > 59 or max(first_min, end_min) > 24 * 60 or first_min == 24 * 60:
        raise ValueError(f"'{hours}' is beyond the day; hours run from 00:00 to 24:00")
    if first_min % 15 or end_min % 15:
        raise ValueError(f"'{hours}' must begin and end on a quarter of an hour")
    first, end = first_min // 15, end_min // 15
    if first == end:
        raise ValueError(f"'{hours}' is empty; a whole day is '00:00-24:00'")
    return frozenset(range(first, end)) if first < end else frozenset({*range(first, 96), *range(end)})


ZoneName = Annotated[str, AfterValidator(_known_zone)]
"""IANA name of a time zone, such as `America/New_York`."""


class LocalHours(Section):
    """Hours of some days. Month, weekday and hour are each those of the local clock."""

    months: Annotated[tuple[Month, ...], Field(min_length=1)] = MONTHS
    """Months, such as `[jun, jul, aug, sep]`; all where not given."""
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    """Weekdays, such as `[mon, tue, wed, thu, fri]`; all where not given. Public holidays are not told apart."""
    hours: Annotated[str, AfterValidator(_known_hours)] = "00:00-24:00"
    """Hours of the local clock on quarters, such as `16:00-21:00`; `22:00-06:00` holds both ends of each such day."""

    @property
    def slots(self) -> frozenset[tuple[int, int, int]]:
        """The (month, weekday, quarter of the day), each from 0, that the hours hold."""
        months = [MONTHS.index(month) for month in self.months]
        weekdays = [WEEKDAYS.index(weekday) for weekday in self.weekdays]
        return frozenset((m, d, q) for m in months for d in weekdays for q in _quarters(self.hours))

    @property
    def borders(self) -> frozenset[int]:
        """The quarters of the day at which the hours begin or end; none where they hold the whole day."""
        held = _quarters(self.hours)
        return frozenset(q for q in range(QUARTERS_PER_DAY) if (q in held) != ((q - 1) % QUARTERS_PER_DAY in held))

    @property
    def step_s(self) -> int:
        """The longest step whose multiples on the local clock include the borders: an hour, or a quarter of one."""
        return _QUARTER_S if any(quarter % _QUARTERS_PER_HOUR for quarter in self.borders) else 3600

    @property
    def always(self) -> bool:
        """Whether every time of the year is held."""
        return len(self.slots) == len(MONTHS) * len(WEEKDAYS) * QUARTERS_PER_DAY

    def holds(self, at: LocalTimes) -> NDArray[np.bool_]:
        """Return whether each time lies in the hours, of the shape of the times."""
        import numpy as np

        months = np.isin(np.arange(len(MONTHS)), [MONTHS.index(month) for month in self.months])
        weekdays = np.isin(np.arange(len(WEEKDAYS)), [WEEKDAYS.index(weekday) for weekday in self.weekdays])
        quarters = np.isin(np.arange(QUARTERS_PER_DAY), list(_quarters(self.hours)))
        return np.asarray(months[at.month] & weekdays[at.weekday] & quarters[at.quarter])


@dataclass(frozen=True, eq=False)
class LocalTimes:
    """Times as a local clock shows them, arrays of one shape.

    `month_number` counts months from January 1970; `month`, `weekday` and `quarter` (of the day) count from 0.
    `offset_s` is how far the clock is ahead of UTC [s].
    """

    month_number: NDArray[np.int64]
    month: NDArray[np.int64]
    weekday: NDArray[np.int64]
    quarter: NDArray[np.int64]
    offset_s: NDArray[np.int64]


def local_times(utc_s: NDArray[np.int64], zone: str) -> LocalTimes:
    """Return what the clock of `zone`, an IANA name, shows at rising Unix times [s] of shape (n,), n at least 1."""
    import numpy as np

    offset_s = _offsets_s(utc_s, zoneinfo.ZoneInfo(zone))
    local_s = utc_s + offset_s
    day = local_s // _DAY_S
    month_number = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    weekday = (day + 3) % 7  # 1 January 1970 was a Thursday
    return LocalTimes(month_number, month_number % 12, weekday, local_s % _DAY_S // _QUARTER_S, offset_s)


def month_start_utc_s(month_number: int, zone: str) -> float:
    """Return the Unix time at which a month, counted from January 1970, begins on the clock of `zone`."""
    year, month = divmod(month_number, 12)
    return datetime(1970 + year, month + 1, 1, tzinfo=zoneinfo.ZoneInfo(zone)).timestamp()


def month_text(month_number: int) -> str:
    """Return a month, counted from January 1970, as people write it.

    >>> month_text(642)
    '2023-07'
    """
    year, month = divmod(month_number, 12)
    return f"{1970 + year:04d}-{month + 1:02d}"


def zone_step_s(zone: str) -> int:
    """Return the longest step whose multiples in UTC include the local clock's full hours: an hour, or a quarter.

    Zones off the full hour (India, Nepal, Lord Howe in summer) show it on 1 January or 1 July.
    """
    at = zoneinfo.ZoneInfo(zone)
    offsets_s = [offset_s(datetime(2020, month, 1, tzinfo=UTC).timestamp(), at) for month in (1, 7)]
    return _QUARTER_S if any(seconds % 3600 for seconds in offsets_s) else 3600


def offset_s(utc_s: float, zone: zoneinfo.ZoneInfo) -> int:
    """Return how far the zone's clock is ahead of UTC [s]."""
    return int((datetime.fromtimestamp(utc_s, tz=zone).utcoffset() or timedelta()).total_seconds())


def _offsets_s(utc_s: NDArray[np.int64], zone: zoneinfo.ZoneInfo) -> NDArray[np.int64]:
    """Return the zone's offset [s] at each time; asked once a day where it is the same at both ends of the day."""
    import numpy as np

    days = np.arange(utc_s[0] // _DAY_S, utc_s[-1] // _DAY_S + 2)
    at_midnight = np.array([offset_s(int(day) * _DAY_S, zone) for day in days], dtype=np.int64)
    index = utc_s // _DAY_S - days[0]
    offsets_s: NDArray[np.int64] = at_midnight[index]
    for position in np.flatnonzero(at_midnight[index] != at_midnight[index + 1]):
        offsets_s[position] = offset_s(int(utc_s[position]), zone)
    return offsets_s
