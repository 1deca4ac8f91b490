"""How fast a hall and its coolant warm, and how they come back."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from scipy.integrate import solve_ivp

from models.cooling.air_nodes import AirNodes, AirState
from models.cooling.coolant_node import CoolantNode
from models.cooling.thermal_mass import AIR_J_PER_M3_K, WATER_J_PER_M3_K, ThermalMass
from models.units import quantity

HEAT_W = 1e6
SETPOINT_C = 24.0
HALL = ThermalMass().for_it_power(HEAT_W).air
LOOP = ThermalMass().for_it_power(HEAT_W).coolant
AT_SETPOINT = AirState(SETPOINT_C, SETPOINT_C)


def by_integration(
    nodes: AirNodes, state: AirState, heat_w: float, removal_w: float, duration_s: float
) -> tuple[float, float]:
    """Both temperatures by Runge and Kutta's method, at a removal that does not change."""

    def rates(_: float, temperatures: Any) -> list[float]:
        exchanged_w = nodes.exchange_w_per_k * (temperatures[0] - temperatures[1])
        return [(heat_w - exchanged_w - removal_w) / nodes.air_j_per_k, exchanged_w / nodes.solids_j_per_k]

    found = solve_ivp(rates, (0.0, duration_s), list(state), rtol=1e-10, atol=1e-10)
    return float(found.y[0, -1]), float(found.y[1, -1])


def test_100_kw_into_750_m3_of_air_starts_at_6_6_k_a_minute() -> None:
    hall = ThermalMass(air_volume=quantity("750 m3")).for_it_power(100e3).air
    warmed = hall.advance(AT_SETPOINT, 100e3, 0.0, SETPOINT_C, 1e-3).state
    assert (warmed.air_c - SETPOINT_C) / 1e-3 * 60.0 == pytest.approx(6.6, abs=0.05)


def test_120_kw_on_a_loop_of_100_litres_warms_by_17_k_a_minute() -> None:
    loop = ThermalMass(coolant_volume=quantity("100 L")).for_it_power(120e3).coolant
    assert loop.advance(30.0, 120e3, 0.0, 30.0, 60.0).coolant_c - 30.0 == pytest.approx(17.0, abs=0.5)


def test_cooling_that_suffices_holds_the_setpoint_for_ever() -> None:
    step = HALL.advance(AT_SETPOINT, HEAT_W, 1.2 * HEAT_W, SETPOINT_C, 86_400.0)
    assert step.state == AT_SETPOINT
    assert step.removed_j == pytest.approx(HEAT_W * 86_400.0, rel=1e-15)
    assert HALL.time_to_reach_s(AT_SETPOINT, HEAT_W, 1.2 * HEAT_W, SETPOINT_C, 32.0) == math.inf


@pytest.mark.parametrize("capacity", [0.0, 0.4, 0.95])
def test_a_hall_without_enough_cooling_warms_as_integration_says(capacity: float) -> None:
    for duration_s in (5.0, 60.0, 600.0):
        step = HALL.advance(AT_SETPOINT, HEAT_W, capacity * HEAT_W, SETPOINT_C, duration_s)
        expected = by_integration(HALL, AT_SETPOINT, HEAT_W, capacity * HEAT_W, duration_s)
        assert step.state == pytest.approx(expected, abs=1e-6)


def test_time_to_throttle_is_when_integration_reaches_the_limit() -> None:
    seconds = HALL.time_to_reach_s(AT_SETPOINT, HEAT_W, 0.0, SETPOINT_C, 35.0)
    assert by_integration(HALL, AT_SETPOINT, HEAT_W, 0.0, seconds)[0] == pytest.approx(35.0, abs=1e-6)
    assert HALL.advance(AT_SETPOINT, HEAT_W, 0.0, SETPOINT_C, seconds).state.air_c == pytest.approx(35.0, abs=1e-9)
    # With its own air alone the hall would take 6.7 s; the solids take part of the heat.
    assert seconds > 11.0 * HALL.air_j_per_k / HEAT_W


