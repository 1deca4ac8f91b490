"""Moist air, one state at a time: the functions that compiled loops call, and the loop behind `psychrometrics`.

Equations of ASHRAE Handbook Fundamentals (2017), chapter 1, in SI. Temperatures from -100 to 100 °C, pressures above
0 Pa, humidity ratio in kg of water per kg of dry air, relative humidity as a fraction. No argument in that range fails:
relative humidity counts as 0 to 1, and vapour pressure as at most `MOST_VAPOUR_SHARE` of the total pressure.
"""

from __future__ import annotations

import math
from typing import Any

from numba import types

from ..compiled import compiled_apart, compiled_as

KELVIN = 273.15
TRIPLE_POINT_C = 0.01
LEAST_TEMPERATURE_C = -100.0
"""Lowest temperature of the equations, and the dew point of air without water."""
MOST_VAPOUR_SHARE = 0.99
"""Beyond it water boils (70 °C at 31 kPa): the humidity ratio would be without bound."""
MOLAR_MASS_RATIO = 0.621945
DRY_AIR_J_PER_KG_K = 287.042
AIR_KJ_PER_KG_K = 1.006
VAPOUR_KJ_PER_KG_K = 1.86
# Evaporation, its fall with temperature, and the heat of the condensed phase, for a wet bulb of water and one of ice
# (eqn 33, 35): kJ/kg, kJ/(kg K), kJ/(kg K).
WATER = (2501.0, 2.326, 4.186)
ICE = (2830.0, 0.24, 2.1)
FREEZING_BAND_K = 0.5
"""Within it the wick is part ice: with eqn 33 to 0 °C and 35 below, one state of air has two wet bulbs there."""
_STEPS = 60
_CLOSE_K = 1e-10


@compiled_apart
def saturation_pressure_pa(temperature_c: float) -> float:
    """Return the pressure of saturated vapour [Pa] over water, over ice below the triple point (eqn 5, 6).

    The handbook changes at 0 °C, where the two differ; at the triple point they meet.
    """
    kelvin = temperature_c + KELVIN
    if temperature_c <= TRIPLE_POINT_C:
        return math.exp(
            -5.6745359e3 / kelvin
            + 6.3925247
            + kelvin * (-9.677843e-3 + kelvin * (6.2215701e-7 + kelvin * (2.0747825e-9 - kelvin * 9.484024e-13)))
            + 4.1635019 * math.log(kelvin)
        )
    return math.exp(
        -5.8002206e3 / kelvin
        + 1.3914993
        + kelvin * (-4.8640239e-2 + kelvin * (4.1764768e-5 - kelvin * 1.4452093e-8))
        + 6.5459673 * math.log(kelvin)
    )


@compiled_apart
def relative_rise_per_k(temperature_c: float) -> float:
    """Return the slope of the logarithm of `saturation_pressure_pa` [1/K]."""
    kelvin = temperature_c + KELVIN
    if temperature_c <= TRIPLE_POINT_C:
        return (
            5.6745359e3 / (kelvin * kelvin)
            - 9.677843e-3
            + kelvin * (2.0 * 6.2215701e-7 + kelvin * (3.0 * 2.0747825e-9 - kelvin * 4.0 * 9.484024e-13))
            + 4.1635019 / kelvin
        )
    return (
        5.8002206e3 / (kelvin * kelvin)
        - 4.8640239e-2
        + kelvin * (2.0 * 4.1764768e-5 - kelvin * 3.0 * 1.4452093e-8)
        + 6.5459673 / kelvin
    )


@compiled_apart
def humidity_ratio_of_vapour(vapour_pa: float, pressure_pa: float) -> float:
    """Return the humidity ratio [kg/kg] of air with a partial pressure of vapour [Pa] (eqn 20)."""
    vapour_pa = min(max(vapour_pa, 0.0), MOST_VAPOUR_SHARE * pressure_pa)
    return MOLAR_MASS_RATIO * vapour_pa / (pressure_pa - vapour_pa)


