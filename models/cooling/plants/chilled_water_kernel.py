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
    FIXED,
    GREATEST_X_C,
    HOT_CAPACITY_W,
    SEQUENTIAL,
    chiller_at,
    counted_capacity_w,
    power_w,
)
from ..merkel_kernel import WATER_J_PER_KG_K, saturated_enthalpy_j_per_kg
from ..tower_kernel import (
    CLAMPED,
    EVAPORATION_KG_PER_S,
    TOWER_ANSWERED,
    WATER_KG_PER_S,
    answer_tower,
    reach,
)
from . import operation_kernel as column
from .trains_kernel import (
    AIR_SHARE,
    BEYOND,
    CARRIED_W,
    CELLS_PER_TRAIN,
    CHILLED_PUMP_SHARE,
    CHILLER,
    COLD_C,
    COLD_RANGE_K,
    COLDEST_C,
    EXCHANGER_APPROACH_K,
    EXCHANGER_PUMP_SHARE,
    FOUND_APPROACH_K,
    FOUND_RANGE_K,
    FREE_SHARE,
    HAS_ECONOMIZER,
    HOTTEST_C,
    IS_STATED,
    MACHINES,
    MISSED,
    POWER_W,
    RETURN_RISE_K,
    STAGING,
    TOWER,
    TOWER_APPROACH_K,
    TRAIN_PUMP_W,
    TRIAL,
    TRIAL_FAN_W,
    WATER_C,
    find_water_c,
    range_k,
    run_chillers,
    run_trains,
)

_FLAT = 1.0 + 1e-6
_SLACK = 1.0 + 1e-9
_STEPS = 60


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
    parameters: Any, supply_c: float, trains: int, wet_bulb_c: float, pressure_pa: float, entering: float,
    cells: float, trial: Any,
) -> float:  # fmt: skip
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
        reached = reach(parameters, TOWER, water_c, cooled_k, wet_bulb_c, pressure_pa, entering, 1.0) >= 1.0
    if not reached:
        water_c = find_water_c(
            parameters, supply_c, math.inf, trains, False, wet_bulb_c, pressure_pa, entering, cells, water_c, 0.0,
            math.inf, trial,
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
        if reach(parameters, TOWER, water_c, cooled_k, wet_bulb_c, pressure_pa, entering, 1.0) >= 1.0:
            low = middle
        else:
            high = middle
    return float(low)


@compiled_apart
def choose_trains(
    parameters: Any, supply_c: float, removed_w: float, units: int, towers: float, free: bool, wet_bulb_c: float,
    pressure_pa: float, entering: float, useful_c: float, trial: Any, best: Any,
) -> None:  # fmt: skip
    """Fill `best`, shape (TRIAL + 2,), with the trial of the staging, then the trains that run and the economizer."""
    heat_w = (1.0 + parameters[CHILLED_PUMP_SHARE]) * removed_w
    exchanger_w = parameters[EXCHANGER_PUMP_SHARE] * removed_w
    staging = parameters[STAGING]
    least_w = math.inf
    each_w = counted_capacity_w(parameters, CHILLER, supply_c, parameters[COLDEST_C])
    trial[COLD_C], trial[COLD_RANGE_K] = -math.inf, math.inf
    # What is likely to win goes first, so that little has to be known of the other: half of the heat free or more.
    half_c = supply_c + 0.5 * parameters[RETURN_RISE_K] - parameters[EXCHANGER_APPROACH_K]
    freely = wet_bulb_c + parameters[TOWER_APPROACH_K] <= half_c
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
        for turn in range(2):
            if (turn == 0) == freely:
                if flows:
                    total_w = exchanger_w + run_trains(
                        parameters, supply_c, heat_w + exchanger_w, trains, True, wet_bulb_c, pressure_pa, entering,
                        cells, supply_c - parameters[EXCHANGER_APPROACH_K], least_w - exchanger_w, trial,
                    )  # fmt: skip
                    if total_w < least_w:
                        least_w = total_w
                        keep(trial, best, trains, 1.0)
                continue
            # Without it towers aim at the useful water or the coldest; each rises with load, so does the lesser.
            total_w = run_trains(
                parameters, supply_c, heat_w, trains, False, wet_bulb_c, pressure_pa, entering, cells, useful_c,
                least_w, trial,
            )  # fmt: skip
            if total_w < least_w:
                least_w = total_w
                keep(trial, best, trains, 0.0)
            if useful_c > parameters[COLDEST_C] and trial[MISSED] == 0.0:
                total_w = run_trains(
                    parameters, supply_c, heat_w, trains, False, wet_bulb_c, pressure_pa, entering, cells,
                    parameters[COLDEST_C], least_w, trial,
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
        entering = saturated_enthalpy_j_per_kg(wet_bulb_c, pressure_pa)
        trial[FOUND_APPROACH_K] = trial[FOUND_RANGE_K] = 0.0
        more = 1.0 + parameters[CHILLED_PUMP_SHARE]
        cells = min(units * parameters[CELLS_PER_TRAIN], towers)
        loop_w = greatest_heat_w(parameters, supply_c, units, wet_bulb_c, pressure_pa, entering, cells, trial)
        capacity_w = loop_w / more
        removed_w = min(asked[row, column.HEAT_W], capacity_w)
        answered[row, column.CAPACITY_W] = capacity_w
        if removed_w <= 0.0:
            continue
        warmest_c = supply_c + parameters[RETURN_RISE_K] - parameters[EXCHANGER_APPROACH_K]
        free = parameters[HAS_ECONOMIZER] > 0.0 and asked[row, column.ECONOMIZER] > 0.0 and wet_bulb_c < warmest_c
        choose_trains(
            parameters, supply_c, removed_w, units, towers, free, wet_bulb_c, pressure_pa, entering, useful_c, trial,
            best,
        )  # fmt: skip
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
