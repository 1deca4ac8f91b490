"""Weather, prices and carbon intensities that do not belong together."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime

from ..economics.local_clock import offset_s
from ..series import Series
from ..weather.readings import LEAP_YEAR, TYPICAL_YEAR
from ..weather.weather import Weather

FARTHEST_H = 3.25
"""How far clocks of a place may be from its sun [h]: western China keeps Beijing's time, 3.1 h ahead of its own
(assumption: no inhabited place is farther)."""
_TYPICAL = "a typical year"


def series_mismatches(
    weather: Weather | None,
    price: Series | None,
    intensity: Series | None,
    start_utc_s: float,
    end_utc_s: float,
    *,
    zone: str | None = None,
) -> tuple[str, ...]:
    """Return in words what speaks against running weather, prices and carbon intensity together; none where all fit.

    The run lasts from `start_utc_s` to `end_utc_s` (Unix times); `zone` is the tariff's `clock`. Series may be whole or
    cut to the run. Told are files of different calendar years, of which one at least repeats, since then hot, still and
    dear hours no longer meet; series that do not reach the run and do not repeat; and clocks of weather or tariff that
    are more than 3.25 h from the sun of the weather's place.
    """
    given = {
        "weather": weather.dry_bulb_c if weather is not None else None,
        "price": price,
        "carbon intensity": intensity,
    }
    series = {name: one for name, one in given.items() if one is not None}
    return (*_short(series, start_utc_s, end_utc_s), *_years(series, start_utc_s, end_utc_s), *_clocks(weather, zone))


def _short(series: dict[str, Series], start_utc_s: float, end_utc_s: float) -> list[str]:
    """Tell of series that neither reach over the run nor repeat."""
    return [
        f"the {name} is of {_span(one.start_utc_s, one.end_utc_s)} and does not repeat; the run is in "
        f"{_span(start_utc_s, end_utc_s)}"
        for name, one in series.items()
        if not one.repeats_yearly and not _reaches(one, start_utc_s, end_utc_s)
    ]


def _years(series: dict[str, Series], start_utc_s: float, end_utc_s: float) -> list[str]:
    """Tell of files whose values are of different years; what comes from no file, such as a flat price, is of all."""
    years = {
        name: _year_of(one, start_utc_s, end_utc_s)
        for name, one in series.items()
        if one.source and (one.repeats_yearly or _reaches(one, start_utc_s, end_utc_s))
    }
    if len(set(years.values())) < 2:
        return []
    told = ", ".join(f"{name} of {year}" for name, year in years.items())
    return [f"years do not go together: {told}; hot, still and dear hours of one year do not meet those of another"]


def _year_of(series: Series, start_utc_s: float, end_utc_s: float) -> str:
    """Return the year that the values were recorded in, as text."""
    recorded_utc_s = series.recorded_utc_s
    if recorded_utc_s is None and not _reaches(series, start_utc_s, end_utc_s):
        recorded_utc_s = series.start_utc_s, series.end_utc_s
    if recorded_utc_s is None:
        return _span(start_utc_s, end_utc_s)
    # A typical year is given one of two years that stand for all; its hours on the local clock may leave it in UTC.
    middle = datetime.fromtimestamp((recorded_utc_s[0] + recorded_utc_s[1]) / 2.0, tz=UTC).year
    return _TYPICAL if middle in (TYPICAL_YEAR, LEAP_YEAR) else _span(*recorded_utc_s)


def _reaches(series: Series, start_utc_s: float, end_utc_s: float) -> bool:
    return series.start_utc_s <= start_utc_s and end_utc_s <= series.end_utc_s


def _span(from_utc_s: float, to_utc_s: float) -> str:
    """Return the years that a span touches by more than a day at its ends, as text: "2023" or "2023 to 2024"."""
    slack_s = min(86_400.0, (to_utc_s - from_utc_s) / 2.0)
    first, last = (datetime.fromtimestamp(at, tz=UTC).year for at in (from_utc_s + slack_s, to_utc_s - slack_s))
    return f"{first}" if first == last else f"{first} to {last}"


def _clocks(weather: Weather | None, zone: str | None) -> list[str]:
    """Tell of clocks far from the sun of the weather's place."""
    if weather is None or weather.longitude_deg is None:
        return []
    sun_h = weather.longitude_deg / 15.0
    place = f"the longitude of its weather, {weather.longitude_deg:g} degrees, which is UTC{sun_h:+.1f} h by the sun"
    told = []
    own_h = weather.utc_offset_s / 3600.0
    if _apart_h(own_h, sun_h) > FARTHEST_H:
        told.append(f"the clock of '{weather.site}', UTC{own_h:+g} h, is far from {place}")
    if zone is not None:
        clock = zoneinfo.ZoneInfo(zone)
        hours = [offset_s(datetime(2023, month, 1, tzinfo=UTC).timestamp(), clock) / 3600.0 for month in (1, 7)]
        if min(_apart_h(hour, sun_h) for hour in hours) > FARTHEST_H:
            told.append(f"the tariff's zone '{zone}', UTC{hours[0]:+g} h, is far from '{weather.site}' and {place}")
    return told


def _apart_h(one_h: float, other_h: float) -> float:
    """Return how far two clocks are apart [h], 0 to 12: a day's difference is none."""
    apart = abs(one_h - other_h) % 24.0
    return min(apart, 24.0 - apart)
