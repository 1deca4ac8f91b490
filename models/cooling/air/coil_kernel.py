"""Fans and coils that cool the hall's air with water, and the water temperature that they want."""

from __future__ import annotations

from typing import Any

from ...compiled import compiled, compiled_as
from ..heat_path_kernel import (
    ASK_SIGNATURE,
    HEAT_W,
    MOVER_W,
    PATH_CAPACITY_W,
    PLANT_SHARE,
    PRESSURE_PA,
    SUPPLY_C,
    UNITS,
    ask_plant,
)

# Parameters of every air side; kinds add theirs behind.
UNIT_FLOW_M3_PER_S, FAN_J_PER_M3, LEAST_FLOW, AIR_RISE_K, EFFECTIVENESS, DESIGN_SUPPLY_C, COIL_PARAMETERS = range(7)

# Dry air's gas constant and the specific heat of air that holds 8 g/kg of water (1006 + 1860 w): ASHRAE Handbook
# Fundamentals 2017, chapter 1. Moisture changes either by less than 1 % between dry and saturated air of 20 °C.
GAS_CONSTANT_J_PER_KG_K = 287.042
SPECIFIC_HEAT_J_PER_KG_K = 1020.9


@compiled
def air_heat_capacity(pressure_pa: float, air_c: float) -> float:
    """Return the heat capacity of a cubic metre of air [J/m3 K] at a pressure and a temperature."""
    return pressure_pa / (GAS_CONSTANT_J_PER_KG_K * (air_c + 273.15)) * SPECIFIC_HEAT_J_PER_KG_K


@compiled
def full_w_per_k(parameters: Any, asked: Any, row: int) -> float:
    """Return the heat capacity of the working fans' full flow [W/K].

    At the density of the design's supply air: that a hall 10 K warmer has air 3 % thinner is left out.
    """
    capacity = air_heat_capacity(asked[row, PRESSURE_PA], parameters[DESIGN_SUPPLY_C])
    return float(capacity * asked[row, UNITS] * parameters[UNIT_FLOW_M3_PER_S])


@compiled
def flow_ratio(parameters: Any, heat_w: float, nominal_w: float) -> float:
    """Return the fans' flow over their full flow: as heat over that of full flow, between the least and 1."""
    return float(min(max(heat_w / nominal_w, parameters[LEAST_FLOW]), 1.0))


@compiled
def coil_capacity_w(parameters: Any, w_per_k: float, supply_c: float) -> float:
    """Return the most heat [W] that coils take from the hall, their fans' aside, at full flow of a heat capacity.

    q + fans = e C (return - water), return = supply + q / C: as designed at the design's supply air, and more where
    the hall is warmer and the water as cold as designed.
    """
    share = parameters[EFFECTIVENESS] / (1.0 - parameters[EFFECTIVENESS])
    warmer_k = max(supply_c - parameters[DESIGN_SUPPLY_C], 0.0)
    return float(w_per_k * (parameters[AIR_RISE_K] + share * warmer_k))


@compiled
def coil_water_c(parameters: Any, w_per_k: float, fans_w: float, heat_w: float, supply_c: float) -> float:
    """Return the water temperature [°C] at which coils take a heat from the hall and their fans', at full flow."""
    effectiveness = parameters[EFFECTIVENESS]
    return float(supply_c - ((1.0 - effectiveness) * heat_w + fans_w) / (effectiveness * w_per_k))


@compiled_as(ASK_SIGNATURE)
def ask(parameters: Any, asked: Any, wanted: Any, plant_asked: Any) -> None:
    """Fill what coils want.

    Air gets warmer by a stated rise between supply and return, so flow follows heat, and fans' power the cube of flow.
    Water is wanted at the temperature of full flow and rise, whatever the heat; for more heat than that, which only a
    hall warmer than designed gives, it is wanted colder, down to the water of the design.
    """
    for row in range(len(asked)):
        heat_w, supply_c = max(asked[row, HEAT_W], 0.0), asked[row, SUPPLY_C]
        path_w, water_c, mover_w = 0.0, supply_c, 0.0
        if asked[row, UNITS] > 0.0:
            w_per_k = full_w_per_k(parameters, asked, row)
            nominal_w = w_per_k * parameters[AIR_RISE_K]
            full_fans_w = asked[row, UNITS] * parameters[UNIT_FLOW_M3_PER_S] * parameters[FAN_J_PER_M3]
            ratio = flow_ratio(parameters, heat_w, nominal_w)
            mover_w = full_fans_w * ratio * ratio * ratio
            path_w = coil_capacity_w(parameters, w_per_k, supply_c)
            taken_w = max(min(heat_w, path_w), nominal_w)
            water_c = coil_water_c(parameters, w_per_k, full_fans_w, taken_w, supply_c)
        wanted[row, MOVER_W] = mover_w
        wanted[row, PATH_CAPACITY_W] = path_w
        wanted[row, PLANT_SHARE] = 1.0
        ask_plant(asked, plant_asked, row, min(heat_w, path_w) + mover_w, water_c)
