"""Sharing a power limit among nodes: known answers, and what holds for every limit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.power.power_budget import Level, SharingRule, caps_w, clock_fraction_at, nested_caps_w

IDLE, WANTED, PEAK = [100.0, 100.0, 100.0], [200.0, 500.0, 900.0], [1000.0, 1000.0, 1000.0]
RULES: tuple[SharingRule, ...] = ("proportional", "water-filling")


def test_proportional_caps_take_the_same_share_above_idle_from_all() -> None:
    # 1,600 W wanted, 300 W idle: a limit of 950 W leaves half of what is wanted above idle.
    assert caps_w(950.0, IDLE, WANTED, PEAK) == pytest.approx([150.0, 300.0, 500.0])


def test_water_filling_leaves_small_needs_whole() -> None:
    assert caps_w(950.0, IDLE, WANTED, PEAK, "water-filling") == pytest.approx([200.0, 375.0, 375.0])


def test_what_is_left_above_the_need_brings_all_nearer_to_their_peak() -> None:
    # 1,400 W between wanted and peak, 700 W of them granted.
    assert caps_w(2300.0, IDLE, WANTED, PEAK) == pytest.approx([600.0, 750.0, 950.0])


@pytest.mark.parametrize("rule", RULES)
def test_a_limit_above_all_peaks_caps_nobody(rule: SharingRule) -> None:
    assert caps_w(math.inf, IDLE, WANTED, PEAK, rule).tolist() == PEAK
    assert caps_w(3000.0, IDLE, WANTED, PEAK, rule).tolist() == PEAK


@pytest.mark.parametrize("rule", RULES)
def test_a_limit_below_idle_is_shared_by_idle_power(rule: SharingRule) -> None:
    assert caps_w(150.0, IDLE, WANTED, PEAK, rule) == pytest.approx([50.0, 50.0, 50.0])


@pytest.mark.parametrize("rule", RULES)
def test_groups_are_shared_each_by_itself(rule: SharingRule) -> None:
    group = [1, 0, 1, 0]
    idle, wanted, peak = [10.0, 20.0, 30.0, 40.0], [90.0, 80.0, 70.0, 60.0], [100.0] * 4
    both = caps_w([110.0, 95.0], idle, wanted, peak, rule, group)
    assert both[[1, 3]] == pytest.approx(caps_w(110.0, idle[1::2], wanted[1::2], peak[1::2], rule))
    assert both[[0, 2]] == pytest.approx(caps_w(95.0, idle[0::2], wanted[0::2], peak[0::2], rule))


@pytest.mark.parametrize("rule", RULES)
def test_nested_limits_are_all_kept(rule: SharingRule) -> None:
    random = np.random.default_rng(7)
    racks, rows = np.repeat(np.arange(6), 4), np.array([0, 0, 0, 1, 1, 1])
    idle, peak = random.uniform(50, 100, 24), random.uniform(500, 900, 24)
    wanted = idle + random.uniform(0, 1, 24) * (peak - idle)
    rack_limit, row_limit, hall_limit = np.full(6, 1500.0), np.array([3000.0, 9000.0]), np.array([6500.0])
    levels = [Level(racks, rack_limit), Level(rows, row_limit), Level(np.zeros(2, np.int64), hall_limit)]
    caps = nested_caps_w(levels, idle, wanted, peak, rule)
    rack_sum = np.bincount(racks, caps)
    assert np.all(caps >= idle - 1e-9)
    assert np.all(rack_sum <= rack_limit + 1e-9)
    assert np.all(np.bincount(rows, rack_sum) <= row_limit + 1e-9)
    assert caps.sum() <= 6500.0 + 1e-9
    assert caps.sum() > 5900.0  # nothing that could be used is left lying


def test_the_clock_at_a_cap_draws_the_cap() -> None:
    clock = clock_fraction_at([300.0, 100.0, 900.0], [100.0] * 3, [500.0] * 3, 2.5)
    assert 100.0 + 400.0 * clock**2.5 == pytest.approx([300.0, 100.0, 500.0])


def test_powers_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="0 <= idle_w <= wanted_w <= peak_w"):
        caps_w(100.0, [50.0], [40.0], [60.0])
    with pytest.raises(ValueError, match="must not be negative"):
        caps_w(-1.0, [50.0], [50.0], [60.0])


NODES = st.lists(st.tuples(st.floats(0, 500), st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12)


@settings(max_examples=100, deadline=None)
@given(nodes=NODES, limit_w=st.floats(0, 8000), rule=st.sampled_from(RULES), more_w=st.floats(0, 2000))
def test_caps_stay_in_range_within_the_limit_and_use_it(
    nodes: list[tuple[float, float, float]], limit_w: float, rule: SharingRule, more_w: float
) -> None:
    idle = np.array([node[0] for node in nodes])
    peak = idle + 1000.0 * np.array([node[1] for node in nodes])
    wanted = np.minimum(idle + (peak - idle) * np.array([node[2] for node in nodes]), peak)
    caps = caps_w(limit_w, idle, wanted, peak, rule)
    assert math.fsum(caps) <= limit_w
    assert math.fsum(caps) == pytest.approx(min(limit_w, math.fsum(peak)), abs=1e-6)
    assert np.all(caps <= peak)
    if limit_w >= math.fsum(idle):
        assert np.all(caps >= idle - 1e-9)
    if limit_w >= math.fsum(wanted):
        assert np.all(caps >= wanted - 1e-9)
    assert np.all(caps_w(limit_w + more_w, idle, wanted, peak, rule) >= caps - 1e-6)  # more never takes away
