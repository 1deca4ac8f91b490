"""Prices that follow the calendar and the clock of a place."""

from __future__ import annotations

import re
import zoneinfo
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, get_args

from pydantic import AfterValidator, Field, model_validator

from ..problems import InputError, Problem, nearest
from ..section import Section
from ..series import Series
from ..units import EnergyPrice
from .tariff import Tariff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Month = Literal["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
MONTHS: tuple[Month, ...] = get_args(Month)
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
_DAY_S = 86_400
_QUARTER_S = 900
_QUARTERS_PER_HOUR = 4
_QUARTERS_PER_DAY = 96
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


class TariffPeriod(Section):
    """Hours of some days that share a price. Month, weekday and hour are each those of the local clock."""

    price: EnergyPrice
    """Price of energy in the period, such as `180 USD/MWh`; may be negative."""
    months: Annotated[tuple[Month, ...], Field(min_length=1)] = MONTHS
    """Months, such as `[jun, jul, aug, sep]`; all where not given."""
    weekdays: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    """Weekdays, such as `[mon, tue, wed, thu, fri]`; all where not given. Public holidays are not told apart."""
    hours: Annotated[str, AfterValidator(_known_hours)] = "00:00-24:00"
    """Hours of the local clock on quarters, such as `16:00-21:00`; `22:00-06:00` holds both ends of each such day."""

    @property
    def slots(self) -> frozenset[tuple[int, int, int]]:
        """The (month, weekday, quarter of the day), each from 0, in which the price holds."""
        months = [MONTHS.index(month) for month in self.months]
        weekdays = [WEEKDAYS.index(weekday) for weekday in self.weekdays]
        return frozenset((m, d, q) for m in months for d in weekdays for q in _quarters(self.hours))


class TimeOfUseTariff(Tariff):
    """Prices by month, weekday and hour of a local clock; daylight saving follows the zone's rules.

    On the day the clock goes back the doubled hour costs its price twice; the hour that is left out costs nothing.
    """

    kind: Literal["time-of-use"] = "time-of-use"
    zone: Annotated[str, AfterValidator(_known_zone)]
    """IANA name of the time zone whose clock the periods follow, such as `America/New_York`."""
    periods: Annotated[tuple[TariffPeriod, ...], Field(min_length=1)]
    """Periods, which may not overlap and must fill the year unless there is a `default`."""
    default: EnergyPrice | None = None
    """Price of energy at times that no period holds."""

    @model_validator(mode="after")
    def _each_time_has_one_price(self) -> TimeOfUseTariff:
        faults = []
        held: dict[tuple[int, int, int], int] = {}
        overlaps: dict[tuple[int, int], tuple[int, int, int]] = {}
        for index, period in enumerate(self.periods):
            for slot in sorted(period.slots):
                if slot in held:
                    overlaps.setdefault((held[slot], index), slot)
                held.setdefault(slot, index)
        for (one, other), slot in overlaps.items():
            faults.append(f"periods[{one}] and periods[{other}] overlap, first at {_slot_text(slot)}")
        every = ((m, d, q) for m in range(12) for d in range(7) for q in range(_QUARTERS_PER_DAY))
        gap = None if self.default is not None else next((slot for slot in every if slot not in held), None)
        if gap is not None:
            faults.append(f"no period holds {_slot_text(gap)}; add one, or a 'default' price")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def step_s(self) -> int:
        borders = [quarter for period in self.periods for quarter in _borders(_quarters(period.hours))]
        # Zones off the full hour (India, Nepal, Lord Howe in summer) show it on 1 January or 1 July.
        zone = zoneinfo.ZoneInfo(self.zone)
        offsets_s = [_offset_s(datetime(2020, month, 1, tzinfo=UTC).timestamp(), zone) for month in (1, 7)]
        on_the_hour = not any(q % _QUARTERS_PER_HOUR for q in borders) and not any(s % 3600 for s in offsets_s)
        return 3600 if on_the_hour else _QUARTER_S

    def energy_price(self, start_utc_s: float, end_utc_s: float) -> Series:
        import numpy as np

        step_s = self.step_s
        first, after_last = int(start_utc_s // step_s), -int(-end_utc_s // step_s)
        starts_utc_s = step_s * np.arange(first, after_last, dtype=np.int64)
        offset_s = _offsets_s(starts_utc_s, zoneinfo.ZoneInfo(self.zone))
        if np.any(offset_s % step_s):
            raise InputError(Problem("", "zone", f"the clock of '{self.zone}' is not on the hour throughout the run"))
        local_s = starts_utc_s + offset_s
        date = (local_s // _DAY_S).astype("datetime64[D]")
        month = date.astype("datetime64[M]").astype(np.int64) % 12
        weekday = (local_s // _DAY_S + 3) % 7  # 1 January 1970 was a Thursday
        prices = self._price_by_slot()[month, weekday, local_s % _DAY_S // _QUARTER_S]
        return Series("energy_price", "USD/J", first * step_s, step_s, prices)

    def _price_by_slot(self) -> NDArray[np.float64]:
        """Return prices [USD/J] of shape (12, 7, 96)."""
        import numpy as np

        prices = np.full((12, 7, _QUARTERS_PER_DAY), np.nan if self.default is None else self.default)
        for period in self.periods:
            for slot in period.slots:
                prices[slot] = period.price
        return prices


def _borders(quarters: frozenset[int]) -> list[int]:
    return [quarter for quarter in range(_QUARTERS_PER_DAY) if (quarter in quarters) != (quarter - 1 in quarters)]


def _slot_text(slot: tuple[int, int, int]) -> str:
    month, weekday, quarter = slot
    return f"{WEEKDAYS[weekday]} {quarter // 4:02d}:{quarter % 4 * 15:02d} in {MONTHS[month]}"


def _offset_s(utc_s: float, zone: zoneinfo.ZoneInfo) -> int:
    """Return how far the zone's clock is ahead of UTC [s]."""
    return int((datetime.fromtimestamp(utc_s, tz=zone).utcoffset() or timedelta()).total_seconds())


def _offsets_s(starts_utc_s: NDArray[np.int64], zone: zoneinfo.ZoneInfo) -> NDArray[np.int64]:
    """Return the zone's offset [s] at each time; asked once a day where it is the same at both ends of the day."""
    import numpy as np

    days = np.arange(starts_utc_s[0] // _DAY_S, starts_utc_s[-1] // _DAY_S + 2)
    at_midnight = np.array([_offset_s(int(day) * _DAY_S, zone) for day in days], dtype=np.int64)
    index = starts_utc_s // _DAY_S - days[0]
    offsets_s: NDArray[np.int64] = at_midnight[index]
    for position in np.flatnonzero(at_midnight[index] != at_midnight[index + 1]):
        offsets_s[position] = _offset_s(int(starts_utc_s[position]), zone)
    return offsets_s
