"""YorkCalc: the approach of a cooling tower as a polynomial of wet bulb, range and water to air."""

from __future__ import annotations

from numba import types

from ..compiled import compiled_apart, compiled_as

# Coefficients c[j][i][h] of ratio^j range^i wet bulb^h, °C and K: EnergyPlus, CoolingTower:VariableSpeed, and the
# Buildings library, CoolingTowers/Correlations/yorkCalc.mo; bounds of BoundsYorkCalc.mo.
_COEFFICIENTS = (
    -0.359741205, -0.055053608, 0.0023850432, 0.173926877, -0.0248473764, 0.00048430224, -0.005589849456,
    0.0005770079712, -0.00001342427256, 2.84765801111111, -0.121765149, 0.0014599242, 1.680428651, -0.0166920786,
    -0.0007190532, -0.025485194448, 0.0000487491696, 0.00002719234152, -0.0653766255555556, -0.002278167, 0.0002500254,
    -0.0910565458, 0.00318176316, 0.000038621772, -0.0034285382352, 0.00000856589904, -0.000001516821552,
)  # fmt: skip
LEAST_WET_BULB_C, MOST_WET_BULB_C = -34.4, 26.7
LEAST_RANGE_K, MOST_RANGE_K = 1.1, 22.2
LEAST_APPROACH_K, MOST_APPROACH_K = 1.1, 40.0
LEAST_WATER_SHARE, MOST_WATER_SHARE = 0.75, 1.25
MOST_WATER_TO_AIR = 2.0
"""The source allows 8, but inside its bounds leaving water rises with wet bulb, range and ratio alike only up to 2: it
falls with more heat from there and a range of 13 K on, with more wet bulb from 3 and cold air on."""
_SLOPE_WET_BULB_C, _SLOPE_MOST_RANGE_K = 10.0, 15.0
"""Where the slopes beyond the bounds are taken; that with the ratio falls again beyond a range of about 17 K."""


@compiled_apart
def polynomial_k(wet_bulb_c: float, range_k: float, water_to_air: float) -> float:
    """Return YorkCalc's approach [K] as it stands."""
    total = 0.0
    for power in range(2, -1, -1):
        inner = 0.0
        for of_range in range(2, -1, -1):
            at = 9 * power + 3 * of_range
            inner = inner * range_k + (
                _COEFFICIENTS[at] + wet_bulb_c * (_COEFFICIENTS[at + 1] + wet_bulb_c * _COEFFICIENTS[at + 2])
            )
        total = total * water_to_air + inner
    return total


@compiled_apart
def yorkcalc_approach_k(wet_bulb_c: float, range_k: float, water_to_air: float) -> float:
    """Return the approach [K] to the wet bulb: the polynomial inside its bounds, 1.1 to 40 K.

    Beyond the bounds of wet bulb it is held. Below the least range it falls in proportion, to 0 without load. Above the
    greatest range and beyond a ratio of 2 it rises along slopes taken at 10 °C, which do not change with the wet bulb:
    so more wet bulb still gives warmer water.
    """
    held_c = min(max(wet_bulb_c, LEAST_WET_BULB_C), MOST_WET_BULB_C)
    held_k = min(max(range_k, LEAST_RANGE_K), MOST_RANGE_K)
    ratio = min(water_to_air, MOST_WATER_TO_AIR)
    approach_k = min(max(polynomial_k(held_c, held_k, ratio), LEAST_APPROACH_K), MOST_APPROACH_K)
    if water_to_air > ratio:
        slope_k = min(held_k, _SLOPE_MOST_RANGE_K)
        at_most = polynomial_k(_SLOPE_WET_BULB_C, slope_k, MOST_WATER_TO_AIR)
        before = polynomial_k(_SLOPE_WET_BULB_C, slope_k, MOST_WATER_TO_AIR - 0.01)
        approach_k += (water_to_air - ratio) * (at_most - before) / 0.01
    if range_k > held_k:
        approach_k += (range_k / held_k - 1.0) * polynomial_k(_SLOPE_WET_BULB_C, held_k, ratio)
        return approach_k
    return approach_k * range_k / held_k


@compiled_apart
def is_clamped(wet_bulb_c: float, range_k: float, water_to_air: float) -> bool:
    """Return whether wet bulb, range or the approach itself lie beyond the correlation's bounds."""
    if not (LEAST_WET_BULB_C <= wet_bulb_c <= MOST_WET_BULB_C and LEAST_RANGE_K <= range_k <= MOST_RANGE_K):
        return True
    approach_k = polynomial_k(wet_bulb_c, range_k, min(water_to_air, MOST_WATER_TO_AIR))
    return not LEAST_APPROACH_K <= approach_k <= MOST_APPROACH_K


@compiled_as(types.float64(types.float64, types.float64, types.float64))
def approaches_k(wet_bulb_c: float, range_k: float, water_to_air: float) -> float:
    """Return `yorkcalc_approach_k` to Python."""
    return yorkcalc_approach_k(wet_bulb_c, range_k, water_to_air)
