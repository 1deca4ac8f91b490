"""Water that a wetted surface gives to the air, by the moisture balance of the air that leaves it."""

from __future__ import annotations

from ..compiled import compiled_apart
from ..moist_air.psychrometrics_kernel import (
    enthalpy_j_per_kg,
    humidity_ratio_from_wet_bulb,
    saturated_humidity_ratio,
    saturated_temperature_c,
)


@compiled_apart
def evaporated_kg_per_s(
    heat_w: float, air_kg_per_s: float, dry_bulb_c: float, wet_bulb_c: float, pressure_pa: float
) -> float:
    """Return the water [kg/s] that `air_kg_per_s` of dry air takes up while it carries `heat_w` away.

    The air enters in its outdoor state and leaves saturated, its enthalpy higher by heat over air flow (ASHRAE Handbook
    Fundamentals 2017, chapter 1, adiabatic mixing; the enthalpy of the make-up water is left out, 1 to 2%). Warm air
    leaves with nearly all the heat as vapour; cold air is first warmed, so that in winter a tower evaporates half of
    heat over latent heat. Without heat or air nothing evaporates: the tower is drained or its dampers are shut.
    """
    if heat_w <= 0.0 or air_kg_per_s <= 0.0:
        return 0.0
    entering = humidity_ratio_from_wet_bulb(dry_bulb_c, wet_bulb_c, pressure_pa)
    enthalpy = enthalpy_j_per_kg(dry_bulb_c, entering) + heat_w / air_kg_per_s
    leaving = saturated_humidity_ratio(saturated_temperature_c(enthalpy, pressure_pa), pressure_pa)
    return max(air_kg_per_s * (leaving - entering), 0.0)


@compiled_apart
def blowdown_kg_per_s(evaporation_kg_per_s: float, drift_kg_per_s: float, cycles: float) -> float:
    """Return the water [kg/s] that is drained so that salts reach no more than `cycles` (above 1) times the supply's.

    What leaves with its salts, blowdown and drift, is evaporation / (cycles - 1); drift counts first.
    """
    return max(evaporation_kg_per_s / (cycles - 1.0) - drift_kg_per_s, 0.0)
