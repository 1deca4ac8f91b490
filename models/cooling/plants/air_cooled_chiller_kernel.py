"""Air-cooled chillers with dry free-cooling coils, hour by hour."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ...compiled import compiled_apart, compiled_as
from ..chiller_kernel import FIXED, SEQUENTIAL, chiller_at, counted_capacity_w, power_w
from . import operation_kernel as column

# The plant's own numbers, then the chiller's. Shares of pumps are power over the heat of their water; a unit's coil is
# known by the heat it is built for, its approach then, and its fan power at full speed. HAS_COILS is 0 without.
(
    LOOP_PUMP_SHARE, COIL_PUMP_SHARE, LOOP_DIFFERENCE_K, STAGING, HAS_COILS, UNIT_HEAT_W, COIL_APPROACH_K, COIL_FAN_W,
) = range(8)  # fmt: skip
CHILLER = 8

POWER_W, MACHINES, BEYOND = range(3)
_SLACK = 1.0 + 1e-9
_PER_AIR = 0.8  # conductance of a coil follows air flow to this power (Buildings library, DryCooler UACorrection)


@compiled_apart
def run_machines(parameters: Any, supply_c: float, dry_bulb_c: float, heat_w: float, units: int, found: Any) -> None:
    """Fill power, machines that run and 1 beyond the bounds, of `units` machines that carry `heat_w` by the staging."""
    found[POWER_W] = found[MACHINES] = found[BEYOND] = 0.0
    if heat_w <= 0.0:
        return
    at = chiller_at(parameters, CHILLER, supply_c, dry_bulb_c)
    each_w = counted_capacity_w(parameters, CHILLER, supply_c, dry_bulb_c)
    first = max(min(int(math.ceil(heat_w / (each_w * _SLACK))), units), 1)
    last = units
    if parameters[STAGING] == FIXED:
        first = units
    elif parameters[STAGING] == SEQUENTIAL:
        last = first
    found[POWER_W] = math.inf
    for machines in range(first, last + 1):
        total_w = machines * power_w(parameters, CHILLER, at, heat_w / machines)
        if total_w < found[POWER_W]:
            found[POWER_W] = total_w
            found[MACHINES] = machines
    found[BEYOND] = at[5]


@compiled_apart
def coil_share(parameters: Any, supply_c: float, dry_bulb_c: float, load: float) -> float:
    """Return the share of the heat that coils take with fans at full speed, `load` the heat over that of their design.

    A coil in counterflow of equal capacity flows: effectiveness N / (1 + N), N its transfer units, which fall as the
    water's flow rises with the load.
    """
    rise_k = parameters[LOOP_DIFFERENCE_K]
    effectiveness = rise_k / (rise_k + load * parameters[COIL_APPROACH_K])
    return float(min(max(effectiveness * (supply_c + rise_k - dry_bulb_c) / rise_k, 0.0), 1.0))


@compiled_as(column.OPERATE_SIGNATURE)
def operate(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill what the plant answers, row by row."""
    found, behind = np.zeros(3), np.zeros(3)
    for row in range(len(asked)):
        supply_c, dry_bulb_c = asked[row, column.SUPPLY_C], asked[row, column.DRY_BULB_C]
        units = int(asked[row, column.UNITS])
        for index in range(column.ANSWERED):
            answered[row, index] = 0.0
        more = 1.0 + parameters[LOOP_PUMP_SHARE]
        capacity_w = units * counted_capacity_w(parameters, CHILLER, supply_c, dry_bulb_c) / more
        removed_w = min(asked[row, column.HEAT_W], capacity_w)
        answered[row, column.CAPACITY_W] = capacity_w
        if removed_w <= 0.0:
            continue
        run_machines(parameters, supply_c, dry_bulb_c, more * removed_w, units, found)
        pump_w = parameters[LOOP_PUMP_SHARE] * removed_w
        fan_w = free_share = 0.0
        if parameters[HAS_COILS] > 0.0 and asked[row, column.ECONOMIZER] > 0.0:
            coil_pump_w = parameters[COIL_PUMP_SHARE] * removed_w
            heat_w = more * removed_w + coil_pump_w
            load = heat_w / (units * parameters[UNIT_HEAT_W])
            share = coil_share(parameters, supply_c, dry_bulb_c, load)
            coil_fan_w = units * parameters[COIL_FAN_W]
            if share >= 1.0:
                air = (load * parameters[COIL_APPROACH_K] / (supply_c - dry_bulb_c)) ** (1.0 / _PER_AIR)
                coil_fan_w *= air * air * air
            run_machines(parameters, supply_c, dry_bulb_c, (1.0 - share) * heat_w, units, behind)
            if share > 0.0 and behind[POWER_W] + coil_fan_w + coil_pump_w < found[POWER_W]:
                found[POWER_W], found[MACHINES], found[BEYOND] = behind[POWER_W], behind[MACHINES], behind[BEYOND]
                pump_w += coil_pump_w
                fan_w = coil_fan_w
                free_share = share
        answered[row, column.COMPRESSOR_W] = found[POWER_W]
        answered[row, column.FAN_W] = fan_w
        answered[row, column.PUMP_W] = pump_w
        answered[row, column.REMOVED_W] = removed_w
        answered[row, column.FREE_W] = free_share * removed_w
        answered[row, column.RUNNING] = found[MACHINES]
        answered[row, column.EXTRAPOLATED] = found[BEYOND]
