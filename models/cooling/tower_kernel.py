"""A cooling tower as a scalar loop: leaving water, fan power and water use from heat and outdoor air.

One number carries the heat transfer: `reach`, what the tower can do over what the duty takes, 1 where it is just done.
With Merkel it is the tower's transfer units over those of the duty, with YorkCalc the approach that is left over the
correlation's. It rises with air and leaving water, and falls with wet bulb and range: so fan speed, leaving water and
fan power each have one answer, and more wet bulb or heat never gives colder water or less fan power.
"""

from __future__ import annotations

from typing import Any

from numba import types

from ..compiled import compiled_apart, compiled_as
from .evaporation_kernel import blowdown_kg_per_s, evaporated_kg_per_s
from .psychrometrics_kernel import (
    enthalpy_j_per_kg,
    saturated_humidity_ratio,
    specific_volume_m3_per_kg,
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

WATER_J_PER_KG_K = 4186.0
"""The wet bulb's own (ASHRAE Fundamentals, chapter 1, eqn 33)."""
# Scheier's correction of transfer units with wet bulb and air flow, as in EnergyPlus and the Buildings library
# (Data/UAMerkel.mo; water flow is constant here), and the differences from the design wet bulb in which it holds.
_PER_K_BELOW_DESIGN = 0.0081
_LEAST_BELOW_K, _MOST_BELOW_K = -10.0, 25.0
_PER_AIR, _PER_AIR_SQUARED = 1.3, -0.3
# Nodes and weights of Gauss and Legendre's rule of four points on 0 to 1.
_NODES = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263)
_WEIGHTS = (0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692)
_STEPS = 80
_CLOSE = 1e-12
_HOTTEST_C = 95.0


@compiled_apart
def saturated_enthalpy_j_per_kg(temperature_c: float, pressure_pa: float) -> float:
    """Return the enthalpy of saturated air [J per kg of dry air]."""
    return enthalpy_j_per_kg(temperature_c, saturated_humidity_ratio(temperature_c, pressure_pa))


@compiled_apart
def transfer_units(
    leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float, water_to_air: float
) -> float:
    """Return Merkel's number of a duty: the integral of c dT / (h_sat(T) - h_air) from leaving to entering water.

    The air's enthalpy is that of saturated air at its wet bulb where it enters, and rises by water over air flow times
    c dT (F. Merkel, Verdunstungskühlung, 1925). 0 where the duty is impossible: the air would be as warm as the water.
    """
    entering = saturated_enthalpy_j_per_kg(wet_bulb_c, pressure_pa)
    rise = WATER_J_PER_KG_K * range_k
    hot = saturated_enthalpy_j_per_kg(leaving_c + range_k, pressure_pa)
    if leaving_c <= wet_bulb_c or hot - entering - water_to_air * rise <= 0.0:
        return 0.0
    total = 0.0
    for node in range(4):
        share = _NODES[node]
        water = saturated_enthalpy_j_per_kg(leaving_c + share * range_k, pressure_pa)
        driving = water - entering - water_to_air * rise * share
        if driving <= 0.0:
            return 0.0
        total += _WEIGHTS[node] / driving
    return rise * total


@compiled_apart
def reach(
    parameters: Any, first: int, leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float, air: float
) -> float:
    """Return what a cell can do over what the duty takes; `air` is its air flow as a share of full speed's."""
    if leaving_c <= wet_bulb_c:
        return 0.0
    if parameters[first + YORKCALC] > 0.0:
        approach_k = yorkcalc_approach_k(wet_bulb_c, range_k, parameters[first + WATER_TO_AIR] / air)
        return (leaving_c - wet_bulb_c) / approach_k
    water_to_air = parameters[first + WATER_KG_PER_S] / (air * parameters[first + AIR_KG_PER_S])
    asked = transfer_units(leaving_c, range_k, wet_bulb_c, pressure_pa, water_to_air)
    if asked <= 0.0:
        return 0.0
    below_k = min(max(parameters[first + DESIGN_WET_BULB_C] - wet_bulb_c, _LEAST_BELOW_K), _MOST_BELOW_K)
    corrected = (1.0 + _PER_K_BELOW_DESIGN * below_k) * air * (_PER_AIR + _PER_AIR_SQUARED * air)
    return float(parameters[first + TRANSFER_UNITS] * corrected / asked)


