"""Series of other years and other places are told of, in words."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from models.accounting.series_mismatches import series_mismatches
from models.economics.tariff_flat import FlatTariff
from models.series import Series, constant
from models.weather.weather import Weather

LEESBURG_DEG = -77.6
EASTERN_S = -5 * 3600


def utc_s(year: int, month: int = 1, day: int = 1) -> int:
    return int(datetime(year, month, day, tzinfo=UTC).timestamp())


def hourly(year: int, *, repeats: bool = False, offset_s: int = 0) -> Series:
    hours = (utc_s(year + 1) - utc_s(year)) // 3600
    return Series("x", "1", utc_s(year) - offset_s, 3600, np.arange(hours, dtype=np.float64), repeats, "a.csv")


def weather(series: Series, longitude_deg: float | None = LEESBURG_DEG, offset_s: int = EASTERN_S) -> Weather:
    return Weather("Leesburg", 39.1, longitude_deg, 119.0, offset_s, series, series, series)


def test_series_of_the_runs_own_year_go_together() -> None:
    of_2023 = hourly(2023)
    run = utc_s(2023, 3), utc_s(2023, 6)
    assert series_mismatches(weather(of_2023), of_2023, of_2023, *run, zone="America/New_York") == ()
    assert series_mismatches(None, None, None, *run) == ()


def test_a_year_that_repeats_goes_with_itself_alone() -> None:
    of_2023, run = hourly(2023, repeats=True), (utc_s(2026, 3), utc_s(2026, 6))
    assert series_mismatches(weather(of_2023), of_2023, of_2023, *run) == ()
    (told,) = series_mismatches(weather(hourly(2022, repeats=True)), of_2023, None, *run)
    assert told.startswith("years do not go together: weather of 2022, price of 2023; hot, still")
    (told,) = series_mismatches(None, of_2023, hourly(2026), *run)
    assert "price of 2023, carbon intensity of 2026" in told


def test_a_typical_year_is_called_one_on_whatever_clock() -> None:
    typical = weather(hourly(2001, repeats=True, offset_s=EASTERN_S))
    (told,) = series_mismatches(typical, hourly(2026), None, utc_s(2026, 3), utc_s(2026, 6))
    assert "weather of a typical year, price of 2026" in told


def test_what_was_cut_to_the_run_still_knows_its_year() -> None:
    run = utc_s(2026, 3), utc_s(2026, 6)
    cut = hourly(2023, repeats=True).covering(*run)
    assert cut.recorded_utc_s == (utc_s(2023), utc_s(2024))
    assert cut.resampled(900, *run).recorded_utc_s == cut.recorded_utc_s
    (told,) = series_mismatches(weather(hourly(2026).covering(*run)), cut, None, *run)
    assert "weather of 2026, price of 2023" in told
    inside = hourly(2023, repeats=True).covering(utc_s(2023, 3), utc_s(2023, 6))
    assert inside.recorded_utc_s is None


def test_what_comes_from_no_file_is_of_all_years() -> None:
    run = utc_s(2026, 3), utc_s(2026, 6)
    price = FlatTariff.model_validate({"price": "80 USD/MWh"}).energy_price(*run)
    always = weather(constant("dry_bulb_c", "C", 20.0))
    assert series_mismatches(always, price, hourly(2023, repeats=True), *run) == ()


def test_a_series_that_does_not_reach_the_run_is_told_of() -> None:
    (told,) = series_mismatches(None, hourly(2022), None, utc_s(2023, 3), utc_s(2023, 6))
    assert told == "the price is of 2022 and does not repeat; the run is in 2023"


def test_clocks_far_from_the_sun_are_told_of() -> None:
    of_2023, run = hourly(2023), (utc_s(2023, 3), utc_s(2023, 6))
    (told,) = series_mismatches(weather(of_2023), of_2023, None, *run, zone="Asia/Singapore")
    assert told == (
        "the tariff's zone 'Asia/Singapore', UTC+8 h, is far from 'Leesburg' and the longitude of its weather, "
        "-77.6 degrees, which is UTC-5.2 h by the sun"
    )
    (told,) = series_mismatches(weather(of_2023, offset_s=5 * 3600), None, None, *run)
    assert told.startswith("the clock of 'Leesburg', UTC+5 h, is far from")
    kashgar, kiritimati = weather(of_2023, 76.0, 8 * 3600), weather(of_2023, -157.4, 14 * 3600)
    assert series_mismatches(kashgar, None, None, *run, zone="Asia/Shanghai") == ()
    assert series_mismatches(kiritimati, None, None, *run, zone="Pacific/Kiritimati") == ()
