"""Coolant distribution units: pumps and an exchanger between the racks' coolant and a plant's water."""

from __future__ import annotations

from typing import Any

from ..compiled import compiled_as
from .heat_path_kernel import (
    ASK_SIGNATURE,
    HEAT_W,
    MOVER_W,
    PATH_CAPACITY_W,
    PLANT_SHARE,
    SUPPLY_C,
    UNITS,
    ask_plant,
)

UNIT_HEAT_W, UNIT_PUMP_W, LEAST_FLOW, APPROACH_K, DESIGN_SUPPLY_C = range(5)


@compiled_as(ASK_SIGNATURE)
def ask(parameters: Any, asked: Any, wanted: Any, plant_asked: Any) -> None:
    """Fill what coolant distribution units want.

    At full flow the exchanger takes heat in proportion to the approach: the coolant that leaves less the water that
    enters. Water is wanted at the approach of full heat, whatever the heat; coolant warmer than the design's gets more
    out of the exchanger, down to the water of the design. Pumps follow the cube of flow, and warm the coolant.
    """
    for row in range(len(asked)):
        heat_w, supply_c, units = max(asked[row, HEAT_W], 0.0), asked[row, SUPPLY_C], asked[row, UNITS]
        path_w, water_c, mover_w = 0.0, supply_c, 0.0
        if units > 0.0:
            nominal_w, pump_w = units * parameters[UNIT_HEAT_W], units * parameters[UNIT_PUMP_W]
            ratio = min(max(heat_w / nominal_w, parameters[LEAST_FLOW]), 1.0)
            mover_w = pump_w * ratio * ratio * ratio
            w_per_k = (nominal_w + pump_w) / parameters[APPROACH_K]
            path_w = nominal_w + w_per_k * max(supply_c - parameters[DESIGN_SUPPLY_C], 0.0)
            water_c = supply_c - (max(min(heat_w, path_w), nominal_w) + pump_w) / w_per_k
        wanted[row, MOVER_W] = mover_w
        wanted[row, PATH_CAPACITY_W] = path_w
        wanted[row, PLANT_SHARE] = 1.0
        ask_plant(asked, plant_asked, row, min(heat_w, path_w) + mover_w, water_c)
