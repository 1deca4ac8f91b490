"""Outside air that cools the hall's air through an exchanger: how fast its fans turn, and with how much water."""

from __future__ import annotations

import math
from typing import Any

from ...compiled import compiled_as
from ..heat_path_kernel import (
    ASK_SIGNATURE,
    BLOWDOWN_KG_PER_S,
    DRY_BULB_C,
    ECONOMIZER,
    EVAPORATION_KG_PER_S,
    HEAT_W,
    MOVER_W,
    OUTDOOR_FAN_W,
    OUTDOOR_W,
    PATH_CAPACITY_W,
    PLANT_SHARE,
    PLANT_UNITS,
    SUPPLY_C,
    UNITS,
    WATER_PUMP_W,
    WET_BULB_C,
    ask_plant,
)
from .coil_kernel import (
    AIR_RISE_K,
    COIL_PARAMETERS,
    FAN_J_PER_M3,
    UNIT_FLOW_M3_PER_S,
    coil_capacity_w,
    coil_water_c,
    flow_ratio,
    full_w_per_k,
)
from .outside_air_kernel import latent_heat_j_per_kg

(
    HAS_PLANT, EXCHANGER_EFFECTIVENESS, OUTDOOR_FAN_J_PER_M3, PAD_EFFECTIVENESS, WATER_PUMP_J_PER_KG,
    CYCLES_OF_CONCENTRATION, WORTH,
) = range(COIL_PARAMETERS, COIL_PARAMETERS + 7)  # fmt: skip


@compiled_as(ASK_SIGNATURE)
def ask(parameters: Any, asked: Any, wanted: Any, plant_asked: Any) -> None:
    """Fill what the exchanger does and what is left to the plant.

    At equal flows the exchanger takes e C (return - outside), and less outside air takes proportionally less: heat
    h y at a share y of the full flow, with fans of f y^3 and pumps of p y. Where the plant could take the heat too, at
    1 / COP of power, the sum is least at y = sqrt((h / COP - p) / (3 f)): fans slow down as the outside gets as warm as
    the return, and stop there. Pads wet the outside air where dry air does not suffice, as far as needed.
    """
    exchanger = parameters[EXCHANGER_EFFECTIVENESS]
    for row in range(len(asked)):
        heat_w, supply_c, outside_c = max(asked[row, HEAT_W], 0.0), asked[row, SUPPLY_C], asked[row, DRY_BULB_C]
        wanted[row, PLANT_SHARE] = 1.0
        if asked[row, UNITS] <= 0.0:
            ask_plant(asked, plant_asked, row, 0.0, supply_c)
            continue
        full_m3_per_s = asked[row, UNITS] * parameters[UNIT_FLOW_M3_PER_S]
        w_per_k = full_w_per_k(parameters, asked, row)
        nominal_w = w_per_k * parameters[AIR_RISE_K]
        full_fans_w = full_m3_per_s * parameters[FAN_J_PER_M3]
        ratio = flow_ratio(parameters, heat_w, nominal_w)
        mover_w = full_fans_w * ratio * ratio * ratio
        path_w = coil_capacity_w(parameters, w_per_k, supply_c)
        taken_w = min(heat_w, path_w)
        water_c = coil_water_c(parameters, w_per_k, full_fans_w, max(taken_w, nominal_w), supply_c)
        total_w = taken_w + mover_w
        outdoor_w = 0.0
        if asked[row, ECONOMIZER] > 0.0:
            has_plant = parameters[HAS_PLANT] > 0.0 and asked[row, PLANT_UNITS] > 0.0
            wet_k = parameters[PAD_EFFECTIVENESS] * max(outside_c - asked[row, WET_BULB_C], 0.0)
            dry_k = supply_c + taken_w / (ratio * w_per_k) - outside_c
            needed_k = total_w / (exchanger * ratio * w_per_k)
            across_k = max(dry_k, min(dry_k + wet_k, needed_k))
            if across_k > 0.0 and total_w > 0.0:
                full_heat_w = exchanger * w_per_k * across_k
                full_water = w_per_k * (across_k - dry_k) / latent_heat_j_per_kg(outside_c)
                full_pump_w = full_water * parameters[WATER_PUMP_J_PER_KG]
                outdoor_fans_w = full_m3_per_s * parameters[OUTDOOR_FAN_J_PER_M3]
                share = min(total_w / full_heat_w, ratio)
                suffices = share < ratio or across_k == needed_k
                if has_plant:
                    worth_w = max(full_heat_w / parameters[WORTH] - full_pump_w, 0.0)
                    if worth_w < 3.0 * outdoor_fans_w * share * share:
                        share, suffices = math.sqrt(worth_w / (3.0 * outdoor_fans_w)), False
                outdoor_w = total_w if suffices else share * full_heat_w
                water = share * full_water
                wanted[row, OUTDOOR_FAN_W] = outdoor_fans_w * share * share * share
                wanted[row, EVAPORATION_KG_PER_S] = water
                wanted[row, BLOWDOWN_KG_PER_S] = water / (parameters[CYCLES_OF_CONCENTRATION] - 1.0)
                wanted[row, WATER_PUMP_W] = share * full_pump_w
            most_k = exchanger * (supply_c + parameters[AIR_RISE_K] - outside_c + wet_k)
            wanted[row, PLANT_SHARE] = min(max(1.0 - most_k / parameters[AIR_RISE_K], 0.0), 1.0)
        wanted[row, MOVER_W] = mover_w
        wanted[row, PATH_CAPACITY_W] = path_w
        wanted[row, OUTDOOR_W] = outdoor_w
        ask_plant(asked, plant_asked, row, total_w - outdoor_w, water_c)
