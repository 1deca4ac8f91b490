"""Dry coolers, with wet pads before them or without."""

from __future__ import annotations

import math
from typing import Any

from numba import types

from ...compiled import compiled_apart, compiled_as
from ...moist_air.psychrometrics_kernel import humidity_ratio_from_wet_bulb
from ..evaporation_kernel import blowdown_kg_per_s
from ..false_position_kernel import CLOSE, MOST_STEPS, between, narrowed
from ..tower_kernel import fan_power_w
from . import operation_kernel as column
from .plate_exchanger_kernel import cold_end_difference_k

# The parameters of one cooler, flows as heat capacity rates: air at full speed and standard pressure, conductance and
# coolant flow at the rating, fans; the most heat that its pump can move, pump power over heat, the loop's difference;
# the pads' saturation effectiveness (0 without pads), the dry bulb from which they are wet, where that is not finite
# the difference from the supply from which they are, and their cycles.
(
    AIR_W_PER_K, CONDUCTANCE_W_PER_K, COOLANT_W_PER_K, FULL_FAN_W, FLOOR_SPEED, MOST_UNIT_W, PUMP_SHARE,
    LOOP_DIFFERENCE_K, PAD_EFFECTIVENESS, WET_FROM_C, WET_BELOW_SUPPLY_K, CYCLES,
) = range(12)  # fmt: skip
PARAMETERS = 12
STANDARD_PA = 101_325.0
AIR_J_PER_KG_K = 1006.0
# Buildings library, CoolingTowers/Data/DryCooler/BaseClasses/UACorrection.mo: exponents of the flows of coolant and
# air, and the coolant's share of the resistance at the rating, where the air's film conducts half as well.
_COOLANT_EXPONENT, _AIR_EXPONENT, _COOLANT_SHARE = -0.85, -0.8, 1.0 / 3.0


@compiled_apart
def approach_k(parameters: Any, unit_w: float, air: float, pressure_pa: float) -> float:
    """Return the difference [K] between returned coolant and entering air with which a cooler takes `unit_w`.

    Counterflow effectiveness and transfer units, solved for the difference; `air` is the share of full speed's flow,
    whose mass falls with the site's pressure. It rises with heat and falls with air.
    """
    moved_w = unit_w * (1.0 + parameters[PUMP_SHARE])
    flow_share = unit_w / parameters[LOOP_DIFFERENCE_K] / parameters[COOLANT_W_PER_K]
    resistance = _COOLANT_SHARE * flow_share**_COOLANT_EXPONENT + (1.0 - _COOLANT_SHARE) * air**_AIR_EXPONENT
    air_w_per_k = air * parameters[AIR_W_PER_K] * pressure_pa / STANDARD_PA
    mean_k = moved_w * resistance / parameters[CONDUCTANCE_W_PER_K]
    return cold_end_difference_k(
        parameters[LOOP_DIFFERENCE_K] * (1.0 + parameters[PUMP_SHARE]), moved_w / air_w_per_k, mean_k
    )


@compiled_apart
def slack(room_k: float, asked_k: float) -> float:
    """Return how far a difference suffices: 0 where it just does, up to 1 above and down to -1 below."""
    if asked_k <= room_k:
        return 1.0 - asked_k / room_k
    return room_k / asked_k - 1.0


@compiled_apart
def unit_capacity_w(parameters: Any, room_k: float, pressure_pa: float) -> float:
    """Return the most heat [W] of a cooler whose supply lies `room_k` above its air, by false position (Illinois)."""
    high = parameters[MOST_UNIT_W]
    if room_k <= 0.0:
        return 0.0
    of_high = slack(room_k, approach_k(parameters, high, 1.0, pressure_pa))
    if of_high >= 0.0:
        return float(high)
    low = 0.0
    of_low = 1.0
    side = 0
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE * parameters[MOST_UNIT_W]:
            break
        middle = between(low, of_low, high, of_high)
        of_middle = slack(room_k, approach_k(parameters, middle, 1.0, pressure_pa))
        if abs(of_middle) <= CLOSE:
            return float(middle)
        low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
    return float(low)


