"""Requests as a fluid: known answers of a line with a capacity and a patience."""

from __future__ import annotations

import math

import pytest

from simulator.serving.fluid_queue import FluidQueue


def queue(patience_s: float, offered: float, capacity: float) -> FluidQueue:
    """A line that begins empty."""
    made = FluidQueue(patience_s)
    made.set_flows(offered, capacity)
    return made


def unaccounted(line: FluidQueue) -> float:
    """Requests that came and are nowhere."""
    return line.offered - line.served - line.lost - line.backlog


def test_without_patience_what_exceeds_the_capacity_is_lost_at_once() -> None:
    line = queue(0.0, 50.0, 40.0)
    line.advance(100.0)
    assert (line.offered, line.served, line.lost, line.backlog) == (5000.0, 4000.0, 1000.0, 0.0)


def test_nothing_waits_below_the_capacity() -> None:
    line = queue(60.0, 30.0, 40.0)
    line.advance(100.0)
    assert (line.served, line.lost, line.backlog, line.utilization) == (3000.0, 0.0, 0.0, 0.75)


def test_an_overload_loses_nothing_before_the_oldest_has_waited_its_patience() -> None:
    # The front moves through 45 requests/s at 40: it falls behind by a ninth of a second each second.
    line = queue(60.0, 45.0, 40.0)
    line.advance(540.0)
    assert line.lost == pytest.approx(0.0, abs=1e-9)
    assert line.backlog == pytest.approx(60.0 * 45.0)
    line.advance(100.0)
    assert line.lost == pytest.approx(5.0 * 100.0)
    assert line.backlog == pytest.approx(60.0 * 45.0)


def test_a_backlog_drains_at_what_the_capacity_leaves() -> None:
    line = queue(1000.0, 50.0, 40.0)
    line.advance(100.0)  # 1,000 requests wait.
    line.set_flows(15.0, 40.0)
    assert line.empties_after_s() == pytest.approx(1000.0 / 25.0)
    line.advance(20.0)
    assert line.backlog == pytest.approx(500.0)
    assert line.utilization == 1.0
    line.advance(30.0)
    assert line.backlog == 0.0
    assert line.utilization == 0.375
    assert line.backlog_s == pytest.approx(0.5 * 1000.0 * 100.0 + 0.5 * 1000.0 * 40.0)


def test_requests_outlive_an_interruption_that_is_shorter_than_their_patience() -> None:
    line = queue(60.0, 10.0, 40.0)
    line.set_flows(10.0, 0.0)
    line.advance(50.0)
    assert (line.served, line.lost, line.utilization) == (0.0, 0.0, 0.0)
    line.set_flows(10.0, 40.0)
    line.advance(line.empties_after_s())
    assert line.lost == 0.0
    assert unaccounted(line) == pytest.approx(0.0, abs=1e-9)


def test_without_any_capacity_each_request_is_lost_after_its_patience() -> None:
    line = queue(60.0, 10.0, 0.0)
    line.advance(200.0)
    assert line.lost == pytest.approx(1400.0)
    assert line.backlog == pytest.approx(600.0)
    line.set_flows(0.0, 0.0)
    assert line.empties_after_s() == pytest.approx(60.0)
    line.advance(60.0)
    assert line.backlog == pytest.approx(0.0, abs=1e-9)
    assert line.lost == pytest.approx(2000.0)


def test_a_line_that_never_empties_says_so() -> None:
    assert queue(60.0, 50.0, 40.0).empties_after_s() == math.inf
    assert queue(60.0, 30.0, 40.0).empties_after_s() == math.inf


def test_a_flow_that_pauses_leaves_a_gap_in_the_line() -> None:
    line = queue(100.0, 20.0, 10.0)
    line.advance(10.0)  # 100 wait
    line.set_flows(0.0, 1.0)
    line.advance(5.0)
    line.set_flows(20.0, 1.0)
    line.advance(5.0)
    assert line.backlog == pytest.approx(100.0 - 5.0 + 100.0 - 5.0)
    line.set_flows(0.0, 10.0)
    assert line.empties_after_s() == pytest.approx(19.0)
