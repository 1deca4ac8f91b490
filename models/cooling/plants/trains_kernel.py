"""Trains of chiller, tower cells and condenser pump: what some of them draw for a heat, and the water of their towers.

Where fans at full speed do not reach the water that is wanted, its temperature and the heat rejected depend on each
other and are found together.
"""

from __future__ import annotations

import math
from typing import Any

from ...compiled import compiled_apart
from ..chiller_kernel import (
    CHILLER_PARAMETERS,
    FIXED,
    HOT_CAPACITY_W,
    LEAST_Y_C,
    SEQUENTIAL,
    chiller_at,
    counted_capacity_w,
    power_w,
)
from ..merkel_kernel import WATER_J_PER_KG_K
from ..tower_kernel import (
    DESIGN_WET_BULB_C,
    FLOOR_SPEED,
    FULL_FAN_W,
    NATURAL_SHARE,
    WATER_KG_PER_S,
    air_share,
    fan_power_w,
    reach,
)

# The plant's own numbers, then the chiller's and the tower's. Shares of pumps are power over the heat of their water.
# COLDEST_C is the coldest water that towers make for chillers, IS_STATED 1 where they make no other; HAS_ECONOMIZER is
# 0 where there is no exchanger.
(
    CHILLED_PUMP_SHARE, EXCHANGER_PUMP_SHARE, TRAIN_PUMP_W, RETURN_RISE_K, CELLS_PER_TRAIN, STAGING, COLDEST_C,
    IS_STATED, HOTTEST_C, HAS_ECONOMIZER, EXCHANGER_APPROACH_K, TOWER_APPROACH_K,
    TOWER_RANGE_K,
) = range(13)  # fmt: skip
CHILLER = 13
TOWER = CHILLER + CHILLER_PARAMETERS

# What a trial of some trains at some water temperature finds. SHORT is 1 where they can not carry the heat, MISSED
# where fans at full speed do not make the water that was wanted. COLD_C is water that they do not make at a range of
# COLD_RANGE_K, in the same weather: known from one number of trains, it spares work for the next. The FOUND are of the
# water that was found last in this weather, 0 before.
(
    POWER_W, MACHINES, FREE_SHARE, BEYOND, CARRIED_W, SHORT, MISSED, WATER_C, AIR_SHARE, TRIAL_FAN_W, COLD_C,
    COLD_RANGE_K, FOUND_APPROACH_K, FOUND_RANGE_K,
) = range(14)  # fmt: skip
TRIAL = 14

_STEPS = 60
_CLOSE = 1e-13
_CLOSE_K = 1e-11
_CLEARLY_K = 1e-9
_TIED = 1.0 - 1e-12
_SLACK = 1.0 + 1e-9
_HOTTER = 1.5
# For first guesses: a tower's approach rises with about this power of its range, more below the design wet bulb, and by
# about so much of itself a kelvin below it; what a tower can do rises with about the 1.5th power of its approach; heat
# rejected over heat carried, with chillers and with free cooling.
_RANGE_EXPONENT, _RANGE_EXPONENT_PER_K = 0.85, 0.013
_APPROACH_PER_K, _APPROACH_PER_K_K = 0.06, -0.0006
_REACH_EXPONENT = -2.0 / 3.0
_LOW, _STEP_K = 0.88, 0.5
_REJECTED, _REJECTED_FREELY = 1.12, 1.06


@compiled_apart
def run_chillers(
    parameters: Any, supply_c: float, water_c: float, heat_w: float, trains: int, economizer: bool, trial: Any
) -> None:
    """Fill what `trains` trains do with towers giving `water_c`; an infinite heat is as much as they can carry."""
    free_share = 0.0
    if economizer:
        rise_k = parameters[RETURN_RISE_K]
        free_share = (supply_c + rise_k - water_c - parameters[EXCHANGER_APPROACH_K]) / rise_k
        free_share = min(max(free_share, 0.0), 1.0)
    trial[FREE_SHARE] = free_share
    trial[POWER_W] = trial[MACHINES] = trial[BEYOND] = trial[SHORT] = trial[CARRIED_W] = 0.0
    carried_w = (1.0 - free_share) * heat_w
    if free_share >= 1.0 or carried_w <= 0.0:
        return
    # Water colder than the curves' least is mixed with what leaves the condenser.
    entering_c = max(water_c, parameters[CHILLER + LEAST_Y_C])
    each_w = counted_capacity_w(parameters, CHILLER, supply_c, entering_c)
    carried_w = min(carried_w, trains * each_w) if heat_w == math.inf else carried_w
    at = chiller_at(parameters, CHILLER, supply_c, entering_c)
    fewest = int(math.ceil(carried_w / (each_w * _SLACK)))
    first = last = trains
    if economizer and parameters[STAGING] != FIXED:
        first = max(min(fewest, trains), 1)
        if parameters[STAGING] == SEQUENTIAL:
            last = first
    least_w = math.inf
    for machines in range(first, last + 1):
        total_w = machines * power_w(parameters, CHILLER, at, carried_w / machines)
        if total_w < _TIED * least_w:  # cycling machines draw the same however many they are
            least_w = total_w
            trial[MACHINES] = machines
    trial[POWER_W] = least_w
    trial[CARRIED_W] = carried_w
    trial[BEYOND] = at[5]
    trial[SHORT] = 1.0 if fewest > trains else 0.0


