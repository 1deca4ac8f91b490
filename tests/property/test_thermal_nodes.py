"""Heat in equals heat removed and heat stored, whatever the hall, its heat and its cooling."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cooling.air_nodes import AirNodes, AirState
from models.cooling.coolant_node import CoolantNode

temperatures = st.floats(5.0, 60.0) | st.sampled_from([24.0, 24.0 + 1e-12, 24.0 - 1e-12])
powers = st.floats(0.0, 5e6) | st.sampled_from([0.0, 1e6, 1e6 * (1 + 1e-15)])
durations = st.floats(0.0, 1e5) | st.sampled_from([0.0, 300.0])
capacities = st.floats(1e4, 1e8)
nodes = st.builds(AirNodes, capacities, capacities, st.floats(1e2, 1e6))
states = st.builds(AirState, temperatures, temperatures)


@settings(max_examples=150, deadline=None)
@given(nodes, states, powers, powers, durations)
def test_heat_is_removed_or_stored(
    nodes: AirNodes, state: AirState, heat_w: float, capacity_w: float, duration_s: float
) -> None:
    end, removed_j, stored_j = nodes.advance(state, heat_w, capacity_w, 24.0, duration_s)
    warmed_j = nodes.air_j_per_k * (end.air_c - state.air_c) + nodes.solids_j_per_k * (end.solids_c - state.solids_c)
    scale_j = (heat_w + capacity_w) * duration_s + nodes.air_j_per_k + nodes.solids_j_per_k
    assert stored_j == pytest.approx(heat_w * duration_s - removed_j, rel=1e-12, abs=1e-9 * scale_j)
    assert warmed_j == pytest.approx(stored_j, abs=1e-9 * scale_j)
    assert -1e-9 * scale_j <= removed_j <= capacity_w * duration_s + 1e-9 * scale_j


@settings(max_examples=150, deadline=None)
@given(nodes, states, powers, powers, st.floats(5.0, 60.0))
def test_a_limit_is_reached_then_and_not_before(
    nodes: AirNodes, state: AirState, heat_w: float, capacity_w: float, limit_c: float
) -> None:
    seconds = nodes.time_to_reach_s(state, heat_w, capacity_w, 24.0, limit_c)
    side = math.copysign(1.0, limit_c - state.air_c)
    within_s = min(seconds, 1e6)
    for share in (0.0, 0.1, 0.5, 0.9, 0.999):
        air_c = nodes.advance(state, heat_w, capacity_w, 24.0, share * within_s).state.air_c
        assert side * (limit_c - air_c) >= -1e-6
    if seconds < 1e6:
        assert nodes.advance(state, heat_w, capacity_w, 24.0, seconds).state.air_c == pytest.approx(limit_c, abs=1e-5)


@settings(max_examples=100, deadline=None)
@given(capacities, temperatures, powers, powers, durations, st.floats(5.0, 60.0))
def test_coolant_stores_what_is_not_removed_and_meets_its_limit(
    capacity_j_per_k: float, coolant_c: float, heat_w: float, capacity_w: float, duration_s: float, limit_c: float
) -> None:
    node = CoolantNode(capacity_j_per_k)
    end_c, _, stored_j = node.advance(coolant_c, heat_w, capacity_w, 24.0, duration_s)
    scale_j = (heat_w + capacity_w) * duration_s + capacity_j_per_k
    assert capacity_j_per_k * (end_c - coolant_c) == pytest.approx(stored_j, abs=1e-9 * scale_j)
    seconds = node.time_to_reach_s(coolant_c, heat_w, capacity_w, 24.0, limit_c)
    if seconds < 1e8:
        assert node.advance(coolant_c, heat_w, capacity_w, 24.0, seconds).coolant_c == pytest.approx(limit_c, abs=1e-6)
