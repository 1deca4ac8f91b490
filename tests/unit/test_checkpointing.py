"""Checkpoint intervals and effective training time against their sources' figures and against brute force."""

from __future__ import annotations

import math

import pytest

from models.reliability.checkpointing import (
    availability_interval_s,
    best_interval_s,
    daly_ettr,
    daly_interval_s,
    expected_ettr,
    gang_mtbf_s,
    young_interval_s,
)

MTBF_S = gang_mtbf_s(2048, 6.5e-3)
RESTART_S = 300.0
WRITES_S = (10.0, 60.0, 300.0)


@pytest.mark.parametrize(
    ("write_s", "interval_min", "exact", "linear"),
    [(10.0, 6.0, 0.903, 0.901), (60.0, 14.7, 0.831, 0.829), (300.0, 32.9, 0.692, 0.696)],
)
def test_known_figures_of_2048_nodes(write_s: float, interval_min: float, exact: float, linear: float) -> None:
    interval_s = young_interval_s(write_s, MTBF_S)
    assert round(interval_s / 60, 1) == interval_min
    assert round(daly_ettr(interval_s, write_s, MTBF_S, RESTART_S), 3) == exact
    assert round(expected_ettr(interval_s, write_s, MTBF_S, RESTART_S), 3) == linear


def test_rates_of_nodes_and_of_the_job_add_up() -> None:
    assert pytest.approx(8.64) == gang_mtbf_s(1000, 5.0, 5000.0)
    assert gang_mtbf_s(8, 0.0) == math.inf
    with pytest.raises(ValueError, match=r"nodes \(0\) must be positive"):
        gang_mtbf_s(0, 1.0)


@pytest.mark.parametrize("write_s", WRITES_S)
def test_no_interval_beats_the_best(write_s: float) -> None:
    best_s = best_interval_s(write_s, MTBF_S)
    most = daly_ettr(best_s, write_s, MTBF_S, RESTART_S)
    assert all(
        daly_ettr(best_s * factor, write_s, MTBF_S, RESTART_S) < most for factor in (0.1, 0.9, 0.999, 1.001, 1.1, 10)
    )


@pytest.mark.parametrize(("write_s", "off"), [(10.0, 1e-5), (60.0, 1e-4), (300.0, 1e-3)])
def test_dalys_estimate_is_next_to_the_best_and_youngs_is_not_far(write_s: float, off: float) -> None:
    best_s = best_interval_s(write_s, MTBF_S)
    assert daly_interval_s(write_s, MTBF_S) == pytest.approx(best_s, rel=off)
    at_best, at_young = (
        daly_ettr(interval_s, write_s, MTBF_S, RESTART_S) for interval_s in (best_s, young_interval_s(write_s, MTBF_S))
    )
    assert 0.0 < at_best - at_young < 0.002


@pytest.mark.parametrize(("write_s", "factor"), [(300.0, 1.14), (300.0, 1 / 1.14), (10.0, 1.3), (10.0, 1 / 1.3)])
def test_the_optimum_is_flat(write_s: float, factor: float) -> None:
    best_s = best_interval_s(write_s, MTBF_S)
    most = daly_ettr(best_s, write_s, MTBF_S, RESTART_S)
    assert most - daly_ettr(best_s * factor, write_s, MTBF_S, RESTART_S) < 0.002


@pytest.mark.parametrize("write_s", WRITES_S)
def test_the_availability_interval_maximises_what_it_says_and_has_the_write_in_it(write_s: float) -> None:
    def share(period_s: float) -> float:
        return (1 - write_s / period_s) * MTBF_S / (MTBF_S + RESTART_S + period_s / 2)

    period_s = availability_interval_s(write_s, MTBF_S, RESTART_S)
    assert share(period_s) > max(share(period_s * 1.001), share(period_s / 1.001))
    assert period_s - write_s == pytest.approx(young_interval_s(write_s, MTBF_S), rel=0.04)


def test_writes_longer_than_the_time_between_failures_leave_that_time_as_interval() -> None:
    assert daly_interval_s(200.0, 100.0) == 100.0
    assert best_interval_s(2000.0, 100.0) == pytest.approx(100.0)
    assert daly_ettr(100.0, 200.0, 100.0, 0.0) == pytest.approx(1 / math.expm1(3.0))
    assert daly_ettr(1e6, 10.0, 100.0, 10.0) == 0.0


def test_where_nothing_fails_only_writes_cost() -> None:
    assert {rule(60.0, math.inf) for rule in (young_interval_s, daly_interval_s, best_interval_s)} == {math.inf}
    assert availability_interval_s(60.0, math.inf, 1.0) == math.inf
    for ettr in (daly_ettr, expected_ettr):
        assert ettr(540.0, 60.0, math.inf, 300.0) == pytest.approx(0.9)
    assert daly_ettr(540.0, 60.0, 1e13, 300.0) == pytest.approx(0.9)


def test_times_that_can_not_be_are_refused() -> None:
    with pytest.raises(ValueError, match=r"write_s \(-1\) must be finite and at least 0"):
        young_interval_s(-1.0, 100.0)
    with pytest.raises(ValueError, match=r"mtbf_s \(0\) must be positive"):
        daly_interval_s(1.0, 0.0)
    with pytest.raises(ValueError, match=r"interval_s \(nan\) must be positive"):
        daly_ettr(math.nan, 1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"restart_s \(inf\)"):
        expected_ettr(1.0, 1.0, 1.0, math.inf)
