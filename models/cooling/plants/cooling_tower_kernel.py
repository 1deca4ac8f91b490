"""Tower cells that cool a water loop through plate exchangers, without a chiller."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...compiled import compiled_apart, compiled_as
from ..false_position_kernel import CLOSE, MOST_STEPS, between, narrowed
from ..merkel_kernel import WATER_J_PER_KG_K, saturated_enthalpy_j_per_kg
from ..tower_kernel import (
    CLAMPED,
    EVAPORATION_KG_PER_S,
    FAN_W,
    TOWER_ANSWERED,
    TOWER_PARAMETERS,
    WATER_KG_PER_S,
    reach,
    work_tower,
)
from . import operation_kernel as column
from .plate_exchanger_kernel import cold_end_difference_k, mean_difference_k

# After the tower's own parameters, all of one cell with its exchanger and pumps: the heat it is built for and the most
# that its loop pump can move, tower pump power, loop pump power over heat, the loop's temperature difference, and the
# exchanger's logarithmic mean difference by design.
(
    UNIT_W, MOST_UNIT_W, TOWER_PUMP_W, LOOP_PUMP_SHARE, LOOP_DIFFERENCE_K, EXCHANGER_MEAN_K,
) = range(TOWER_PARAMETERS, TOWER_PARAMETERS + 6)  # fmt: skip
PARAMETERS = TOWER_PARAMETERS + 6
_SLACK = 1e-9


@compiled_apart
def wanted_water_c(parameters: Any, supply_c: float, unit_w: float) -> float:
    """Return the tower water [°C] with which a unit that takes `unit_w` from the loop returns it at `supply_c`.

    The loop's pumps add their heat before the exchanger, the tower's before it on the other side.
    """
    water_w_per_k = WATER_J_PER_KG_K * parameters[WATER_KG_PER_S]
    more = 1.0 + parameters[LOOP_PUMP_SHARE]
    mean_k = mean_difference_k(unit_w / parameters[UNIT_W], parameters[EXCHANGER_MEAN_K])
    warm_fall_k = parameters[LOOP_DIFFERENCE_K] * more
    difference_k = cold_end_difference_k(warm_fall_k, unit_w * more / water_w_per_k, mean_k)
    return float(supply_c - difference_k - parameters[TOWER_PUMP_W] / water_w_per_k)


@compiled_apart
def tower_heat_w(parameters: Any, unit_w: float) -> float:
    """Return the heat [W] that a cell takes out of its water: that of the loop, and of both pumps."""
    return float(unit_w * (1.0 + parameters[LOOP_PUMP_SHARE]) + parameters[TOWER_PUMP_W])


@compiled_apart
def excess(parameters: Any, supply_c: float, unit_w: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Return by what share of the duty a cell at full speed can do more than take `unit_w` from the loop."""
    range_k = tower_heat_w(parameters, unit_w) / (WATER_J_PER_KG_K * parameters[WATER_KG_PER_S])
    water_c = wanted_water_c(parameters, supply_c, unit_w)
    entering = saturated_enthalpy_j_per_kg(wet_bulb_c, pressure_pa)
    return reach(parameters, 0, water_c, range_k, wet_bulb_c, pressure_pa, entering, 1.0) - 1.0


@compiled_apart
def unit_capacity_w(parameters: Any, supply_c: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Return the most heat [W] that a unit takes while it holds the supply, by false position (Illinois)."""
    high = parameters[MOST_UNIT_W]
    of_high = excess(parameters, supply_c, high, wet_bulb_c, pressure_pa)
    if of_high >= 0.0:
        return float(high)
    low = 0.0
    of_low = excess(parameters, supply_c, _SLACK * high, wet_bulb_c, pressure_pa)
    if of_low <= 0.0:
        return 0.0
    # More units had than asked by far at little heat: the inverse is nearly straight.
    of_low = 1.0
    side = 0
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE * parameters[MOST_UNIT_W]:
            break
        middle = between(low, of_low, high, of_high)
        of_middle = excess(parameters, supply_c, middle, wet_bulb_c, pressure_pa)
        of_middle = of_middle / (1.0 + max(of_middle, 0.0))
        if abs(of_middle) <= CLOSE:
            return float(middle)
        low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
    return float(low)


@compiled_apart
def work_cells(parameters: Any, asked: Any, row: int, unit_w: float, cells: float, answer: Any) -> None:
    """Fill `answer` with how `cells` cells work that each take `unit_w` from the loop."""
    work_tower(
        parameters,
        0,
        cells * tower_heat_w(parameters, unit_w),
        wanted_water_c(parameters, asked[row, column.SUPPLY_C], unit_w),
        asked[row, column.DRY_BULB_C],
        asked[row, column.WET_BULB_C],
        asked[row, column.PRESSURE_PA],
        cells,
        answer,
    )


@compiled_as(column.OPERATE_SIGNATURE)
def operate(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill what the plant answers, row by row.

    Of the numbers of cells that hold the supply the one runs that draws least, all equally loaded: since with each the
    power rises with wet bulb and heat, and each stays able only up to its capacity, so does the least of them. Pumps
    of a loop that is too warm run for the heat asked, not for that removed.
    """
    answer = np.zeros(TOWER_ANSWERED)
    best = np.zeros(TOWER_ANSWERED)
    for row in range(len(asked)):
        units = asked[row, column.UNITS]
        heat_w = asked[row, column.HEAT_W]
        supply_c = asked[row, column.SUPPLY_C]
        wet_bulb_c = asked[row, column.WET_BULB_C]
        unit_w = unit_capacity_w(parameters, supply_c, wet_bulb_c, asked[row, column.PRESSURE_PA])
        capacity_w = units * unit_w
        removed_w = min(heat_w, capacity_w)
        for index in range(column.ANSWERED):
            answered[row, index] = 0.0
        answered[row, column.CAPACITY_W] = capacity_w
        answered[row, column.REMOVED_W] = removed_w
        answered[row, column.FREE_W] = removed_w
        if heat_w <= 0.0 or units <= 0.0:
            continue
        loop_w = parameters[LOOP_PUMP_SHARE] * min(heat_w, units * parameters[MOST_UNIT_W])
        tower_w = parameters[TOWER_PUMP_W]
        running = units
        if removed_w < heat_w:
            # Fans at full speed, as just before the supply was lost; the tower gets what they remove.
            work_cells(parameters, asked, row, max(unit_w, _SLACK * parameters[UNIT_W]), units, best)
        else:
            running = min(max(math.ceil(heat_w / unit_w * (1.0 - _SLACK)), 1.0), units)
            work_cells(parameters, asked, row, heat_w / running, running, best)
            cells = running + 1.0
            while cells <= units and cells * tower_w < best[FAN_W] + running * tower_w:
                work_cells(parameters, asked, row, heat_w / cells, cells, answer)
                if answer[FAN_W] + cells * tower_w < best[FAN_W] + running * tower_w:
                    running = cells
                    for index in range(TOWER_ANSWERED):
                        best[index] = answer[index]
                cells += 1.0
        answered[row, column.FAN_W] = best[FAN_W]
        answered[row, column.PUMP_W] = loop_w + running * tower_w
        for index in range(3):  # evaporation, blowdown and drift follow each other in both answers
            answered[row, column.EVAPORATION_KG_PER_S + index] = best[EVAPORATION_KG_PER_S + index]
        answered[row, column.RUNNING] = running
        answered[row, column.CLAMPED] = best[CLAMPED]
