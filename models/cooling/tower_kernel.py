"""A cooling tower as a scalar loop: leaving water, fan power and water use from heat and outdoor air.

One number carries the heat transfer: `reach`, what the tower can do over what the duty takes, 1 where it is just done.
With Merkel it is the tower's transfer units over those of the duty, with YorkCalc the approach that is left over the
correlation's. It rises with air and leaving water, and falls with wet bulb and range: so fan speed, leaving water and
fan power each have one answer, and more wet bulb or heat never gives colder water or less fan power.
"""

from __future__ import annotations

import math
from typing import Any

from ..compiled import compiled_apart
from .evaporation_kernel import blowdown_kg_per_s, evaporated_kg_per_s
from .false_position_kernel import CLOSE, MOST_STEPS, between, narrowed
from .merkel_kernel import (
    WATER_J_PER_KG_K,
    correction,
    is_corrected_beyond,
    merkel_air_share,
    saturated_enthalpy_j_per_kg,
    transfer_units,
)
from .yorkcalc_kernel import MOST_WATER_TO_AIR, is_clamped, yorkcalc_approach_k

# The parameters of a tower. Flows and fan power are those of one cell with its fan at full speed; WATER_TO_AIR is
# YorkCalc's ratio of flow fractions there, TRANSFER_UNITS is Merkel's number on the design day.
(
    YORKCALC, WATER_KG_PER_S, AIR_KG_PER_S, FULL_FAN_W, FLOOR_SPEED, NATURAL_SHARE, TRANSFER_UNITS, DESIGN_WET_BULB_C,
    WATER_TO_AIR, CYCLES, DRIFT_SHARE,
) = range(11)  # fmt: skip
TOWER_PARAMETERS = 11

LEAVING_C, FAN_W, EVAPORATION_KG_PER_S, BLOWDOWN_KG_PER_S, DRIFT_KG_PER_S, CLAMPED = range(6)
TOWER_ANSWERED = 6

_HOTTEST_C = 95.0


@compiled_apart
def reach(
    parameters: Any, first: int, leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float,
    entering: float, air: float,
) -> float:  # fmt: skip
    """Return what a cell can do over what the duty takes; `air` is its air flow as a share of full speed's.

    `entering` is the enthalpy of saturated air at the wet bulb [J/kg], the same for many duties in one weather.
    """
    if leaving_c <= wet_bulb_c:
        return 0.0
    if parameters[first + YORKCALC] > 0.0:
        approach_k = yorkcalc_approach_k(wet_bulb_c, range_k, parameters[first + WATER_TO_AIR] / air)
        return (leaving_c - wet_bulb_c) / approach_k
    water_to_air = parameters[first + WATER_KG_PER_S] / (air * parameters[first + AIR_KG_PER_S])
    asked = transfer_units(leaving_c, range_k, wet_bulb_c, pressure_pa, entering, water_to_air)
    if asked <= 0.0:
        return 0.0
    design_c = parameters[first + DESIGN_WET_BULB_C]
    return float(parameters[first + TRANSFER_UNITS] * correction(design_c, wet_bulb_c, air) / asked)


@compiled_apart
def leaving_at_full_speed_c(
    parameters: Any, first: int, range_k: float, wet_bulb_c: float, pressure_pa: float, entering: float
) -> float:
    """Return the temperature [°C] of the water that a cell at full speed gives, by false position (Illinois)."""
    if parameters[first + YORKCALC] > 0.0:
        return wet_bulb_c + yorkcalc_approach_k(wet_bulb_c, range_k, parameters[first + WATER_TO_AIR])
    low = wet_bulb_c
    of_low = -1.0
    step_k = 8.0
    high = min(low + step_k, _HOTTEST_C)
    of_high = reach(parameters, first, high, range_k, wet_bulb_c, pressure_pa, entering, 1.0) - 1.0
    while of_high < 0.0 and high < _HOTTEST_C:
        low = high
        of_low = of_high
        step_k *= 2.0
        high = min(low + step_k, _HOTTEST_C)
        of_high = reach(parameters, first, high, range_k, wet_bulb_c, pressure_pa, entering, 1.0) - 1.0
    side = 0
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE * _HOTTEST_C or of_high <= 0.0:
            break
        middle = between(low, of_low, high, of_high)
        of_middle = reach(parameters, first, middle, range_k, wet_bulb_c, pressure_pa, entering, 1.0) - 1.0
        if abs(of_middle) <= CLOSE:
            return middle
        low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
    return high


@compiled_apart
def air_share(
    parameters: Any, first: int, leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float,
    entering: float, most: float,
) -> float:  # fmt: skip
    """Return the share of full speed's air flow with which water leaves at `leaving_c`; infinite where that is short.

    It is looked for up to `most`, which is returned where it takes more. Below the natural draft's share it stands for
    water that bypasses the fill.
    """
    if parameters[first + YORKCALC] <= 0.0:
        return merkel_air_share(
            leaving_c, range_k, wet_bulb_c, pressure_pa, entering,
            parameters[first + WATER_KG_PER_S] / parameters[first + AIR_KG_PER_S],
            parameters[first + TRANSFER_UNITS] * correction(parameters[first + DESIGN_WET_BULB_C], wet_bulb_c, 1.0),
            most,
        )  # fmt: skip
    of_high = reach(parameters, first, leaving_c, range_k, wet_bulb_c, pressure_pa, entering, 1.0) - 1.0
    if of_high < 0.0:
        return math.inf
    low = 0.0
    of_low = -1.0
    high = 1.0
    if most < high:
        of_most = reach(parameters, first, leaving_c, range_k, wet_bulb_c, pressure_pa, entering, most) - 1.0
        if of_most < 0.0:
            return most
        high, of_high = most, of_most
    side = 0
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE:
            break
        middle = between(low, of_low, high, of_high)
        of_middle = reach(parameters, first, leaving_c, range_k, wet_bulb_c, pressure_pa, entering, middle) - 1.0
        if abs(of_middle) <= CLOSE:
            return middle
        low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
    return high