@compiled_apart
def range_k(parameters: Any, heat_w: float, trains: int, cells: float, trial: Any) -> float:
    """Return by how much the towers cool their water [K] to reject what was tried: heat, compressors and pumps."""
    carried_w = trial[CARRIED_W] if heat_w == math.inf else heat_w
    rejected_w = carried_w + trial[POWER_W] + trains * parameters[TRAIN_PUMP_W]
    return float(rejected_w / (WATER_J_PER_KG_K * cells * parameters[TOWER + WATER_KG_PER_S]))


@compiled_apart
def find_water_c(
    parameters: Any, supply_c: float, heat_w: float, trains: int, economizer: bool, wet_bulb_c: float,
    pressure_pa: float, entering: float, cells: float, colder_c: float, spent_w: float, limit_w: float, trial: Any,
) -> float:  # fmt: skip
    """Return the water [°C] that towers give with fans at full speed, which is warmer than `colder_c`.

    By secants of the logarithms of reach and approach, nearly straight, within a bracket. Infinite where it is too hot
    for the chillers by far, and once compressors must draw so much that with `spent_w` for pumps and fans the power
    reaches `limit_w`: hotter water never lets them draw less.
    """
    low, high = max(colder_c, wet_bulb_c), math.inf
    # A first guess of the approach, from that of the design day by wet bulb and heat, or from what was found before.
    below_k = parameters[TOWER + DESIGN_WET_BULB_C] - wet_bulb_c
    guess_w = trains * parameters[CHILLER + HOT_CAPACITY_W] if heat_w == math.inf else heat_w
    water_w_per_k = WATER_J_PER_KG_K * cells * parameters[TOWER + WATER_KG_PER_S]
    guess_k = (_REJECTED_FREELY if economizer else _REJECTED) * guess_w / water_w_per_k
    if trial[FOUND_RANGE_K] > 0.0:
        approach_k, known_k = trial[FOUND_APPROACH_K], trial[FOUND_RANGE_K]
    else:
        colder = math.exp((_APPROACH_PER_K + _APPROACH_PER_K_K * below_k) * below_k)
        approach_k, known_k = parameters[TOWER_APPROACH_K] * colder, parameters[TOWER_RANGE_K]
    approach_k *= math.pow(guess_k / known_k, _RANGE_EXPONENT + _RANGE_EXPONENT_PER_K * below_k)
    # With a limit most are given up: water that is surely too cold shows it at once.
    water_c = wet_bulb_c + (approach_k if limit_w == math.inf else _LOW * approach_k)
    if water_c <= low:
        water_c = low + _STEP_K
    last_approach, last_reached, last_step_k = 0.0, math.inf, math.inf
    for _ in range(_STEPS):
        run_chillers(parameters, supply_c, water_c, heat_w, trains, economizer, trial)
        cooled_k = range_k(parameters, heat_w, trains, cells, trial)
        over = reach(parameters, TOWER, water_c, cooled_k, wet_bulb_c, pressure_pa, entering, 1.0) - 1.0
        if over < 0.0:
            low = trial[COLD_C] = water_c
            trial[COLD_RANGE_K] = cooled_k
            if spent_w + trial[POWER_W] >= limit_w or water_c + cooled_k > _HOTTER * parameters[HOTTEST_C]:
                return math.inf
        else:
            high = water_c
        if abs(over) <= _CLOSE:
            break
        guess_c = math.inf
        if over > -1.0:
            approach, reached = math.log(water_c - wet_bulb_c), math.log(1.0 + over)
            exponent = _REACH_EXPONENT
            if last_reached < math.inf and reached != last_reached:
                exponent = (last_approach - approach) / (reached - last_reached)
            guess_c = wet_bulb_c + math.exp(approach + exponent * reached)
            last_approach, last_reached = approach, reached
        if not low < guess_c < high:
            guess_c = 0.5 * (low + high) if high < math.inf else low + 8.0
        step_k = abs(guess_c - water_c)
        water_c = guess_c
        # A secant's error is about the product of the last two, times a curvature below 1 per kelvin.
        if step_k * min(last_step_k, 1.0) <= _CLOSE_K:
            break
        last_step_k = step_k
    run_chillers(parameters, supply_c, water_c, heat_w, trains, economizer, trial)
    trial[COLD_C] = water_c - _CLEARLY_K
    trial[COLD_RANGE_K] = trial[FOUND_RANGE_K] = range_k(parameters, heat_w, trains, cells, trial)
    trial[FOUND_APPROACH_K] = water_c - wet_bulb_c
    return float(water_c)


