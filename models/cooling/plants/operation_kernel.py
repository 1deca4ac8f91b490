"""What a plant is asked and what it answers: the columns of both, one row an instant."""

from __future__ import annotations

from numba import types

# What is asked. SUPPLY is the coolant wanted at the plant's outlet; UNITS are the plant's main machines (chillers,
# tower cells, dry coolers) that work, TOWERS the cells of a plant that has chillers and towers; ECONOMIZER is 0 where
# free cooling is switched off.
HEAT_W, SUPPLY_C, DRY_BULB_C, WET_BULB_C, PRESSURE_PA, UNITS, TOWERS, ECONOMIZER = range(8)
ASKED = 8

# What is answered. CAPACITY is the most heat that the plant can take while it holds SUPPLY, REMOVED the lesser of heat
# and CAPACITY; FREE the heat removed without compressors. RUNNING counts main machines. EXTRAPOLATED is 1 where a
# curve was left at its bounds for a law beyond them, CLAMPED 1 where a value was held at a curve's bound.
(
    COMPRESSOR_W, FAN_W, PUMP_W, TREATMENT_W, EVAPORATION_KG_PER_S, BLOWDOWN_KG_PER_S, DRIFT_KG_PER_S, CAPACITY_W,
    REMOVED_W, FREE_W, RUNNING, EXTRAPOLATED, CLAMPED,
) = range(13)  # fmt: skip
ANSWERED = 13

OPERATE_SIGNATURE = types.void(types.float64[::1], types.float64[:, ::1], types.float64[:, ::1])
"""`operate(parameters, asked, answered)`: fill `answered`, shape (n, ANSWERED), from `asked`, shape (n, ASKED)."""
