"""Air handlers that cool the hall's air with water: fans, a coil, and the water temperature that it takes."""

from __future__ import annotations

from typing import Any

from ...compiled import compiled, compiled_as
from ..heat_path_kernel import (
    ASK_SIGNATURE,
    DRY_BULB_C,
    ECONOMIZER,
    HEAT_W,
    MOVER_W,
    PATH_CAPACITY_W,
    PLANT_TOWERS,
    PLANT_UNITS,
    PRESSURE_PA,
    SUPPLY_C,
    UNITS,
    WET_BULB_C,
)
from ..plants import operation_kernel as plant

UNIT_FLOW_M3_PER_S, FAN_J_PER_M3, LEAST_FLOW, AIR_RISE_K, EFFECTIVENESS, DESIGN_SUPPLY_C = range(6)

# Dry air's gas constant and the specific heat of air that holds 8 g/kg of water (1006 + 1860 w): ASHRAE Handbook
# Fundamentals 2021, chapter 1. Moisture changes either by less than 1 % between dry and saturated air of 20 °C.
GAS_CONSTANT_J_PER_KG_K = 287.042
SPECIFIC_HEAT_J_PER_KG_K = 1020.9


@compiled
def air_heat_capacity(pressure_pa: float, air_c: float) -> float:
    """Return the heat capacity of a cubic metre of air [J/m3 K] at a pressure and a temperature."""
    return pressure_pa / (GAS_CONSTANT_J_PER_KG_K * (air_c + 273.15)) * SPECIFIC_HEAT_J_PER_KG_K


@compiled
def flow_ratio(needed_m3_per_s: float, full_m3_per_s: float, least: float) -> float:
    """Return the flow of fans that share it over their full flow: what is needed, between the least and 1."""
    if full_m3_per_s <= 0.0:
        return 0.0
    return min(max(needed_m3_per_s / full_m3_per_s, least), 1.0)


@compiled_as(ASK_SIGNATURE)
def ask(parameters: Any, asked: Any, wanted: Any, plant_asked: Any) -> None:
    """Fill what coils want.

    Air gets warmer by a stated rise between supply and return, so flow follows heat; fans follow the cube of flow. The
    coil takes heat by its effectiveness e, from the return air to water that enters at t: q + fans = e C (return - t),
    with return = supply + q / C and C the heat capacity of the full flow. Water is wanted at the temperature of full
    flow and rise, whatever the heat; hall air that is warmer than the supply air of the design gets more out of the
    coil, down to the water of the design.
    """
    effectiveness, rise_k = parameters[EFFECTIVENESS], parameters[AIR_RISE_K]
    for row in range(len(asked)):
        heat_w, supply_c = max(asked[row, HEAT_W], 0.0), asked[row, SUPPLY_C]
        full_m3_per_s = asked[row, UNITS] * parameters[UNIT_FLOW_M3_PER_S]
        heat_capacity = air_heat_capacity(asked[row, PRESSURE_PA], supply_c)
        full_fan_w = full_m3_per_s * parameters[FAN_J_PER_M3]
        path_w, water_c, mover_w = 0.0, supply_c, 0.0
        if full_m3_per_s > 0.0:
            ratio = flow_ratio(heat_w / (heat_capacity * rise_k), full_m3_per_s, parameters[LEAST_FLOW])
            mover_w = full_fan_w * ratio * ratio * ratio
            full_w_per_k = heat_capacity * full_m3_per_s
            nominal_w = full_w_per_k * rise_k
            warmer_k = max(supply_c - parameters[DESIGN_SUPPLY_C], 0.0)
            path_w = nominal_w + effectiveness / (1.0 - effectiveness) * full_w_per_k * warmer_k
            taken_w = max(min(heat_w, path_w), nominal_w)
            water_c = supply_c - ((1.0 - effectiveness) * taken_w + full_fan_w) / (effectiveness * full_w_per_k)
        wanted[row, MOVER_W] = mover_w
        wanted[row, PATH_CAPACITY_W] = path_w
        plant_asked[row, plant.HEAT_W] = min(heat_w, path_w) + mover_w
        plant_asked[row, plant.SUPPLY_C] = water_c
        plant_asked[row, plant.DRY_BULB_C] = asked[row, DRY_BULB_C]
        plant_asked[row, plant.WET_BULB_C] = asked[row, WET_BULB_C]
        plant_asked[row, plant.PRESSURE_PA] = asked[row, PRESSURE_PA]
        plant_asked[row, plant.UNITS] = asked[row, PLANT_UNITS]
        plant_asked[row, plant.TOWERS] = asked[row, PLANT_TOWERS]
        plant_asked[row, plant.ECONOMIZER] = asked[row, ECONOMIZER]
