"""Meters integrate exactly, whatever form the load comes in."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.metering.meter import Meter
from simulator.metering.meter_kernel import GREATEST, INTEGRAL, LEAST

CHANGES = [(0.0, 5.0), (30.0, 7.0), (250.0, 2.0), (250.0, 3.0), (1000.0, 9.0)]
END_S = 1130.0


def test_change_points_and_segments_of_one_load_read_the_same() -> None:
    by_change, by_segment = Meter(60.0, 100.0), Meter(60.0, 100.0)
    for at_s, level in CHANGES:
        by_change.change(at_s, level)
    by_change.reach(END_S)
    ends_s = [at_s for at_s, _ in CHANGES[1:]] + [END_S]
    for (from_s, level), to_s in zip(CHANGES, ends_s, strict=True):
        by_segment.segment(from_s, to_s, level * (to_s - from_s), level, level)
    assert by_change.integral == by_segment.integral == 5 * 30 + 7 * 220 + 3 * 750 + 9 * 130
    assert by_change.greatest == by_segment.greatest == 9.0
    np.testing.assert_array_equal(by_change.buckets(12), by_segment.buckets(12))


def test_buckets_hold_integral_least_and_greatest() -> None:
    meter = Meter(60.0, 100.0)
    for at_s, level in CHANGES:
        meter.change(at_s, level)
    meter.reach(END_S)
    buckets = meter.buckets(12)
    assert buckets[0].tolist() == [5 * 30 + 7 * 30, 5.0, 7.0]
    assert buckets[2].tolist() == [7 * 90 + 3 * 10, 3.0, 7.0]
    assert buckets[11].tolist() == [9 * 70, 9.0, 9.0]
    assert buckets[:, INTEGRAL].sum() == pytest.approx(meter.integral, rel=1e-12)


def test_a_level_that_lasted_no_time_is_no_peak() -> None:
    meter = Meter(60.0, 60.0)
    meter.change(0.0, 1.0)
    meter.change(10.0, 1000.0)
    meter.change(10.0, 2.0)
    meter.reach(20.0)
    assert meter.greatest == 2.0
    assert meter.buckets(1)[0, GREATEST] == 2.0


def test_unused_buckets_hold_nothing() -> None:
    assert Meter(60.0, 60.0).buckets(2)[:, LEAST].tolist() == [np.inf, np.inf]


def test_a_gap_between_segments_is_refused() -> None:
    meter = Meter(60.0, 60.0)
    meter.segment(0.0, 10.0, 50.0, 5.0, 5.0)
    with pytest.raises(ValueError, match=r"starts at 11.0 s; the meter has been told everything up to 10.0 s"):
        meter.segment(11.0, 12.0, 5.0, 5.0, 5.0)