@compiled_apart
def leaving_at_full_speed_c(
    parameters: Any, first: int, range_k: float, wet_bulb_c: float, pressure_pa: float
) -> float:
    """Return the temperature [°C] of the water that a cell at full speed gives, by false position (Illinois)."""
    if parameters[first + YORKCALC] > 0.0:
        return wet_bulb_c + yorkcalc_approach_k(wet_bulb_c, range_k, parameters[first + WATER_TO_AIR])
    low = wet_bulb_c
    of_low = -1.0
    step_k = 8.0
    high = min(low + step_k, _HOTTEST_C)
    of_high = reach(parameters, first, high, range_k, wet_bulb_c, pressure_pa, 1.0) - 1.0
    while of_high < 0.0 and high < _HOTTEST_C:
        low = high
        of_low = of_high
        step_k *= 2.0
        high = min(low + step_k, _HOTTEST_C)
        of_high = reach(parameters, first, high, range_k, wet_bulb_c, pressure_pa, 1.0) - 1.0
    side = 0
    for _ in range(_STEPS):
        if high - low <= _CLOSE * _HOTTEST_C or of_high <= 0.0:
            break
        middle = high - of_high * (high - low) / (of_high - of_low)
        of_middle = reach(parameters, first, middle, range_k, wet_bulb_c, pressure_pa, 1.0) - 1.0
        if of_middle >= 0.0:
            if of_middle <= _CLOSE:
                return middle
            high = middle
            of_high = of_middle
            if side == 1:
                of_low *= 0.5
            side = 1
        else:
            if of_middle >= -_CLOSE:
                return middle
            low = middle
            of_low = of_middle
            if side == -1:
                of_high *= 0.5
            side = -1
    return high


@compiled_apart
def air_share(
    parameters: Any, first: int, leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float
) -> float:
    """Return the share of full speed's air flow with which water leaves at `leaving_c`; 1 where full speed is short.

    Below the natural draft's share it stands for water that bypasses the fill.
    """
    of_high = reach(parameters, first, leaving_c, range_k, wet_bulb_c, pressure_pa, 1.0) - 1.0
    if of_high <= 0.0:
        return 1.0
    low = 0.0
    of_low = -1.0
    high = 1.0
    side = 0
    for _ in range(_STEPS):
        if high - low <= _CLOSE:
            break
        middle = high - of_high * (high - low) / (of_high - of_low)
        of_middle = reach(parameters, first, leaving_c, range_k, wet_bulb_c, pressure_pa, middle) - 1.0
        if of_middle >= 0.0:
            if of_middle <= _CLOSE:
                return middle
            high = middle
            of_high = of_middle
            if side == 1:
                of_low *= 0.5
            side = 1
        else:
            if of_middle >= -_CLOSE:
                return middle
            low = middle
            of_low = of_middle
            if side == -1:
                of_high *= 0.5
            side = -1
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
    air = 1.0
    leaving_c = wanted_leaving_c
    if reach(parameters, first, wanted_leaving_c, range_k, wet_bulb_c, pressure_pa, 1.0) >= 1.0:
        air = air_share(parameters, first, wanted_leaving_c, range_k, wet_bulb_c, pressure_pa)
    else:
        found_c = leaving_at_full_speed_c(parameters, first, range_k, wet_bulb_c, pressure_pa)
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
        if is_clamped(wet_bulb_c, range_k) or (air > natural_share and ratio > MOST_WATER_TO_AIR):
            answer[CLAMPED] = 1.0
    else:
        below_k = parameters[first + DESIGN_WET_BULB_C] - wet_bulb_c
        if not _LEAST_BELOW_K <= below_k <= _MOST_BELOW_K:
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


@compiled_as(types.void(types.float64[::1], types.float64[:, ::1], types.float64[:, ::1]))
def work_towers(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill `answered`, shape (n, TOWER_ANSWERED), as `work_tower` does, row by row.

    `asked`, shape (n, 6), holds heat, wanted leaving water, dry bulb, wet bulb, pressure and cells.
    """
    for row in range(len(asked)):
        work_tower(
            parameters, 0, asked[row, 0], asked[row, 1], asked[row, 2], asked[row, 3], asked[row, 4], asked[row, 5],
            answered[row],
        )  # fmt: skip


@compiled_as(types.float64(types.float64, types.float64, types.float64, types.float64, types.float64))
def duty_transfer_units(
    leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float, water_to_air: float
) -> float:
    """Return `transfer_units` to Python."""
    return transfer_units(leaving_c, range_k, wet_bulb_c, pressure_pa, water_to_air)


@compiled_as(types.float64(types.float64, types.float64))
def saturated_volume_m3_per_kg(temperature_c: float, pressure_pa: float) -> float:
    """Return the volume of the saturated air that holds 1 kg of dry air [m3/kg]."""
    return specific_volume_m3_per_kg(temperature_c, saturated_humidity_ratio(temperature_c, pressure_pa), pressure_pa)
