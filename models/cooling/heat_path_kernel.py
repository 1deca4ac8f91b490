"""How heat comes to a plant: what a path is asked, what it wants of the plant, and what comes of it."""

from __future__ import annotations

from typing import Any

from numba import types

from ..compiled import compiled_as
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
# carries away without the plant, movers' included, OUTDOOR_CAPACITY the most that it could.
(
    MOVER_W, PATH_CAPACITY_W, OUTDOOR_W, OUTDOOR_CAPACITY_W, HUMIDIFIER_W, EVAPORATION_KG_PER_S,
    HUMIDIFICATION_KG_PER_S, CLAMPED,
) = range(8)  # fmt: skip
WANTED = 8

ASK_SIGNATURE = types.void(types.float64[::1], types.float64[:, ::1], types.float64[:, ::1], types.float64[:, ::1])
"""`ask(parameters, asked, wanted, plant_asked)`: fill `wanted`, and what the plant is asked, from `asked`."""

AIR, LIQUID = range(2)
# What comes of both paths together, one row a column of `CoolingOperation`.
(
    COMPRESSOR_SUM, REJECTION_FAN_SUM, PLANT_PUMP_SUM, TREATMENT_SUM, AIR_FAN, CDU_PUMP, HUMIDIFICATION_POWER,
    EVAPORATION_SUM, BLOWDOWN_SUM, DRIFT_SUM, HUMIDIFICATION_WATER, AIR_CAPACITY, LIQUID_CAPACITY, AIR_REMOVED,
    LIQUID_REMOVED, FREE_SUM, RUNNING_SUM, EXTRAPOLATED_ANY, CLAMPED_ANY,
) = range(19)  # fmt: skip
ANSWERED = 19

_ROWS = types.float64[:, ::1]


@compiled_as(types.void(types.int64, _ROWS, _ROWS, _ROWS, _ROWS))
def answer(path: int, asked: Any, wanted: Any, plant_answered: Any, answered: Any) -> None:
    """Add what comes of one path, AIR or LIQUID, to `answered`, shape (ANSWERED, n).

    The plant's capacity is for heat that includes the movers'. Where nothing takes heat away and the movers run, the
    path's capacity is their heat, negative.
    """
    for row in range(len(asked)):
        mover_w = wanted[row, MOVER_W]
        limit_w = wanted[row, OUTDOOR_CAPACITY_W] + plant_answered[row, plant.CAPACITY_W] - mover_w
        capacity_w = min(wanted[row, PATH_CAPACITY_W], limit_w)
        answered[COMPRESSOR_SUM, row] += plant_answered[row, plant.COMPRESSOR_W]
        answered[REJECTION_FAN_SUM, row] += plant_answered[row, plant.FAN_W]
        answered[PLANT_PUMP_SUM, row] += plant_answered[row, plant.PUMP_W]
        answered[TREATMENT_SUM, row] += plant_answered[row, plant.TREATMENT_W]
        answered[AIR_FAN + path, row] = mover_w
        answered[HUMIDIFICATION_POWER, row] += wanted[row, HUMIDIFIER_W]
        evaporation = plant_answered[row, plant.EVAPORATION_KG_PER_S] + wanted[row, EVAPORATION_KG_PER_S]
        answered[EVAPORATION_SUM, row] += evaporation
        answered[BLOWDOWN_SUM, row] += plant_answered[row, plant.BLOWDOWN_KG_PER_S]
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
