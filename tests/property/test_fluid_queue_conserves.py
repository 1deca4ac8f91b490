"""Whatever comes and goes: every request is served, lost or still waits, and none waits longer than its patience."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.serving.fluid_queue import FluidQueue

RATES = st.sampled_from([0.0, 1.0, 10.0, 37.5, 40.0, 100.0])
STRETCHES = st.lists(st.tuples(RATES, RATES, st.sampled_from([0.0, 0.1, 7.0, 60.0, 3600.0])), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(patience_s=st.sampled_from([0.0, 0.5, 60.0, 5000.0]), stretches=STRETCHES)
def test_requests_are_conserved(patience_s: float, stretches: list[tuple[float, float, float]]) -> None:
    line, capacity = FluidQueue(patience_s), 0.0
    for offered_per_s, capacity_per_s, length_s in stretches:
        line.set_flows(offered_per_s, capacity_per_s)
        line.advance(length_s)
        capacity += capacity_per_s * length_s
        assert line.offered == pytest.approx(line.served + line.lost + line.backlog, rel=1e-10, abs=1e-9)
        assert line.served <= capacity * (1.0 + 1e-12)
        assert min(line.lost, line.backlog) >= 0.0
        assert line.backlog <= 100.0 * patience_s * (1.0 + 1e-9)


@settings(max_examples=60, deadline=None)
@given(patience_s=st.sampled_from([0.5, 60.0, 5000.0]), stretches=STRETCHES, cuts=st.integers(2, 5))
def test_looking_in_between_changes_nothing(
    patience_s: float, stretches: list[tuple[float, float, float]], cuts: int
) -> None:
    whole, pieces = FluidQueue(patience_s), FluidQueue(patience_s)
    for offered_per_s, capacity_per_s, length_s in stretches:
        for line in (whole, pieces):
            line.set_flows(offered_per_s, capacity_per_s)
        whole.advance(length_s)
        for _ in range(cuts):
            pieces.advance(length_s / cuts)
    assert pieces.served == pytest.approx(whole.served, rel=1e-9, abs=1e-6)
    assert pieces.lost == pytest.approx(whole.lost, rel=1e-9, abs=1e-6)
    assert pieces.backlog_s == pytest.approx(whole.backlog_s, rel=1e-9, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(patience_s=st.sampled_from([0.5, 60.0, 5000.0]), stretches=STRETCHES)
def test_a_line_is_empty_when_it_said(patience_s: float, stretches: list[tuple[float, float, float]]) -> None:
    line = FluidQueue(patience_s)
    for offered_per_s, capacity_per_s, length_s in stretches:
        line.set_flows(offered_per_s, capacity_per_s)
        after_s = line.empties_after_s()
        line.advance(length_s)
        if after_s < length_s * (1.0 - 1e-9):
            assert line.backlog == 0.0 or line.offered_per_s >= line.capacity_per_s
        elif after_s > length_s * (1.0 + 1e-9) and line.backlog > 1e-6:
            assert line.empties_after_s() == pytest.approx(after_s - length_s, rel=1e-6, abs=1e-6)
