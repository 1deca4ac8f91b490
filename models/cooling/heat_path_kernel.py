"""How heat comes to a plant: what a path is asked, what it wants of the plant, and what comes of it."""

from __future__ import annotations

from typing import Any

from numba import types

from ..compiled import compiled, compiled_as
from .plants import operation_kernel as plant

# What is asked. HEAT is what the path gets before its own fans or pumps, SUPPLY the temperature of the air or coolant
# that the computers get; UNITS are the path's machines (air handlers, coolant distribution units) that work.
(
    HEAT_W, SUPPLY_C, DRY_BULB_C, RELATIVE_HUMIDITY, WET_BULB_C, PRESSURE_PA, UNITS, PLANT_UNITS, PLANT_TOWERS,
    ECONOMIZER,
) = range(10)  # fmt: skip
ASKED = 10

# What is wanted. MOVER is the power of fans or pumps, all of it heat in what they move. PATH_CAPACITY is the most heat
# that the path can take at SUPPLY, less its movers', if the plant could do anything; OUTDOOR the heat that outside air
# carries away without the plant, movers' included; PLANT_SHARE how much of more heat would be the plant's to take.
# OUTDOOR_FAN is the power of fans that blow only outside air, WATER_PUMP that of pumps of humidifiers and pads.
(
    MOVER_W, PATH_CAPACITY_W, OUTDOOR_W, PLANT_SHARE, OUTDOOR_FAN_W, WATER_PUMP_W, EVAPORATION_KG_PER_S,
    BLOWDOWN_KG_PER_S, HUMIDIFICATION_KG_PER_S, CLAMPED,
) = range(10)  # fmt: skip
WANTED = 10

ASK_SIGNATURE = types.void(types.float64[::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1])
"""`ask(parameters, asked, wanted, plant_asked)`: fill `wanted`, and what the plant is asked, from `asked`."""

AIR, LIQUID = range(2)
# What comes of both paths together, one row a column of `CoolingOperation`.
(
    COMPRESSOR_SUM, REJECTION_FAN_SUM, PLANT_PUMP_SUM, TREATMENT_SUM, AIR_FAN, CDU_PUMP, WATER_PUMP,
    EVAPORATION_SUM, BLOWDOWN_SUM, DRIFT_SUM, HUMIDIFICATION_WATER, AIR_CAPACITY, LIQUID_CAPACITY, AIR_REMOVED,
    LIQUID_REMOVED, FREE_SUM, RUNNING_SUM, EXTRAPOLATED_ANY, CLAMPED_ANY,
) = range(19)  # fmt: skip
ANSWERED = 19

_ROWS = types.float64[:, ::1]


@compiled
def ask_plant(asked: Any, plant_asked: Any, row: int, heat_w: float, supply_c: float) -> None:
    """Fill a row of what the plant is asked."""
    plant_asked[row, plant.HEAT_W] = heat_w
    plant_asked[row, plant.SUPPLY_C] = supply_c
    plant_asked[row, plant.DRY_BULB_C] = asked[row, DRY_BULB_C]
    plant_asked[row, plant.WET_BULB_C] = asked[row, WET_BULB_C]
    plant_asked[row, plant.PRESSURE_PA] = asked[row, PRESSURE_PA]
    plant_asked[row, plant.UNITS] = asked[row, PLANT_UNITS]
    plant_asked[row, plant.TOWERS] = asked[row, PLANT_TOWERS]
    plant_asked[row, plant.ECONOMIZER] = asked[row, ECONOMIZER]


@compiled
def path_capacity_w(heat_w: float, most_w: float, plant_share: float, plant_left_w: float) -> float:
    """Return the most heat [W] that a path takes, net of its movers.

    Of `most_w`, what the path itself could, so much as its plant allows: the plant has `plant_left_w` left beyond what
    it is asked for at `heat_w`, below 0 where it can not do that, and takes `plant_share` of any further heat. Where
    movers run and nothing takes heat away the capacity is their heat, negative.
    """
    taken_w = min(max(heat_w, 0.0), most_w)
    if plant_left_w < 0.0:
        return taken_w + plant_left_w
    if plant_left_w >= (most_w - taken_w) * plant_share:
        return most_w
    return taken_w + plant_left_w / plant_share


@compiled_as(types.void(types.int64, _ROWS, _ROWS, _ROWS, _ROWS, _ROWS))
def answer(path: int, asked: Any, wanted: Any, plant_asked: Any, plant_answered: Any, answered: Any) -> None:
    """Add what comes of one path, AIR or LIQUID, to `answered`, shape (ANSWERED, n)."""
    for row in range(len(asked)):
        mover_w = wanted[row, MOVER_W]
        plant_left_w = plant_answered[row, plant.CAPACITY_W] - plant_asked[row, plant.HEAT_W]
        capacity_w = path_capacity_w(
            asked[row, HEAT_W], wanted[row, PATH_CAPACITY_W], wanted[row, PLANT_SHARE], plant_left_w
        )
        answered[COMPRESSOR_SUM, row] += plant_answered[row, plant.COMPRESSOR_W]
        answered[REJECTION_FAN_SUM, row] += plant_answered[row, plant.FAN_W] + wanted[row, OUTDOOR_FAN_W]
        answered[PLANT_PUMP_SUM, row] += plant_answered[row, plant.PUMP_W]
        answered[TREATMENT_SUM, row] += plant_answered[row, plant.TREATMENT_W]
        answered[AIR_FAN + path, row] = mover_w
        answered[WATER_PUMP, row] += wanted[row, WATER_PUMP_W]
        evaporation = plant_answered[row, plant.EVAPORATION_KG_PER_S] + wanted[row, EVAPORATION_KG_PER_S]
        answered[EVAPORATION_SUM, row] += evaporation
        blowdown = plant_answered[row, plant.BLOWDOWN_KG_PER_S] + wanted[row, BLOWDOWN_KG_PER_S]
        answered[BLOWDOWN_SUM, row] += blowdown
        answered[DRIFT_SUM, row] += plant_answered[row, plant.DRIFT_KG_PER_S]
        answered[HUMIDIFICATION_WATER, row] += wanted[row, HUMIDIFICATION_KG_PER_S]
        answered[AIR_CAPACITY + path, row] = capacity_w
        answered[AIR_REMOVED + path, row] = min(asked[row, HEAT_W], capacity_w)
        answered[FREE_SUM, row] += wanted[row, OUTDOOR_W] + plant_answered[row, plant.FREE_W]
        answered[RUNNING_SUM, row] += plant_answered[row, plant.RUNNING]
        extrapolated = plant_answered[row, plant.EXTRAPOLATED]
        clamped = max(plant_answered[row, plant.CLAMPED], wanted[row, CLAMPED])
        answered[EXTRAPOLATED_ANY, row] = max(answered[EXTRAPOLATED_ANY, row], extrapolated)
        answered[CLAMPED_ANY, row] = max(answered[CLAMPED_ANY, row], clamped)