@compiled_apart
def air_share(parameters: Any, unit_w: float, room_k: float, pressure_pa: float) -> float:
    """Return the air, as a share of full speed's, with which a cooler just holds its supply; 1 where that is short."""
    if room_k <= 0.0:
        return 1.0
    of_high = slack(room_k, approach_k(parameters, unit_w, 1.0, pressure_pa))
    if of_high <= 0.0:
        return 1.0
    low = 0.0
    of_low = -1.0
    high = 1.0
    side = 0
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE:
            break
        middle = between(low, of_low, high, of_high)
        of_middle = slack(room_k, approach_k(parameters, unit_w, middle, pressure_pa))
        if abs(of_middle) <= CLOSE:
            return middle
        low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
    return high


@compiled_as(column.OPERATE_SIGNATURE)
def operate(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill what the plant answers, row by row.

    All coolers run, equally loaded: fan power falls with the cube of speed. Pads are wet from a dry bulb on; below it
    only so far as fans at full speed leave the supply short, so that power never falls with more load or wet bulb.
    """
    for row in range(len(asked)):
        units = asked[row, column.UNITS]
        heat_w = asked[row, column.HEAT_W]
        supply_c = asked[row, column.SUPPLY_C]
        dry_bulb_c = asked[row, column.DRY_BULB_C]
        wet_bulb_c = min(asked[row, column.WET_BULB_C], dry_bulb_c)
        pressure_pa = asked[row, column.PRESSURE_PA]
        cooled_k = parameters[PAD_EFFECTIVENESS] * (dry_bulb_c - wet_bulb_c)
        capacity_w = units * unit_capacity_w(parameters, supply_c - dry_bulb_c + cooled_k, pressure_pa)
        removed_w = min(heat_w, capacity_w)
        wet_from_c = parameters[WET_FROM_C]
        if not math.isfinite(wet_from_c):
            wet_from_c = supply_c - parameters[WET_BELOW_SUPPLY_K]
        for index in range(column.ANSWERED):
            answered[row, index] = 0.0
        answered[row, column.CAPACITY_W] = capacity_w
        answered[row, column.REMOVED_W] = removed_w
        answered[row, column.FREE_W] = removed_w
        if heat_w <= 0.0 or units <= 0.0:
            continue
        air = 1.0
        wet = 1.0
        unit_w = removed_w / units
        if unit_w > 0.0:
            if dry_bulb_c >= wet_from_c and cooled_k > 0.0:
                air = air_share(parameters, unit_w, supply_c - dry_bulb_c + cooled_k, pressure_pa)
            else:
                short_k = approach_k(parameters, unit_w, 1.0, pressure_pa) - (supply_c - dry_bulb_c)
                if short_k <= 0.0:
                    wet = 0.0
                    air = air_share(parameters, unit_w, supply_c - dry_bulb_c, pressure_pa)
                elif cooled_k > 0.0:
                    wet = min(short_k / cooled_k, 1.0)
        answered[row, column.FAN_W] = units * fan_power_w(parameters[FULL_FAN_W], air, parameters[FLOOR_SPEED], 0.0)
        answered[row, column.PUMP_W] = parameters[PUMP_SHARE] * min(heat_w, units * parameters[MOST_UNIT_W])
        answered[row, column.RUNNING] = units
        if cooled_k > 0.0 and wet > 0.0:
            entering = humidity_ratio_from_wet_bulb(dry_bulb_c, wet_bulb_c, pressure_pa)
            behind = humidity_ratio_from_wet_bulb(dry_bulb_c - cooled_k, wet_bulb_c, pressure_pa)
            air_kg_per_s = units * air * parameters[AIR_W_PER_K] / AIR_J_PER_KG_K * pressure_pa / STANDARD_PA
            evaporation = wet * air_kg_per_s * max(behind - entering, 0.0)
            answered[row, column.EVAPORATION_KG_PER_S] = evaporation
            answered[row, column.BLOWDOWN_KG_PER_S] = blowdown_kg_per_s(evaporation, 0.0, parameters[CYCLES])


@compiled_as(types.float64(types.float64[::1], types.float64, types.float64))
def full_speed_approach_k(parameters: Any, unit_w: float, pressure_pa: float) -> float:
    """Return `approach_k` at full speed to Python."""
    return approach_k(parameters, unit_w, 1.0, pressure_pa)