@compiled_apart
def fan_power_w(full_w: float, air: float, floor_speed: float, natural_share: float) -> float:
    """Return the power of fans [W] that move a share of full speed's air: P = P0 y^3 (fan laws).

    Between the natural draft and what the floor speed moves, fans cycle on and off; with less they stand still.
    """
    if air >= floor_speed:
        return full_w * air * air * air
    if air <= natural_share:
        return 0.0
    floor_w = full_w * floor_speed * floor_speed * floor_speed
    return floor_w * (air - natural_share) / (floor_speed - natural_share)


@compiled_apart
def work_tower(
    parameters: Any,
    first: int,
    heat_w: float,
    wanted_leaving_c: float,
    dry_bulb_c: float,
    wet_bulb_c: float,
    pressure_pa: float,
    cells: float,
    answer: Any,
) -> None:
    """Fill `answer`, shape (TOWER_ANSWERED,), with how `cells` cells take `heat_w` out of their water together.

    The tower is `parameters[first:first + TOWER_PARAMETERS]`. Water leaves at `wanted_leaving_c`, or warmer where fans
    at full speed do not reach that; never colder, since fans slow down, stop, and then water bypasses the fill. Without
    heat nothing runs; without cells water leaves at infinity.
    """
    for index in range(TOWER_ANSWERED):
        answer[index] = 0.0
    answer[LEAVING_C] = max(wanted_leaving_c, wet_bulb_c)
    if heat_w <= 0.0:
        return
    if cells <= 0.0:
        answer[LEAVING_C] = float("inf")
        return
    cell_w = heat_w / cells
    range_k = cell_w / (WATER_J_PER_KG_K * parameters[first + WATER_KG_PER_S])
    leaving_c = wanted_leaving_c
    entering = saturated_enthalpy_j_per_kg(wet_bulb_c, pressure_pa)
    air = air_share(parameters, first, wanted_leaving_c, range_k, wet_bulb_c, pressure_pa, entering, 1.0)
    if air > 1.0:
        air = 1.0
        found_c = leaving_at_full_speed_c(parameters, first, range_k, wet_bulb_c, pressure_pa, entering)
        leaving_c = max(found_c, wanted_leaving_c)
    answer_tower(parameters, first, cells, cell_w, leaving_c, range_k, air, dry_bulb_c, wet_bulb_c, pressure_pa, answer)


@compiled_apart
def answer_tower(
    parameters: Any,
    first: int,
    cells: float,
    cell_w: float,
    leaving_c: float,
    range_k: float,
    air: float,
    dry_bulb_c: float,
    wet_bulb_c: float,
    pressure_pa: float,
    answer: Any,
) -> None:
    """Fill `answer` as `work_tower` does, once leaving water and air flow are known."""
    answer[LEAVING_C] = leaving_c
    natural_share = parameters[first + NATURAL_SHARE]
    floor_speed = parameters[first + FLOOR_SPEED]
    answer[FAN_W] = cells * fan_power_w(parameters[first + FULL_FAN_W], air, floor_speed, natural_share)
    water_of_tower(
        parameters, first, cells, cell_w, leaving_c + range_k, air, dry_bulb_c, wet_bulb_c, pressure_pa, answer
    )
    if parameters[first + YORKCALC] > 0.0:
        ratio = parameters[first + WATER_TO_AIR] / air
        if is_clamped(wet_bulb_c, range_k, ratio) or (air > natural_share and ratio > MOST_WATER_TO_AIR):
            answer[CLAMPED] = 1.0
    elif is_corrected_beyond(parameters[first + DESIGN_WET_BULB_C], wet_bulb_c):
        answer[CLAMPED] = 1.0


@compiled_apart
def water_of_tower(
    parameters: Any,
    first: int,
    cells: float,
    cell_w: float,
    entering_c: float,
    air: float,
    dry_bulb_c: float,
    wet_bulb_c: float,
    pressure_pa: float,
    answer: Any,
) -> None:
    """Fill in evaporation, blowdown and drift of `cells` cells, each of which takes `cell_w` out of its water."""
    drift = cells * parameters[first + DRIFT_SHARE] * parameters[first + WATER_KG_PER_S]
    # Air can not leave warmer than water enters: less air than that does not carry the heat.
    hot = saturated_enthalpy_j_per_kg(entering_c, pressure_pa)
    span = max(hot - saturated_enthalpy_j_per_kg(wet_bulb_c, pressure_pa), 1.0)
    air_kg_per_s = max(air * parameters[first + AIR_KG_PER_S], cell_w / span)
    evaporation = cells * evaporated_kg_per_s(cell_w, air_kg_per_s, dry_bulb_c, wet_bulb_c, pressure_pa)
    answer[EVAPORATION_KG_PER_S] = evaporation
    answer[DRIFT_KG_PER_S] = drift
    answer[BLOWDOWN_KG_PER_S] = blowdown_kg_per_s(evaporation, drift, parameters[first + CYCLES])
