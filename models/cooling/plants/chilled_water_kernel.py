"""Water-cooled chillers, towers, pumps and a water-side economizer, hour by hour.

A train is a chiller with its condenser water pump and its tower cells. Trains that run share the heat equally; with
the economizer on, their towers cool the exchanger first and chillers take what is left. The number of trains, and
whether the economizer runs, is that of least power, all that are there, or the fewest that suffice.

Towers aim at a temperature below which compressors draw no less, or at what the exchanger needs. Where fans at full
speed do not reach it, water temperature and heat rejected depend on each other and are found together.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...compiled import compiled_apart, compiled_as
from ..chiller_kernel import (
    CHILLER_PARAMETERS,
    FIXED,
    GREATEST_X_C,
    HOT_CAPACITY_W,
    LEAST_Y_C,
    SEQUENTIAL,
    chiller_at,
    counted_capacity_w,
    power_w,
)
from ..merkel_kernel import WATER_J_PER_KG_K
from ..tower_kernel import (
    CLAMPED,
    DESIGN_WET_BULB_C,
    EVAPORATION_KG_PER_S,
    FLOOR_SPEED,
    FULL_FAN_W,
    NATURAL_SHARE,
    TOWER_ANSWERED,
    WATER_KG_PER_S,
    air_share,
    answer_tower,
    fan_power_w,
    reach,
)
from . import operation_kernel as column

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
# where fans at full speed do not make the water that was wanted.
POWER_W, MACHINES, FREE_SHARE, BEYOND, CARRIED_W, SHORT, MISSED, WATER_C, AIR_SHARE, TRIAL_FAN_W = range(10)
TRIAL = 10

_STEPS = 60
_CLOSE = 1e-13
_CLOSE_K = 1e-11
_SLACK = 1.0 + 1e-9
_HOTTER = 1.5
# For first guesses: a tower's approach rises by about so much of itself a kelvin below the design wet bulb, and what a
# tower can do rises with about the 1.5th power of its approach; heat rejected over heat carried.
_APPROACH_PER_K = 0.04
_REACH_EXPONENT = -2.0 / 3.0
_REJECTED = 1.1
_FLAT = 1.0 + 1e-6


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
        if total_w < least_w:
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
    pressure_pa: float, cells: float, colder_c: float, spent_w: float, limit_w: float, trial: Any,
) -> float:  # fmt: skip
    """Return the water [°C] that towers give with fans at full speed, which is warmer than `colder_c`.

    By secants within a bracket. Infinite where it is too hot for the chillers by far, and once compressors must draw so
    much that with `spent_w` for pumps and fans the power reaches `limit_w`: hotter water never lets them draw less.
    """
    low, high = max(colder_c, wet_bulb_c), math.inf
    # A first guess of the approach from that of the design day, by wet bulb and by heat.
    below_k = parameters[TOWER + DESIGN_WET_BULB_C] - wet_bulb_c
    guess_w = trains * parameters[CHILLER + HOT_CAPACITY_W] if heat_w == math.inf else heat_w
    water_w_per_k = WATER_J_PER_KG_K * cells * parameters[TOWER + WATER_KG_PER_S]
    load = _REJECTED * guess_w / (water_w_per_k * parameters[TOWER_RANGE_K])
    approach_k = parameters[TOWER_APPROACH_K] * math.exp(_APPROACH_PER_K * below_k) * math.pow(load, -_REACH_EXPONENT)
    water_c = wet_bulb_c + approach_k
    if water_c <= low:
        water_c = low + 1.0
    last_c, last_over, last_step_k = low, -math.inf, math.inf
    for _ in range(_STEPS):
        run_chillers(parameters, supply_c, water_c, heat_w, trains, economizer, trial)
        cooled_k = range_k(parameters, heat_w, trains, cells, trial)
        over = reach(parameters, TOWER, water_c, cooled_k, wet_bulb_c, pressure_pa, 1.0) - 1.0
        if over < 0.0:
            if spent_w + trial[POWER_W] >= limit_w or water_c + cooled_k > _HOTTER * parameters[HOTTEST_C]:
                return math.inf
            low = water_c
        else:
            high = water_c
        if abs(over) <= _CLOSE:
            break
        if last_over == -math.inf and over > -1.0:
            guess_c = wet_bulb_c + (water_c - wet_bulb_c) * (1.0 + over) ** _REACH_EXPONENT
        elif over != last_over:
            guess_c = water_c - over * (water_c - last_c) / (over - last_over)
        else:
            guess_c = math.inf
        if not low < guess_c < high:
            guess_c = 0.5 * (low + high) if high < math.inf else low + 8.0
        step_k = abs(guess_c - water_c)
        last_c, last_over = water_c, over
        water_c = guess_c
        # A secant's error is about the product of the last two, times a curvature below 1 per kelvin.
        if step_k * min(last_step_k, 1.0) <= _CLOSE_K:
            break
        last_step_k = step_k
    run_chillers(parameters, supply_c, water_c, heat_w, trains, economizer, trial)
    return float(water_c)


@compiled_apart
def run_trains(
    parameters: Any, supply_c: float, heat_w: float, trains: int, economizer: bool, wet_bulb_c: float,
    pressure_pa: float, cells: float, wanted_c: float, limit_w: float, trial: Any,
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
    if reach(parameters, TOWER, wanted_c, cooled_k, wet_bulb_c, pressure_pa, 1.0) >= 1.0:
        if left_w < full_w:
            # Fans that draw what is left move so much air; if that is too little, they would draw more.
            air = max((left_w / full_w) ** (1.0 / 3.0), parameters[TOWER + FLOOR_SPEED])
            if reach(parameters, TOWER, wanted_c, cooled_k, wet_bulb_c, pressure_pa, air) < 1.0:
                return math.inf
        air = air_share(parameters, TOWER, wanted_c, cooled_k, wet_bulb_c, pressure_pa)
        trial[AIR_SHARE] = air
        trial[TRIAL_FAN_W] = cells * fan_power_w(
            parameters[TOWER + FULL_FAN_W], air, parameters[TOWER + FLOOR_SPEED], parameters[TOWER + NATURAL_SHARE]
        )
    else:
        trial[MISSED] = 1.0
        if left_w <= full_w:
            return math.inf
        found_c = find_water_c(
            parameters, supply_c, heat_w, trains, economizer, wet_bulb_c, pressure_pa, cells, wanted_c,
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


@compiled_apart
def useful_water_c(parameters: Any, supply_c: float) -> float:
    """Return the warmest condenser water [°C] with which full compressors draw no more than with the coldest."""
    low = parameters[COLDEST_C]
    if parameters[IS_STATED] > 0.0 or supply_c <= parameters[CHILLER + GREATEST_X_C]:
        return float(low)
    heat_w = parameters[CHILLER + HOT_CAPACITY_W]
    least_w = _FLAT * power_w(parameters, CHILLER, chiller_at(parameters, CHILLER, supply_c, low), heat_w)
    high = max(parameters[HOTTEST_C], low)
    for _ in range(_STEPS):
        if high - low <= 1e-9:
            break
        middle = 0.5 * (low + high)
        if power_w(parameters, CHILLER, chiller_at(parameters, CHILLER, supply_c, middle), heat_w) <= least_w:
            low = middle
        else:
            high = middle
    return float(low)


@compiled_apart
def greatest_heat_w(
    parameters: Any, supply_c: float, trains: int, wet_bulb_c: float, pressure_pa: float, cells: float, trial: Any
) -> float:
    """Return the heat [W] that chillers can take with fans at full speed, pumps of the chilled water included.

    Limited by the chillers at the water that the towers then give, or by the towers: what leaves the condensers may be
    no hotter than the chillers stand.
    """
    if trains < 1 or cells <= 0.0:
        return 0.0
    hottest_c = parameters[HOTTEST_C]
    water_c = parameters[COLDEST_C]
    reached = False
    if wet_bulb_c < water_c:
        run_chillers(parameters, supply_c, water_c, math.inf, trains, False, trial)
        cooled_k = range_k(parameters, math.inf, trains, cells, trial)
        reached = reach(parameters, TOWER, water_c, cooled_k, wet_bulb_c, pressure_pa, 1.0) >= 1.0
    if not reached:
        water_c = find_water_c(
            parameters, supply_c, math.inf, trains, False, wet_bulb_c, pressure_pa, cells, water_c, 0.0, math.inf,
            trial,
        )  # fmt: skip
    if water_c < math.inf and water_c + range_k(parameters, math.inf, trains, cells, trial) <= hottest_c:
        return float(trial[CARRIED_W])
    low, high = 0.0, float(trial[CARRIED_W])
    for _ in range(_STEPS):
        middle = 0.5 * (low + high)
        water_c, cooled_k = hottest_c, 0.0
        for _ in range(8):  # power hardly depends on these few kelvins: each step leaves a tenth of the error
            run_chillers(parameters, supply_c, water_c, middle, trains, False, trial)
            cooled_k = range_k(parameters, middle, trains, cells, trial)
            water_c = hottest_c - cooled_k
        if water_c > wet_bulb_c and reach(parameters, TOWER, water_c, cooled_k, wet_bulb_c, pressure_pa, 1.0) >= 1.0:
            low = middle
        else:
            high = middle
    return float(low)


@compiled_apart
def choose_trains(
    parameters: Any, supply_c: float, removed_w: float, units: int, towers: float, free: bool, wet_bulb_c: float,
    pressure_pa: float, useful_c: float, trial: Any, best: Any,
) -> None:  # fmt: skip
    """Fill `best`, shape (TRIAL + 2,), with the trial of the staging, then the trains that run and the economizer."""
    heat_w = (1.0 + parameters[CHILLED_PUMP_SHARE]) * removed_w
    exchanger_w = parameters[EXCHANGER_PUMP_SHARE] * removed_w
    staging = parameters[STAGING]
    least_w = math.inf
    each_w = counted_capacity_w(parameters, CHILLER, supply_c, parameters[COLDEST_C])
    for step in range(units):
        trains = step + 1 if staging == SEQUENTIAL else units - step
        cells = min(trains * parameters[CELLS_PER_TRAIN], towers)
        # The exchanger's approach holds while its colder side carries no less water than its warmer one.
        most_w = cells * parameters[TOWER + WATER_KG_PER_S] * WATER_J_PER_KG_K * parameters[RETURN_RISE_K]
        flows = free and heat_w + exchanger_w <= most_w
        if not flows and trains * each_w * _SLACK < heat_w:
            if staging == SEQUENTIAL:
                continue
            break
        if flows:
            total_w = exchanger_w + run_trains(
                parameters, supply_c, heat_w + exchanger_w, trains, True, wet_bulb_c, pressure_pa, cells,
                supply_c - parameters[EXCHANGER_APPROACH_K], least_w - exchanger_w, trial,
            )  # fmt: skip
            if total_w < least_w:
                least_w = total_w
                keep(trial, best, trains, 1.0)
        # Without it towers aim at the useful water or the coldest; each rises with load, so does the lesser of them.
        total_w = run_trains(
            parameters, supply_c, heat_w, trains, False, wet_bulb_c, pressure_pa, cells, useful_c, least_w, trial
        )
        if total_w < least_w:
            least_w = total_w
            keep(trial, best, trains, 0.0)
        if useful_c > parameters[COLDEST_C] and trial[MISSED] == 0.0:
            total_w = run_trains(
                parameters, supply_c, heat_w, trains, False, wet_bulb_c, pressure_pa, cells, parameters[COLDEST_C],
                least_w, trial,
            )  # fmt: skip
            if total_w < least_w:
                least_w = total_w
                keep(trial, best, trains, 0.0)
        if staging == FIXED or (staging == SEQUENTIAL and least_w < math.inf):
            break


@compiled_apart
def keep(trial: Any, best: Any, trains: int, economizer: float) -> None:
    """Copy a trial to the best so far."""
    for index in range(TRIAL):
        best[index] = trial[index]
    best[TRIAL] = trains
    best[TRIAL + 1] = economizer


@compiled_as(column.OPERATE_SIGNATURE)
def operate(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill what the plant answers, row by row."""
    trial, best = np.zeros(TRIAL), np.zeros(TRIAL + 2)
    tower = np.zeros(TOWER_ANSWERED)
    last_supply_c, useful_c = math.inf, 0.0
    for row in range(len(asked)):
        supply_c, wet_bulb_c, pressure_pa = (
            asked[row, column.SUPPLY_C],
            asked[row, column.WET_BULB_C],
            asked[row, column.PRESSURE_PA],
        )
        units, towers = int(asked[row, column.UNITS]), asked[row, column.TOWERS]
        for index in range(column.ANSWERED):
            answered[row, index] = 0.0
        if supply_c != last_supply_c:
            useful_c = useful_water_c(parameters, supply_c)
            last_supply_c = supply_c
        more = 1.0 + parameters[CHILLED_PUMP_SHARE]
        cells = min(units * parameters[CELLS_PER_TRAIN], towers)
        capacity_w = greatest_heat_w(parameters, supply_c, units, wet_bulb_c, pressure_pa, cells, trial) / more
        removed_w = min(asked[row, column.HEAT_W], capacity_w)
        answered[row, column.CAPACITY_W] = capacity_w
        if removed_w <= 0.0:
            continue
        warmest_c = supply_c + parameters[RETURN_RISE_K] - parameters[EXCHANGER_APPROACH_K]
        free = parameters[HAS_ECONOMIZER] > 0.0 and asked[row, column.ECONOMIZER] > 0.0 and wet_bulb_c < warmest_c
        choose_trains(
            parameters, supply_c, removed_w, units, towers, free, wet_bulb_c, pressure_pa, useful_c, trial, best
        )
        trains, economizer = best[TRIAL], best[TRIAL + 1]
        pumps_w = trains * parameters[TRAIN_PUMP_W]
        loop_w = (parameters[CHILLED_PUMP_SHARE] + economizer * parameters[EXCHANGER_PUMP_SHARE]) * removed_w
        cells = min(trains * parameters[CELLS_PER_TRAIN], towers)
        cell_w = (removed_w + loop_w + best[POWER_W] + pumps_w) / cells
        cooled_k = cell_w / (WATER_J_PER_KG_K * parameters[TOWER + WATER_KG_PER_S])
        tower[CLAMPED] = 0.0
        answer_tower(
            parameters, TOWER, cells, cell_w, best[WATER_C], cooled_k, best[AIR_SHARE],
            asked[row, column.DRY_BULB_C], wet_bulb_c, pressure_pa, tower,
        )  # fmt: skip
        answered[row, column.COMPRESSOR_W] = best[POWER_W]
        answered[row, column.FAN_W] = best[TRIAL_FAN_W]
        answered[row, column.PUMP_W] = loop_w + pumps_w
        for index in range(3):  # evaporation, blowdown and drift follow each other in both answers
            answered[row, column.EVAPORATION_KG_PER_S + index] = tower[EVAPORATION_KG_PER_S + index]
        answered[row, column.REMOVED_W] = removed_w
        answered[row, column.FREE_W] = best[FREE_SHARE] * removed_w
        answered[row, column.RUNNING] = best[MACHINES]
        answered[row, column.EXTRAPOLATED] = best[BEYOND]
        answered[row, column.CLAMPED] = tower[CLAMPED]