@compiled_apart
def humidity_ratio(dry_bulb_c: float, relative_humidity: float, pressure_pa: float) -> float:
    """Return the humidity ratio [kg/kg] of air of a relative humidity of 0 to 1 (eqn 12, 20)."""
    relative_humidity = min(max(relative_humidity, 0.0), 1.0)
    return humidity_ratio_of_vapour(relative_humidity * saturation_pressure_pa(dry_bulb_c), pressure_pa)


@compiled_apart
def saturated_humidity_ratio(temperature_c: float, pressure_pa: float) -> float:
    """Return the humidity ratio [kg/kg] of saturated air (eqn 21)."""
    return humidity_ratio_of_vapour(saturation_pressure_pa(temperature_c), pressure_pa)


@compiled_apart
def humidity_ratio_from_wet_bulb(dry_bulb_c: float, wet_bulb_c: float, pressure_pa: float) -> float:
    """Return the humidity ratio [kg/kg], at least 0, of air of a wet bulb (eqn 33, 35; blended near freezing).

    A wet bulb above the dry bulb counts as the dry bulb.
    """
    wet_bulb_c = min(wet_bulb_c, dry_bulb_c)
    ice = min(max(0.5 - wet_bulb_c / (2.0 * FREEZING_BAND_K), 0.0), 1.0)
    latent = WATER[0] + ice * (ICE[0] - WATER[0])
    fall = WATER[1] + ice * (ICE[1] - WATER[1])
    condensed = WATER[2] + ice * (ICE[2] - WATER[2])
    saturated = saturated_humidity_ratio(wet_bulb_c, pressure_pa)
    evaporated = (latent - fall * wet_bulb_c) * saturated - AIR_KJ_PER_KG_K * (dry_bulb_c - wet_bulb_c)
    return max(evaporated / (latent + VAPOUR_KJ_PER_KG_K * dry_bulb_c - condensed * wet_bulb_c), 0.0)


@compiled_apart
def _safeguarded(newton: float, at: float, low: float, high: float, step: float) -> float:
    """Return Newton's next guess, or the bracket's middle where it leaves the bracket or is not half the last step."""
    if low < newton < high and 2.0 * abs(newton - at) <= step:
        return newton
    return 0.5 * (low + high)


