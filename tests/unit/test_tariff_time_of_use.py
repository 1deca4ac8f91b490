"""Time-of-use prices: the calendar, the clock and its two odd days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from models.economics.local_clock import WEEKDAYS
from models.economics.tariff_time_of_use import TimeOfUseTariff

WORKDAYS = ["mon", "tue", "wed", "thu", "fri"]
SUMMER_PEAK = {"price": "180 USD/MWh", "months": ["jul"], "weekdays": WORKDAYS, "hours": "16:00-21:00"}


def utc_s(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def tariff(
    *periods: dict[str, Any], zone: str = "America/New_York", default: str | None = "50 USD/MWh"
) -> TimeOfUseTariff:
    return TimeOfUseTariff.model_validate({"zone": zone, "periods": list(periods), "default": default})


def usd_per_mwh(given: TimeOfUseTariff, start: datetime, hours: float) -> list[int]:
    start_utc_s = start.timestamp()
    series = given.energy_price(start_utc_s, start_utc_s + hours * 3600)
    return [round(value * 3.6e9) for value in series.values]


def test_peak_follows_the_local_clock_on_workdays() -> None:
    # Friday 7 July 2023: 16:00 in New York is 20:00 UTC. Saturday has no peak.
    prices = usd_per_mwh(tariff(SUMMER_PEAK), datetime(2023, 7, 7, 4, tzinfo=UTC), 48)
    assert prices == [50] * 16 + [180] * 5 + [50] * 27


def test_month_ends_at_local_midnight() -> None:
    july = {"price": "90 USD/MWh", "months": ["jul"]}
    prices = usd_per_mwh(tariff(july), datetime(2023, 7, 31, 22, tzinfo=UTC), 12)
    assert prices == [90] * 6 + [50] * 6  # midnight in New York is 04:00 UTC


def test_hours_may_pass_midnight() -> None:
    night = {"price": "20 USD/MWh", "weekdays": ["mon"], "hours": "22:00-06:00"}
    prices = usd_per_mwh(tariff(night, zone="UTC"), datetime(2023, 7, 3, tzinfo=UTC), 30)  # a Monday
    assert prices == [20] * 6 + [50] * 16 + [20] * 2 + [50] * 6


def test_day_of_the_spring_change_has_23_hours() -> None:
    # 12 March 2023, 02:00 EST becomes 03:00 EDT: of the night 00:00-06:00 five hours are left.
    night = {"price": "20 USD/MWh", "hours": "00:00-06:00"}
    start = datetime(2023, 3, 12, tzinfo=ZoneInfo("America/New_York"))
    end = datetime(2023, 3, 13, tzinfo=ZoneInfo("America/New_York"))
    hours = (end.timestamp() - start.timestamp()) / 3600
    assert hours == 23
    assert usd_per_mwh(tariff(night), start, hours) == [20] * 5 + [50] * 18


def test_day_of_the_autumn_change_has_25_hours() -> None:
    # 5 November 2023, 02:00 EDT becomes 01:00 EST: the hour from 01:00 comes twice, at its price twice.
    one_to_two = {"price": "20 USD/MWh", "hours": "01:00-02:00"}
    start = datetime(2023, 11, 5, tzinfo=ZoneInfo("America/New_York"))
    end = datetime(2023, 11, 6, tzinfo=ZoneInfo("America/New_York"))
    hours = (end.timestamp() - start.timestamp()) / 3600
    assert hours == 25
    assert usd_per_mwh(tariff(one_to_two), start, hours) == [50] + [20] * 2 + [50] * 22


def test_step_is_the_hour_where_all_borders_are() -> None:
    assert tariff(SUMMER_PEAK).step_s == 3600
    assert tariff({**SUMMER_PEAK, "hours": "16:30-21:00"}).step_s == 900


def test_zone_off_the_full_hour_is_priced_by_the_quarter() -> None:
    evening = {"price": "90 USD/MWh", "hours": "18:00-22:00"}
    india = tariff(evening, zone="Asia/Kolkata")
    assert india.step_s == 900
    series = india.energy_price(utc_s(2023, 7, 3), utc_s(2023, 7, 4))
    peak = np.flatnonzero(np.round(series.values * 3.6e9) == 90)
    assert (peak[0] * 900, (peak[-1] + 1) * 900) == (12.5 * 3600, 16.5 * 3600)  # 18:00 is 12:30 UTC
    assert tariff(evening, zone="Australia/Lord_Howe").step_s == 900


def test_overlap_and_gap_are_both_reported() -> None:
    with pytest.raises(ValidationError) as raised:
        tariff(SUMMER_PEAK, {"price": "1 USD/MWh", "hours": "20:00-22:00"}, default=None)
    assert "periods[0] and periods[1] overlap, first at mon 20:00 in jul; " in str(raised.value)
    assert "no period holds mon 00:00 in jan; add one, or a 'default' price" in str(raised.value)


def test_periods_that_fill_the_week_need_no_default() -> None:
    day, night = {"price": "90 USD/MWh", "hours": "07:00-21:00"}, {"price": "30 USD/MWh", "hours": "21:00-07:00"}
    prices = usd_per_mwh(tariff(day, night, zone="UTC", default=None), datetime(2023, 2, 1, tzinfo=UTC), 24)
    assert prices == [30] * 7 + [90] * 14 + [30] * 3


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        ("4pm-9pm", "is not a range of hours; write it like '16:00-21:00'"),
        ("16:00-25:00", "is beyond the day"),
        ("16:00-16:00", "is empty; a whole day is '00:00-24:00'"),
        ("16:10-17:00", "must begin and end on a quarter of an hour"),
    ],
)
def test_hours_that_are_no_range_are_refused(hours: str, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        tariff({"price": "1 USD/MWh", "hours": hours})


def test_unknown_zone_names_the_nearest() -> None:
    with pytest.raises(ValidationError, match="'Europe/Berln' is not an IANA time zone.*nearest: 'Europe/Berlin'"):
        tariff(SUMMER_PEAK, zone="Europe/Berln")


@settings(max_examples=40, deadline=None)
@given(
    start_h=st.integers(0, 6 * 8766),
    zone=st.sampled_from(
        ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana"]
    ),
)
def test_prices_agree_with_the_clock_asked_time_by_time(start_h: int, zone: str) -> None:
    given_tariff = tariff({"price": "180 USD/MWh", "weekdays": ["sat", "sun"], "hours": "00:00-03:00"}, zone=zone)
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=start_h)
    series = given_tariff.energy_price(start.timestamp(), start.timestamp() + 10 * 86_400)
    for index, value in enumerate(series.values):
        local = datetime.fromtimestamp(series.start_utc_s + index * series.step_s, tz=ZoneInfo(zone))
        in_period = WEEKDAYS[local.weekday()] in ("sat", "sun") and local.hour < 3
        assert round(value * 3.6e9) == (180 if in_period else 50)