def test_after_a_failure_cooling_comes_back_removes_its_capacity_and_then_holds() -> None:
    """Five minutes without chillers, then 130 % of the heat until the set-point is reached."""
    hot = HALL.advance(AT_SETPOINT, HEAT_W, 0.0, SETPOINT_C, 300.0).state
    assert hot.air_c > hot.solids_c > SETPOINT_C
    back_s = HALL.time_to_reach_s(hot, HEAT_W, 1.3 * HEAT_W, SETPOINT_C, SETPOINT_C)
    assert by_integration(HALL, hot, HEAT_W, 1.3 * HEAT_W, back_s)[0] == pytest.approx(SETPOINT_C, abs=1e-6)
    before = HALL.advance(hot, HEAT_W, 1.3 * HEAT_W, SETPOINT_C, 0.9 * back_s)
    assert before.removed_j == pytest.approx(1.3 * HEAT_W * 0.9 * back_s, rel=1e-12)
    after = HALL.advance(hot, HEAT_W, 1.3 * HEAT_W, SETPOINT_C, back_s + 100.0)
    assert after.state.air_c == SETPOINT_C
    # The solids are warmer than the air still: they give it heat, which cooling removes beside the servers'.
    assert after.state.solids_c > SETPOINT_C
    later = HALL.advance(after.state, HEAT_W, 1.3 * HEAT_W, SETPOINT_C, 5_000.0)
    assert later.state.solids_c == pytest.approx(SETPOINT_C, abs=1e-6)
    # All that was stored in the failure has been removed in the end.
    removed_j = after.removed_j + later.removed_j
    assert removed_j == pytest.approx(HEAT_W * (300.0 + back_s + 100.0 + 5_000.0), rel=1e-9)


def test_a_hall_that_was_cooled_below_its_setpoint_warms_to_it_uncooled() -> None:
    cold = AirState(18.0, 18.0)
    seconds = HALL.time_to_reach_s(cold, HEAT_W, 2.0 * HEAT_W, SETPOINT_C, SETPOINT_C)
    assert by_integration(HALL, cold, HEAT_W, 0.0, seconds)[0] == pytest.approx(SETPOINT_C, abs=1e-6)
    assert HALL.advance(cold, HEAT_W, 2.0 * HEAT_W, SETPOINT_C, 0.99 * seconds).removed_j == 0.0
    held = HALL.advance(cold, HEAT_W, 2.0 * HEAT_W, SETPOINT_C, seconds + 10.0)
    assert held.state.air_c == SETPOINT_C
    # Cold solids still take some of the heat.
    assert 0.0 < held.removed_j < 10.0 * HEAT_W


def test_cold_solids_carry_a_cooling_too_small_until_they_are_warm() -> None:
    cold, capacity_w = AirState(SETPOINT_C, 14.0), 0.9 * HEAT_W
    held_s = HALL.solids_j_per_k / HALL.exchange_w_per_k * math.log(HALL.exchange_w_per_k * 10.0 / (0.1 * HEAT_W))
    assert HALL.advance(cold, HEAT_W, capacity_w, SETPOINT_C, 0.99 * held_s).state.air_c == SETPOINT_C
    assert HALL.advance(cold, HEAT_W, capacity_w, SETPOINT_C, 1.01 * held_s).state.air_c > SETPOINT_C
    assert HALL.time_to_reach_s(cold, HEAT_W, capacity_w, SETPOINT_C, 30.0) > held_s


def test_very_cold_solids_cool_the_air_below_the_setpoint() -> None:
    icy = AirState(SETPOINT_C, -30.0)
    step = HALL.advance(icy, HEAT_W, HEAT_W, SETPOINT_C, 10.0)
    assert step.state == pytest.approx(by_integration(HALL, icy, HEAT_W, 0.0, 10.0), abs=1e-6)
    assert step.state.air_c < SETPOINT_C
    assert HALL.advance(icy, HEAT_W, HEAT_W, SETPOINT_C, 3_600.0).state.air_c == SETPOINT_C


def test_hot_solids_push_the_air_above_the_setpoint_for_a_while() -> None:
    glowing, capacity_w = AirState(SETPOINT_C, 60.0), 1.1 * HEAT_W
    peak = max(HALL.advance(glowing, HEAT_W, capacity_w, SETPOINT_C, time).state.air_c for time in range(0, 2_000, 20))
    assert peak > SETPOINT_C + 5.0
    assert HALL.time_to_reach_s(glowing, HEAT_W, capacity_w, SETPOINT_C, SETPOINT_C + 5.0) < 600.0
    assert HALL.time_to_reach_s(glowing, HEAT_W, capacity_w, SETPOINT_C, peak + 1.0) == math.inf
    assert HALL.advance(glowing, HEAT_W, capacity_w, SETPOINT_C, 1e5).state.air_c == SETPOINT_C