@compiled_apart
def wet_bulb_c(dry_bulb_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Return the thermodynamic wet bulb [°C] of air of a humidity ratio [kg/kg].

    The inverse of `humidity_ratio_from_wet_bulb` by Newton's method inside a bracket. Supersaturated air has its dry
    bulb as wet bulb.
    """
    low = min(dry_bulb_c - 20.0, LEAST_TEMPERATURE_C - 20.0)
    high = dry_bulb_c
    wet = dry_bulb_c
    step = high - low
    for _ in range(_STEPS):
        ice = 0.5 - wet / (2.0 * FREEZING_BAND_K)
        ice_rise = -1.0 / (2.0 * FREEZING_BAND_K)
        if ice <= 0.0 or ice >= 1.0:
            ice = min(max(ice, 0.0), 1.0)
            ice_rise = 0.0
        latent = WATER[0] + ice * (ICE[0] - WATER[0])
        fall = WATER[1] + ice * (ICE[1] - WATER[1])
        condensed = WATER[2] + ice * (ICE[2] - WATER[2])
        vapour_pa = min(saturation_pressure_pa(wet), MOST_VAPOUR_SHARE * pressure_pa)
        saturated = humidity_ratio_of_vapour(vapour_pa, pressure_pa)
        # What evaporation at this wet bulb takes less what the air gives, over eqn 33's denominator: rises with wet.
        excess = (
            (latent - fall * wet) * saturated
            - AIR_KJ_PER_KG_K * (dry_bulb_c - wet)
            - humidity_ratio * (latent + VAPOUR_KJ_PER_KG_K * dry_bulb_c - condensed * wet)
        )
        if excess <= 0.0:
            low = wet
            if wet >= dry_bulb_c:
                return dry_bulb_c
        else:
            high = wet
        slope = (
            (latent - fall * wet) * saturated * relative_rise_per_k(wet) * pressure_pa / (pressure_pa - vapour_pa)
            - fall * saturated
            + AIR_KJ_PER_KG_K
            + humidity_ratio * condensed
            + ice_rise * (ICE[0] - WATER[0]) * (saturated - humidity_ratio)
        )
        following = _safeguarded(wet - excess / slope, wet, low, high, step)
        step = abs(following - wet)
        wet = following
        if step <= _CLOSE_K:
            break
    return wet


@compiled_apart
def dew_point_of_vapour_c(vapour_pa: float) -> float:
    """Return the dew point [°C], below 0 °C the frost point: the inverse of `saturation_pressure_pa`."""
    if vapour_pa <= saturation_pressure_pa(LEAST_TEMPERATURE_C):
        return LEAST_TEMPERATURE_C
    target = math.log(vapour_pa)
    # Magnus' form with WMO's coefficients (No. 8, annex 4.B) is a first guess within 2 K above -60 °C.
    magnus = target - math.log(611.2)
    dew = 243.12 * magnus / (17.62 - magnus) if magnus < 6.0 else 100.0
    for _ in range(_STEPS):
        step = (math.log(saturation_pressure_pa(dew)) - target) / relative_rise_per_k(dew)
        dew = max(dew - step, LEAST_TEMPERATURE_C)
        if abs(step) <= _CLOSE_K:
            break
    return dew


@compiled_apart
def vapour_pressure_pa(humidity_ratio: float, pressure_pa: float) -> float:
    """Return the partial pressure of vapour [Pa] in air of a humidity ratio [kg/kg] (eqn 20)."""
    humidity_ratio = max(humidity_ratio, 0.0)
    return pressure_pa * humidity_ratio / (MOLAR_MASS_RATIO + humidity_ratio)


@compiled_apart
def enthalpy_j_per_kg(dry_bulb_c: float, humidity_ratio: float) -> float:
    """Return the enthalpy [J per kg of dry air], 0 for dry air at 0 °C (eqn 30)."""
    return 1e3 * (
        AIR_KJ_PER_KG_K * dry_bulb_c + humidity_ratio * (WATER[0] + VAPOUR_KJ_PER_KG_K * dry_bulb_c)
    )  # fmt: skip


@compiled_apart
def dry_bulb_from_enthalpy_c(enthalpy_j_per_kg: float, humidity_ratio: float) -> float:
    """Return the dry bulb [°C]: the inverse of `enthalpy_j_per_kg`."""
    return (1e-3 * enthalpy_j_per_kg - WATER[0] * humidity_ratio) / (
        AIR_KJ_PER_KG_K + VAPOUR_KJ_PER_KG_K * humidity_ratio
    )


@compiled_apart
def saturated_temperature_c(enthalpy_j_per_kg: float, pressure_pa: float) -> float:
    """Return the temperature [°C] of saturated air of an enthalpy [J per kg of dry air], such as leaves a tower."""
    target = 1e-3 * enthalpy_j_per_kg
    low = LEAST_TEMPERATURE_C
    high = max(min(target / AIR_KJ_PER_KG_K, 100.0), low)  # as if it were dry
    temperature = high
    if target > 0.0:  # within 1 K from 0 to 50 °C at sea level
        temperature = min(23.0 * math.log((target + 22.0) / 31.5), high)
    step = high - low
    for _ in range(_STEPS):
        vapour_pa = min(saturation_pressure_pa(temperature), MOST_VAPOUR_SHARE * pressure_pa)
        saturated = humidity_ratio_of_vapour(vapour_pa, pressure_pa)
        vapour_kj_per_kg = WATER[0] + VAPOUR_KJ_PER_KG_K * temperature
        excess = AIR_KJ_PER_KG_K * temperature + saturated * vapour_kj_per_kg - target
        if excess <= 0.0:
            low = temperature
        else:
            high = temperature
        rise = saturated * relative_rise_per_k(temperature) * pressure_pa / (pressure_pa - vapour_pa)
        slope = AIR_KJ_PER_KG_K + saturated * VAPOUR_KJ_PER_KG_K + rise * vapour_kj_per_kg
        following = _safeguarded(temperature - excess / slope, temperature, low, high, step)
        step = abs(following - temperature)
        temperature = following
        if step <= _CLOSE_K:
            break
    return temperature


@compiled_apart
def specific_volume_m3_per_kg(dry_bulb_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Return the volume of the moist air that holds 1 kg of dry air [m3/kg] (eqn 26)."""
    return DRY_AIR_J_PER_KG_K * (dry_bulb_c + KELVIN) * (1.0 + humidity_ratio / MOLAR_MASS_RATIO) / pressure_pa


@compiled_apart
def air_density_kg_per_m3(dry_bulb_c: float, humidity_ratio: float, pressure_pa: float) -> float:
    """Return the density of the moist air, water included [kg/m3] (eqn 11, 26)."""
    return (1.0 + humidity_ratio) / specific_volume_m3_per_kg(dry_bulb_c, humidity_ratio, pressure_pa)


# What `fill` computes, and its arguments in order; those not named are not read.
(
    SATURATION_PRESSURE_OF_TEMPERATURE,
    DEW_POINT_OF_VAPOUR,
    HUMIDITY_RATIO_OF_AIR,  # dry bulb, relative humidity, pressure
    HUMIDITY_RATIO_OF_WET_BULB,  # dry bulb, wet bulb, pressure
    WET_BULB_OF_AIR,  # dry bulb, relative humidity, pressure
    DENSITY_OF_AIR,  # dry bulb, relative humidity, pressure
    DEW_POINT_OF_AIR,  # dry bulb, relative humidity
    SATURATED_TEMPERATURE_OF_ENTHALPY,  # enthalpy, pressure
    ENTHALPY_OF_AIR,  # dry bulb, humidity ratio
) = range(9)


@compiled_as(
    types.void(types.int64, types.float64[::1], types.float64[::1], types.float64[::1], types.float64[::1])
)  # fmt: skip
def fill(quantity: int, first: Any, second: Any, third: Any, answer: Any) -> None:
    """Fill `answer` with a quantity of each row of arguments; all of shape (n,)."""
    for row in range(len(answer)):
        if quantity == SATURATION_PRESSURE_OF_TEMPERATURE:
            answer[row] = saturation_pressure_pa(first[row])
        elif quantity == DEW_POINT_OF_VAPOUR:
            answer[row] = dew_point_of_vapour_c(first[row])
        elif quantity == HUMIDITY_RATIO_OF_AIR:
            answer[row] = humidity_ratio(first[row], second[row], third[row])
        elif quantity == HUMIDITY_RATIO_OF_WET_BULB:
            answer[row] = humidity_ratio_from_wet_bulb(first[row], second[row], third[row])
        elif quantity == WET_BULB_OF_AIR:
            if second[row] >= 1.0:
                answer[row] = first[row]
            else:
                answer[row] = wet_bulb_c(first[row], humidity_ratio(first[row], second[row], third[row]), third[row])
        elif quantity == DENSITY_OF_AIR:
            ratio = humidity_ratio(first[row], second[row], third[row])
            answer[row] = air_density_kg_per_m3(first[row], ratio, third[row])
        elif quantity == DEW_POINT_OF_AIR:
            share = min(max(second[row], 0.0), 1.0)
            answer[row] = min(dew_point_of_vapour_c(share * saturation_pressure_pa(first[row])), first[row])
        elif quantity == SATURATED_TEMPERATURE_OF_ENTHALPY:
            answer[row] = saturated_temperature_c(first[row], second[row])
        else:
            answer[row] = enthalpy_j_per_kg(first[row], second[row])
