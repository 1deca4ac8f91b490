"""Outside air blown into the hall: how much of it takes the heat, within limits of humidity, and its water."""

from __future__ import annotations

from typing import Any

from ...compiled import compiled, compiled_as
from ...moist_air.psychrometrics_kernel import WATER, humidity_ratio, humidity_ratio_of_vapour, saturated_humidity_ratio
from ..heat_path_kernel import (
    ASK_SIGNATURE,
    BLOWDOWN_KG_PER_S,
    CLAMPED,
    DRY_BULB_C,
    ECONOMIZER,
    EVAPORATION_KG_PER_S,
    HEAT_W,
    HUMIDIFICATION_KG_PER_S,
    MOVER_W,
    OUTDOOR_W,
    PATH_CAPACITY_W,
    PLANT_SHARE,
    PLANT_UNITS,
    PRESSURE_PA,
    RELATIVE_HUMIDITY,
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
    SPECIFIC_HEAT_J_PER_KG_K,
    UNIT_FLOW_M3_PER_S,
    coil_capacity_w,
    coil_water_c,
    flow_ratio,
    full_w_per_k,
)

(
    HAS_PLANT, MOST_VAPOUR_PA, LEAST_VAPOUR_PA, MOST_HUMIDITY, LEAST_HUMIDITY, PAD_EFFECTIVENESS, HUMIDIFIES,
    HUMIDIFIER_J_PER_KG, PAD_J_PER_KG, CYCLES_OF_CONCENTRATION, WORTH,
) = range(COIL_PARAMETERS, COIL_PARAMETERS + 11)  # fmt: skip


@compiled
def latent_heat_j_per_kg(supply_c: float) -> float:
    """Return the heat that evaporating water takes [J/kg], at the temperature of the supply air."""
    return 1e3 * (WATER[0] - WATER[1] * supply_c)


@compiled_as(ASK_SIGNATURE)
def ask(parameters: Any, asked: Any, wanted: Any, plant_asked: Any) -> None:
    """Fill what outside air does and what is left to the plant.

    With a flow of heat capacity C, air returns at return = supply + heat / C. A kilogram of outside air that leaves at
    return takes cp (return - outside), and the latent heat of water that evaporates in it, less the heat of the pump
    that sprays it (ASHRAE Handbook Fundamentals 2017, chapter 1, eqn 30). So much air as heat and fans need is
    exchanged for the hall's, at most all of it: then the plant's coil takes the rest. Once air is exchanged the hall's
    air is as moist as what comes in; outside air that is too moist, or too dry and not humidified, stays out if a plant
    works, and comes in, reported as clamped, if none does.
    """
    for row in range(len(asked)):
        heat_w, supply_c, outside_c = max(asked[row, HEAT_W], 0.0), asked[row, SUPPLY_C], asked[row, DRY_BULB_C]
        wanted[row, PLANT_SHARE] = 1.0
        if asked[row, UNITS] <= 0.0:
            ask_plant(asked, plant_asked, row, 0.0, supply_c)
            continue
        w_per_k = full_w_per_k(parameters, asked, row)
        nominal_w = w_per_k * parameters[AIR_RISE_K]
        full_fans_w = asked[row, UNITS] * parameters[UNIT_FLOW_M3_PER_S] * parameters[FAN_J_PER_M3]
        ratio = flow_ratio(parameters, heat_w, nominal_w)
        mover_w = full_fans_w * ratio * ratio * ratio
        path_w = coil_capacity_w(parameters, w_per_k, supply_c)
        taken_w = min(heat_w, path_w)
        water_c = coil_water_c(parameters, w_per_k, full_fans_w, max(taken_w, nominal_w), supply_c)
        total_w = taken_w + mover_w

        pressure_pa = asked[row, PRESSURE_PA]
        moisture = humidity_ratio(outside_c, asked[row, RELATIVE_HUMIDITY], pressure_pa)
        most = min(
            humidity_ratio(supply_c, parameters[MOST_HUMIDITY], pressure_pa),
            humidity_ratio_of_vapour(parameters[MOST_VAPOUR_PA], pressure_pa),
        )
        least = max(
            humidity_ratio(supply_c, parameters[LEAST_HUMIDITY], pressure_pa),
            humidity_ratio_of_vapour(parameters[LEAST_VAPOUR_PA], pressure_pa),
        )
        fits = moisture <= most and (moisture >= least or parameters[HUMIDIFIES] > 0.0)
        has_plant = parameters[HAS_PLANT] > 0.0 and asked[row, PLANT_UNITS] > 0.0
        outdoor_w = 0.0
        if asked[row, ECONOMIZER] > 0.0 and (fits or not has_plant):
            wanted[row, CLAMPED] = 0.0 if fits else 1.0
            latent = latent_heat_j_per_kg(supply_c)
            dry = max(least - moisture, 0.0) * parameters[HUMIDIFIES]
            # The pad's own limit is its share of the way to saturation along the wet bulb; the hall's is `most`.
            saturated = saturated_humidity_ratio(asked[row, WET_BULB_C], pressure_pa)
            pad = max(min(parameters[PAD_EFFECTIVENESS] * (saturated - moisture), most - moisture) - dry, 0.0)
            dry_j_per_kg = dry * (latent - parameters[HUMIDIFIER_J_PER_KG])
            pad_j_per_kg = latent - parameters[PAD_J_PER_KG]
            kg_per_s = w_per_k * ratio / SPECIFIC_HEAT_J_PER_KG_K
            warmed_w = w_per_k * ratio * (supply_c - outside_c) + taken_w + kg_per_s * dry_j_per_kg
            added = min(max((total_w - warmed_w) / (kg_per_s * pad_j_per_kg), 0.0), pad)
            all_w = warmed_w + kg_per_s * added * pad_j_per_kg
            if all_w > 0.0:
                # Water is added until all heat is taken, but for rounding.
                taken_outdoors_w = total_w if total_w <= all_w * (1.0 + 1e-12) else all_w
                share_kg_per_s = kg_per_s * taken_outdoors_w / all_w
                pumps_j_per_kg = dry * parameters[HUMIDIFIER_J_PER_KG] + added * parameters[PAD_J_PER_KG]
                pumps_w = share_kg_per_s * pumps_j_per_kg
                if not has_plant or taken_outdoors_w >= parameters[WORTH] * pumps_w:
                    outdoor_w = taken_outdoors_w
                    evaporated = share_kg_per_s * added
                    wanted[row, HUMIDIFICATION_KG_PER_S] = share_kg_per_s * dry
                    wanted[row, EVAPORATION_KG_PER_S] = evaporated
                    wanted[row, BLOWDOWN_KG_PER_S] = evaporated / (parameters[CYCLES_OF_CONCENTRATION] - 1.0)
                    wanted[row, WATER_PUMP_W] = pumps_w
            cooler_k = supply_c - outside_c + (dry_j_per_kg + pad * pad_j_per_kg) / SPECIFIC_HEAT_J_PER_KG_K
            wanted[row, PLANT_SHARE] = min(max(-cooler_k / parameters[AIR_RISE_K], 0.0), 1.0)
        wanted[row, MOVER_W] = mover_w
        wanted[row, PATH_CAPACITY_W] = path_w
        wanted[row, OUTDOOR_W] = outdoor_w
        ask_plant(asked, plant_asked, row, total_w - outdoor_w, water_c)
