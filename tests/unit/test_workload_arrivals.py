"""Arrivals are Poisson processes whose rate follows the day."""

from __future__ import annotations

import datetime
import math

import numpy as np
import pytest
from pydantic import ValidationError

from models.workload.arrivals import (
    ArrivalPattern,
    Diurnal,
    HourlyProfile,
    Poisson,
    arrivals_within_s,
    first_arrivals_s,
)
from simulator.random_streams import stream

MIDNIGHT_UTC_S = datetime.datetime(2023, 1, 2, tzinfo=datetime.UTC).timestamp()
DAY_S = 86_400.0
OFFICE_HOURS = HourlyProfile(weights=(0.0,) * 8 + (1.0,) * 4 + (3.0,) * 4 + (0.0,) * 8)
PATTERNS = [Poisson(), Diurnal(), Diurnal.model_validate({"peak": "6 h", "peak_to_trough": 50.0}), OFFICE_HOURS]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("start_utc_s", [MIDNIGHT_UTC_S, MIDNIGHT_UTC_S + 12_345.0])
def test_unstretching_undoes_stretching(pattern: ArrivalPattern, start_utc_s: float) -> None:
    stretched_s = np.linspace(0.0, 10 * DAY_S, 9_973)
    times_s = pattern.unstretched_s(stretched_s, start_utc_s)
    assert np.allclose(pattern.stretched_s(times_s, start_utc_s), stretched_s, rtol=0.0, atol=1e-6)
    assert (np.diff(times_s) > 0.0).all()
    assert times_s[0] >= 0.0


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_mean_rate_over_a_day_is_one(pattern: ArrivalPattern) -> None:
    days_s = np.arange(4, dtype=np.float64) * DAY_S
    assert np.allclose(pattern.stretched_s(days_s, MIDNIGHT_UTC_S + 5_000.0), days_s, atol=1e-6)


def test_gaps_of_poisson_arrivals_are_exponential() -> None:
    count, rate = 100_000, 0.5
    gaps_s = np.diff(first_arrivals_s(Poisson(), rate, count, 0.0, stream(1, "arrivals")), prepend=0.0)
    assert abs(gaps_s.mean() - 2.0) < 4.0 * 2.0 / math.sqrt(count)
    # The largest distance of n draws from their distribution exceeds 1.95 / sqrt(n) with probability 1e-3 (Kolmogorov).
    steps = np.arange(1, count + 1) / count
    assert np.abs(1.0 - np.exp(-np.sort(gaps_s) * rate) - steps).max() < 1.95 / math.sqrt(count)


def test_the_number_within_a_horizon_is_poisson() -> None:
    numbers = [
        len(arrivals_within_s(Poisson(), 0.01, None, 10_000.0, 0.0, stream(seed, "arrivals"))) for seed in range(400)
    ]
    # Mean and variance of a Poisson number are both 100; 4 standard errors each.
    assert abs(np.mean(numbers) - 100.0) < 4.0 * 10.0 / 20.0
    assert abs(np.var(numbers) - 100.0) < 4.0 * 100.0 * math.sqrt(2.0 / 400.0)


def test_a_count_within_a_horizon_is_exact() -> None:
    times_s = arrivals_within_s(Diurnal(), None, 1_000, DAY_S, MIDNIGHT_UTC_S, stream(1, "arrivals"))
    assert len(times_s) == 1_000
    assert (np.diff(times_s) >= 0.0).all()
    assert 0.0 <= times_s[0] <= times_s[-1] < DAY_S


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_a_diurnal_rate_peaks_at_its_local_hour_by_its_ratio(zone: str) -> None:
    count = 400_000
    pattern = Diurnal.model_validate({"peak": "15 h", "peak_to_trough": 4.0, "zone": zone})
    times_s = arrivals_within_s(pattern, None, count, 100 * DAY_S, MIDNIGHT_UTC_S, stream(1, "arrivals"))
    local_s = (times_s + pattern.midnight_to_start_s(MIDNIGHT_UTC_S)) % DAY_S
    # The first harmonic of the counts: its angle is the peak, its size half the amplitude (4 - 1) / (4 + 1).
    harmonic = np.exp(2j * math.pi * local_s / DAY_S).mean()
    error = 4.0 / math.sqrt(2 * count)
    assert abs(abs(harmonic) - 0.3) < error
    assert abs(np.angle(harmonic * np.exp(-2j * math.pi * 15.0 / 24.0))) < error / 0.3


def test_an_hourly_profile_gives_each_hour_its_share() -> None:
    count = 100_000
    times_s = arrivals_within_s(OFFICE_HOURS, None, count, 10 * DAY_S, MIDNIGHT_UTC_S, stream(1, "arrivals"))
    counts = np.bincount((times_s % DAY_S // 3600.0).astype(int), minlength=24)
    assert counts[:8].sum() == counts[16:].sum() == 0
    expected = np.array([1 / 16] * 4 + [3 / 16] * 4) * count
    assert (np.abs(counts[8:16] - expected) < 4.0 * np.sqrt(expected * (1.0 - expected / count))).all()


def test_local_midnight_is_found_from_the_zone() -> None:
    assert Diurnal(zone="America/New_York").midnight_to_start_s(MIDNIGHT_UTC_S) == 19 * 3600.0
    assert Diurnal(zone="Asia/Kolkata").midnight_to_start_s(MIDNIGHT_UTC_S) == 5.5 * 3600.0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"peak": "25 h"}, "'peak' is a time of day, below 24 h"),
        ({"peak_to_trough": 0.5}, "greater than or equal to 1"),
        ({"zone": "Mars/Olympus"}, "'Mars/Olympus' is no time zone"),
        ({"zone": "../etc/passwd"}, "'../etc/passwd' is no time zone"),
    ],
)
def test_a_day_that_makes_no_sense_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Diurnal.model_validate(given)
    assert said in str(caught.value)


def test_a_profile_needs_24_weights_that_are_not_all_zero() -> None:
    with pytest.raises(ValidationError, match="at least 24 items"):
        HourlyProfile(weights=(1.0,) * 23)
    with pytest.raises(ValidationError, match="all weights are zero"):
        HourlyProfile(weights=(0.0,) * 24)