def test_many_short_intervals_are_one_long_one() -> None:
    state, removed_j = AirState(SETPOINT_C, 60.0), 0.0
    for _ in range(1_000):
        step = HALL.advance(state, HEAT_W, 1.1 * HEAT_W, SETPOINT_C, 7.0)
        state, removed_j = step.state, removed_j + step.removed_j
    once = HALL.advance(AirState(SETPOINT_C, 60.0), HEAT_W, 1.1 * HEAT_W, SETPOINT_C, 7_000.0)
    assert state == pytest.approx(once.state, abs=1e-9)
    assert removed_j == pytest.approx(once.removed_j, rel=1e-12)


def test_when_the_pump_fails_the_loop_reaches_its_limit_in_minutes_and_recovers() -> None:
    limit_s = LOOP.time_to_reach_s(30.0, HEAT_W, 0.0, 30.0, 45.0)
    assert limit_s == pytest.approx(15.0 * LOOP.coolant_j_per_k / HEAT_W)
    assert 45.0 < limit_s < 60.0
    hot = LOOP.advance(30.0, HEAT_W, 0.0, 30.0, limit_s)
    assert hot.coolant_c == pytest.approx(45.0)
    assert hot.removed_j == 0.0
    back_s = LOOP.time_to_reach_s(45.0, HEAT_W, 1.5 * HEAT_W, 30.0, 30.0)
    assert back_s == pytest.approx(2.0 * limit_s)
    back = LOOP.advance(45.0, HEAT_W, 1.5 * HEAT_W, 30.0, back_s + 60.0)
    assert back.coolant_c == 30.0
    assert back.removed_j == pytest.approx(1.5 * HEAT_W * back_s + HEAT_W * 60.0)


@pytest.mark.parametrize(
    ("coolant_c", "capacity", "limit_c", "seconds"),
    [
        (30.0, 1.0, 45.0, math.inf),  # held
        (20.0, 1.0, 25.0, 5.0),  # below the set-point it warms by itself
        (20.0, 1.0, 30.0, 10.0),
        (20.0, 1.0, 31.0, math.inf),
        (20.0, 0.5, 31.0, 12.0),  # slower beyond the set-point, where half the heat is removed
        (40.0, 2.0, 35.0, 5.0),
        (40.0, 2.0, 29.0, math.inf),
        (40.0, 0.5, 35.0, math.inf),
        (40.0, 0.5, 40.0, 0.0),
    ],
)
def test_a_loop_of_1_k_a_second_reaches_its_limit(
    coolant_c: float, capacity: float, limit_c: float, seconds: float
) -> None:
    assert CoolantNode(1.0).time_to_reach_s(coolant_c, 1.0, capacity, 30.0, limit_c) == seconds


def test_less_capacity_is_never_cooler_and_never_later_at_a_limit() -> None:
    capacities = np.linspace(0.0, 1.5, 31) * HEAT_W
    for state in (AT_SETPOINT, AirState(30.0, 40.0), AirState(20.0, 15.0)):
        ends = [HALL.advance(state, HEAT_W, capacity, SETPOINT_C, 200.0).state.air_c for capacity in capacities]
        times = [HALL.time_to_reach_s(state, HEAT_W, capacity, SETPOINT_C, 45.0) for capacity in capacities]
        assert all(later <= earlier + 1e-9 for earlier, later in itertools.pairwise(ends))
        assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(times))


def test_what_is_left_out_follows_from_the_it_power() -> None:
    nodes = ThermalMass().for_it_power(1e6)
    assert nodes.air.air_j_per_k == pytest.approx(500.0 * AIR_J_PER_M3_K)
    assert nodes.air.solids_j_per_k == pytest.approx(12_000.0 * 550.0)
    assert nodes.air.solids_j_per_k / nodes.air.exchange_w_per_k == pytest.approx(200.0)
    assert nodes.coolant.coolant_j_per_k == pytest.approx(WATER_J_PER_M3_K / 1.2)
    stated = ThermalMass.model_validate(
        {"air_volume": "750 m3", "solids_mass": "3 t", "solids_time_constant": "5 min", "coolant_volume": "2 m3"}
    )
    assert stated.for_it_power(1e6) == stated.for_it_power(2e6)


def test_impossible_halls_are_refused() -> None:
    with pytest.raises(ValidationError, match="greater than 0"):
        ThermalMass.model_validate({"air_volume": "0 m3"})
    with pytest.raises(ValueError, match="0 W is not above 0"):
        ThermalMass().for_it_power(0.0)
    with pytest.raises(ValueError, match="are not negative"):
        HALL.advance(AT_SETPOINT, -1.0, 0.0, SETPOINT_C, 1.0)
    with pytest.raises(ValueError, match="are not negative"):
        LOOP.advance(30.0, 1.0, -1.0, 30.0, 1.0)
