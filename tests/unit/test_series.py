"""Series over time: windows, means, repeated years."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.problems import InputError
from models.series import Series, constant, utc_text

HOUR_S = 3600


def utc_s(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())


def hours_of_year(year: int, *, repeats_yearly: bool = True, first_hour: int = 0) -> Series:
    """A year whose value is the hour's number, from 0."""
    hours = (utc_s(year + 1, 1, 1) - utc_s(year, 1, 1)) // HOUR_S
    start_utc_s = utc_s(year, 1, 1) + first_hour * HOUR_S
    return Series("load", "1", start_utc_s, HOUR_S, np.arange(hours, dtype=float), repeats_yearly, "load.csv")


def ramp(count: int, start_utc_s: int = 0) -> Series:
    return Series("load", "1", start_utc_s, HOUR_S, np.arange(count, dtype=float), source="load.csv")


def test_value_holds_from_its_label_to_the_next() -> None:
    series = ramp(3)
    assert series.at([0, 3599.9, 3600, 10_799]).tolist() == [0.0, 0.0, 1.0, 2.0]
    assert float(series.at(7200)) == 2.0


def test_value_at_the_end_of_the_series_is_refused() -> None:
    with pytest.raises(InputError, match="load.csv: load: the series ends at 1970-01-01T03:00Z"):
        ramp(3).at(3 * HOUR_S)


def test_window_holds_the_intervals_that_it_touches() -> None:
    window = ramp(10).covering(1800, 3 * HOUR_S)
    assert (window.start_utc_s, window.end_utc_s, window.values.tolist()) == (0, 3 * HOUR_S, [0.0, 1.0, 2.0])
    window = ramp(10).covering(HOUR_S, 2 * HOUR_S + 1)
    assert (window.start_utc_s, window.values.tolist()) == (HOUR_S, [1.0, 2.0])


def test_series_that_ends_before_the_run_names_both_ends_and_the_remedy() -> None:
    series = hours_of_year(2023, repeats_yearly=False)
    with pytest.raises(InputError) as raised:
        series.covering(utc_s(2023, 12, 31), utc_s(2024, 1, 2, 12, 30))
    assert str(raised.value) == (
        "load.csv: load: the series ends at 2024-01-01T00:00Z, before the run ends at 2024-01-02T12:30Z; "
        "add 'repeat: year' to take the same values in every calendar year, or move the run"
    )


def test_series_that_starts_after_the_run_is_refused() -> None:
    with pytest.raises(InputError, match="starts at 2023-01-01T00:00Z, after the run starts at 2022-12-31T23:00Z"):
        hours_of_year(2023, repeats_yearly=False).covering(utc_s(2022, 12, 31, 23), utc_s(2023, 1, 2))


def test_empty_window_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="is empty"):
        ramp(10).covering(3600, 3600)


def test_repeated_year_takes_the_same_month_day_and_hour() -> None:
    year = hours_of_year(2023)
    for month, day, hour in ((1, 1, 0), (2, 28, 23), (3, 1, 0), (7, 4, 15), (12, 31, 23)):
        own = float(year.at(utc_s(2023, month, day, hour)))
        assert float(year.at(utc_s(2024, month, day, hour))) == own
        assert float(year.at(utc_s(1999, month, day, hour))) == own


def test_29_february_takes_28_february() -> None:
    year = hours_of_year(2023)
    window = year.covering(utc_s(2024, 2, 28), utc_s(2024, 3, 2))
    assert np.array_equal(window.values[:24], window.values[24:48])
    assert window.values[48] == window.values[23] + 1.0
    assert not window.repeats_yearly


def test_29_february_is_its_own_where_the_series_has_one() -> None:
    year = hours_of_year(2024)
    assert float(year.at(utc_s(2024, 2, 29, 5))) == (31 + 28) * 24 + 5
    assert float(year.at(utc_s(2028, 2, 29, 5))) == (31 + 28) * 24 + 5
    assert float(year.at(utc_s(2023, 3, 1))) == (31 + 29) * 24


def test_repeated_year_may_start_off_the_calendar_year() -> None:
    shifted = hours_of_year(2023, first_hour=4)  # 1 January 04:00 to the next, as local years are in UTC
    assert float(shifted.at(utc_s(2023, 1, 1, 3))) == float(shifted.at(utc_s(2024, 1, 1, 3))) == 8759.0
    assert float(shifted.at(utc_s(2024, 1, 1, 4))) == 0.0


def test_own_values_come_before_repeated_ones() -> None:
    two_years = Series("load", "1", utc_s(2022, 1, 1), HOUR_S, np.arange(2 * 8760, dtype=float), repeats_yearly=True)
    assert float(two_years.at(utc_s(2023, 1, 1))) == 8760.0
    assert float(two_years.at(utc_s(2025, 1, 1))) == 0.0


def test_less_than_a_year_can_not_repeat() -> None:
    half = Series("load", "1", utc_s(2023, 1, 1), HOUR_S, np.zeros(4380), repeats_yearly=True, source="load.csv")
    with pytest.raises(InputError, match="load.csv: load: .* can not repeat: .* every hour of a calendar year"):
        half.at(utc_s(2024, 1, 1))


