"""Whatever the phases: smoothing keeps the mean, widens nothing, and the band holds no more than the whole."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.power.low_pass import band_variance_w2, periodic_response

PHASES = st.lists(st.tuples(st.floats(0.01, 20.0), st.floats(0.0, 1e7)), min_size=1, max_size=6)
RISE_S = st.floats(1e-3, 30.0)
TAU_S = st.one_of(st.just(0.0), st.floats(1e-3, 1e4))


@settings(max_examples=60, deadline=None)
@given(phases=PHASES, rise_s=RISE_S, tau_s=TAU_S)
def test_a_filter_keeps_the_mean_and_widens_nothing(
    phases: list[tuple[float, float]], rise_s: float, tau_s: float
) -> None:
    durations_s, powers_w = [list(column) for column in zip(*phases, strict=True)]
    after = periodic_response(durations_s, powers_w, rise_time_s=rise_s, time_constant_s=tau_s)
    mean_w = sum(d * p for d, p in phases) / sum(durations_s)
    slack_w = 1e-9 * max(*powers_w, 1.0)
    assert after.mean_w == pytest.approx(mean_w, rel=1e-12, abs=slack_w)
    assert min(powers_w) - slack_w <= after.least_w <= after.mean_w + slack_w
    assert after.mean_w - slack_w <= after.greatest_w <= max(powers_w) + slack_w
    swing_w = max(powers_w) - min(powers_w)
    assert after.ramp_w_per_s <= swing_w / max(rise_s, tau_s) * (1.0 + 1e-6) + slack_w
    assert math.sqrt(after.variance_w2) <= max(after.greatest_w - mean_w, mean_w - after.least_w) + slack_w


@settings(max_examples=30, deadline=None)
@given(phases=PHASES, rise_s=st.floats(0.05, 5.0), tau_s=TAU_S)
def test_all_harmonics_together_are_the_variance(
    phases: list[tuple[float, float]], rise_s: float, tau_s: float
) -> None:
    durations_s, powers_w = [list(column) for column in zip(*phases, strict=True)]
    after = periodic_response(durations_s, powers_w, rise_time_s=rise_s, time_constant_s=tau_s)
    filtered = {"rise_time_s": rise_s, "time_constant_s": tau_s}
    all_w2 = band_variance_w2(durations_s, powers_w, least_hz=0.0, greatest_hz=2000.0, **filtered)
    band_w2 = band_variance_w2(durations_s, powers_w, least_hz=0.1, greatest_hz=20.0, **filtered)
    assert all_w2 == pytest.approx(after.variance_w2, rel=1e-3, abs=1e-12 * max(powers_w) ** 2)
    assert band_w2 <= all_w2 * (1.0 + 1e-12)
