"""How many of something a calendar of local hours holds at any time: technicians on duty, an open window."""

from __future__ import annotations

import bisect
import math
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ..economics.local_clock import QUARTERS_PER_DAY, LocalHours

_LONGEST_SEARCH_DAYS = 372  # hours may be those of one month; a year and a week finds the next of any


@dataclass(eq=False)
class LocalSchedule:
    """Counts that hold in some hours of a local clock, added up where hours overlap. Times are Unix times [s].

    On the day on which the clock is put forward hours that it leaps over are lost; on the day on which it is put back
    the hour that it shows twice counts twice, as for those who work by it.
    """

    hours: Sequence[tuple[LocalHours, int]]
    zone: str
    _days: dict[date, tuple[list[float], list[int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._clock = zoneinfo.ZoneInfo(self.zone)
        self._always = sum(count for hours, count in self.hours if hours.always)
        self._slots = [(hours.slots, count) for hours, count in self.hours if not hours.always]
        borders = {0}.union(*(hours.borders for hours, _ in self.hours if not hours.always))
        self._borders = [divmod(15 * quarter, 60) for quarter in sorted(borders)]

    def level(self, utc_s: float) -> int:
        """Return the count at a time."""
        if not self._slots:
            return self._always
        return self._level_by_clock(datetime.fromtimestamp(utc_s, tz=self._clock))

    def next_change_s(self, utc_s: float) -> float:
        """Return the first time after `utc_s` at which the count changes; infinity where it never does."""
        if not self._slots:
            return math.inf
        level = self.level(utc_s)
        day = datetime.fromtimestamp(utc_s, tz=self._clock).date()
        for _ in range(_LONGEST_SEARCH_DAYS):
            starts_s, levels = self._of_day(day)
            for number in range(bisect.bisect_right(starts_s, utc_s), len(starts_s)):
                if levels[number] != level:
                    return starts_s[number]
            day += timedelta(days=1)
        return math.inf

    def integral_s(self, from_utc_s: float, to_utc_s: float) -> float:
        """Return the count summed over time from one time to a later one [s], such as technician-seconds on duty."""
        if not self._slots:
            return self._always * max(to_utc_s - from_utc_s, 0.0)
        day = datetime.fromtimestamp(from_utc_s, tz=self._clock).date()
        parts: list[float] = []
        starts_s, levels = self._of_day(day)
        while starts_s[0] < to_utc_s:
            day += timedelta(days=1)
            following_s, following = self._of_day(day)
            for start_s, end_s, level in zip(starts_s, [*starts_s[1:], following_s[0]], levels, strict=True):
                parts.append(level * max(min(end_s, to_utc_s) - max(start_s, from_utc_s), 0.0))
            starts_s, levels = following_s, following
        return math.fsum(parts)

    def _level_by_clock(self, local: datetime) -> int:
        slot = (local.month - 1, local.weekday(), (60 * local.hour + local.minute) // 15 % QUARTERS_PER_DAY)
        return self._always + sum(count for slots, count in self._slots if slot in slots)

    def _of_day(self, day: date) -> tuple[list[float], list[int]]:
        """Return the times at which the count may change on a local day, rising, and the count from each on."""
        if day not in self._days:
            times = {
                datetime(day.year, day.month, day.day, hour, minute, tzinfo=self._clock, fold=fold).timestamp()
                for hour, minute in self._borders
                for fold in (0, 1)  # an hour that the clock shows twice has its borders twice
            }
            # A border that the clock leaps over counts from where it lands, by what the clock shows there.
            local = [(time_s, datetime.fromtimestamp(time_s, tz=self._clock)) for time_s in sorted(times)]
            self._days[day] = [time_s for time_s, _ in local], [self._level_by_clock(shown) for _, shown in local]
        return self._days[day]