def test_mean_over_edges_weighs_by_time() -> None:
    # Half an hour of 0, an hour of 1, a quarter of 2; then the rest of 2.
    means = ramp(3).mean_over([1800, 8100, 10_800])
    assert means.tolist() == pytest.approx([(0 * 1800 + 1 * 3600 + 2 * 900) / 6300, 2.0], rel=1e-15)


def test_mean_within_one_interval_is_its_value_to_the_bit() -> None:
    series = Series("price", "USD/J", 0, HOUR_S, np.array([0.1, 0.7]))
    assert series.mean_over([1.25, 7.0, 3600, 3601.5]).tolist() == [0.1, 0.1, 0.7]


def test_edges_that_do_not_rise_are_a_mistake_of_the_caller() -> None:
    for edges in ([0], [0, 0], [3600, 0]):
        with pytest.raises(ValueError, match="rising"):
            ramp(3).mean_over(edges)


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30),
    fractions=st.lists(st.floats(0.0, 1.0), max_size=20),
    step_s=st.sampled_from([60, 900, 3600, 7000]),
)
def test_means_between_edges_conserve_the_integral(values: list[float], fractions: list[float], step_s: int) -> None:
    start_utc_s = 1_672_531_200
    series = Series("load", "1", start_utc_s, step_s, np.array(values))
    length_s = step_s * len(values)
    edges = np.unique([start_utc_s, series.end_utc_s, *(start_utc_s + f * length_s for f in fractions)])
    integral = float(np.sum(series.mean_over(edges) * np.diff(edges)))
    assert integral == pytest.approx(step_s * float(np.sum(values)), rel=1e-9, abs=1e-9 * length_s * 1e6)


@given(hours=st.integers(0, 200_000), length_h=st.integers(1, 20_000))
def test_covering_a_repeated_year_agrees_with_its_values_one_by_one(hours: int, length_h: int) -> None:
    year = hours_of_year(2023, first_hour=5)
    start_utc_s = utc_s(2015, 1, 1) + hours * HOUR_S
    window = year.covering(start_utc_s, start_utc_s + length_h * HOUR_S)
    assert len(window.values) == length_h
    for index in {0, length_h // 2, length_h - 1}:
        time = datetime.fromtimestamp(start_utc_s + index * HOUR_S, tz=UTC)
        day = 28 if (time.month, time.day) == (2, 29) else time.day
        in_2023 = utc_s(2023, time.month, day, time.hour)
        expected = (in_2023 - year.start_utc_s) // HOUR_S % 8760
        assert window.values[index] == expected


def test_finer_grid_repeats_each_value() -> None:
    fine = ramp(2).resampled(900, 0, 7200)
    assert (fine.step_s, fine.values.tolist()) == (900, [0.0] * 4 + [1.0] * 4)


def test_coarser_grid_takes_the_mean() -> None:
    coarse = ramp(4).resampled(7200, 0, 4 * HOUR_S)
    assert coarse.values.tolist() == [0.5, 2.5]


def test_constant_holds_over_any_run() -> None:
    price = constant("energy_price", "USD/J", 0.08 / 3.6e6)
    assert np.all(price.mean_over([utc_s(1990, 1, 1), utc_s(2023, 5, 1) + 0.25, utc_s(2100, 1, 1)]) == 0.08 / 3.6e6)
    hourly = price.resampled(HOUR_S, utc_s(2023, 1, 1) + 10, utc_s(2023, 1, 1, 3))
    assert (hourly.start_utc_s, hourly.values.tolist()) == (utc_s(2023, 1, 1), [0.08 / 3.6e6] * 3)


def test_weighing_takes_each_bucket_at_its_own_value() -> None:
    series = Series("price", "USD/J", 0, HOUR_S, np.array([2.0, -3.0]))
    assert series.weighing([1.0, 2.0, 4.0], [900, 1800, 3600, 7200]).tolist() == [2.0, 4.0, -12.0]
    by_rack = series.weighing([[1.0, 2.0], [3.0, 4.0]], [0, 3600, 5400])
    assert by_rack.tolist() == [[2.0, -6.0], [6.0, -12.0]]


def test_bucket_over_two_prices_is_refused() -> None:
    with pytest.raises(ValueError, match="1970-01-01T00:30Z to 1970-01-01T01:00:01Z straddles"):
        ramp(3).weighing([1.0, 1.0], [0, 1800, 3601])


def test_amounts_must_fit_their_edges() -> None:
    with pytest.raises(ValueError, match="3 edges need amounts of shape"):
        ramp(3).weighing([1.0, 1.0, 1.0], [0, 900, 1800])


def test_times_print_as_people_write_them() -> None:
    assert utc_text(utc_s(2023, 3, 12, 7)) == "2023-03-12T07:00Z"
    assert utc_text(-1) == "1969-12-31T23:59:59Z"