@compiled_apart
def run_trains(
    parameters: Any, supply_c: float, heat_w: float, trains: int, economizer: bool, wet_bulb_c: float,
    pressure_pa: float, entering: float, cells: float, wanted_c: float, limit_w: float, trial: Any,
) -> float:  # fmt: skip
    """Fill `trial` and return the power [W] of compressors, fans and condenser pumps together.

    Infinite where the trains can not carry the heat, or where the power is surely not below `limit_w`.
    """
    full_w = cells * parameters[TOWER + FULL_FAN_W]
    pumps_w = trains * parameters[TRAIN_PUMP_W]
    trial[MISSED] = 0.0
    # Water is never colder than the wet bulb, and compressors draw least with the coldest.
    coldest_c = max(wanted_c, wet_bulb_c)
    run_chillers(parameters, supply_c, coldest_c, heat_w, trains, economizer, trial)
    left_w = limit_w - pumps_w - trial[POWER_W]
    if trial[SHORT] > 0.0 or left_w <= 0.0:
        return math.inf
    cooled_k = range_k(parameters, heat_w, trains, cells, trial)
    trial[WATER_C] = wanted_c
    if coldest_c + cooled_k > _SLACK * parameters[HOTTEST_C]:
        return math.inf
    # Fans that draw what is left move so much air; if that is too little, they would draw more.
    most = 1.0
    if left_w < full_w:
        most = max((left_w / full_w) ** (1.0 / 3.0), parameters[TOWER + FLOOR_SPEED])
    air = math.inf
    if wanted_c > trial[COLD_C] or cooled_k < trial[COLD_RANGE_K]:
        air = air_share(parameters, TOWER, wanted_c, cooled_k, wet_bulb_c, pressure_pa, entering, most)
    if air <= 1.0:
        if most < 1.0 and air >= most:
            return math.inf
        trial[AIR_SHARE] = air
        trial[TRIAL_FAN_W] = cells * fan_power_w(
            parameters[TOWER + FULL_FAN_W], air, parameters[TOWER + FLOOR_SPEED], parameters[TOWER + NATURAL_SHARE]
        )
    else:
        trial[MISSED] = 1.0
        if left_w <= full_w:
            return math.inf
        colder_c = wanted_c
        if trial[COLD_C] > coldest_c:
            run_chillers(parameters, supply_c, trial[COLD_C], heat_w, trains, economizer, trial)
            if range_k(parameters, heat_w, trains, cells, trial) >= trial[COLD_RANGE_K]:
                if pumps_w + full_w + trial[POWER_W] >= limit_w:
                    return math.inf
                colder_c = trial[COLD_C]
        found_c = find_water_c(
            parameters, supply_c, heat_w, trains, economizer, wet_bulb_c, pressure_pa, entering, cells, colder_c,
            pumps_w + full_w, limit_w, trial,
        )  # fmt: skip
        if found_c == math.inf or trial[SHORT] > 0.0:
            return math.inf
        if found_c + range_k(parameters, heat_w, trains, cells, trial) > _SLACK * parameters[HOTTEST_C]:
            return math.inf
        trial[WATER_C] = found_c
        trial[AIR_SHARE] = 1.0
        trial[TRIAL_FAN_W] = full_w
    return float(pumps_w + trial[POWER_W] + trial[TRIAL_FAN_W])
