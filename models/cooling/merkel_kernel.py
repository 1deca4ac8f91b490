"""Merkel's equation of a cooling tower: the transfer units that a duty takes, and the air with which a tower has them.

The integral is taken by the rule of four points of Gauss and Legendre, within 0.1% of it. What it asks rises with wet
bulb and range and falls with leaving water and air, so that every unknown has one answer. (A mean specific heat of
saturated air would give the effectiveness in closed form, and an approach 5 to 10% larger at the same units.)
"""

from __future__ import annotations

import math

from numba import types

from ..compiled import compiled_apart, compiled_as
from ..moist_air.psychrometrics_kernel import (
    enthalpy_j_per_kg,
    saturated_humidity_ratio,
    specific_volume_m3_per_kg,
)
from .false_position_kernel import CLOSE, MOST_STEPS, between, narrowed

WATER_J_PER_KG_K = 4186.0
"""As in the definition of the wet bulb (ASHRAE Handbook Fundamentals 2017, chapter 1, eqn 33)."""
# Scheier's correction of transfer units with wet bulb and air flow, as in EnergyPlus and the Buildings library
# (Data/UAMerkel.mo; water flow is constant here), and the differences from the design wet bulb in which it holds.
_PER_K_BELOW_DESIGN = 0.0081
_LEAST_BELOW_K, _MOST_BELOW_K = -10.0, 25.0
_PER_AIR, _PER_AIR_SQUARED = 1.3, -0.3
_ROOM = 0.02
# Nodes and weights of the rule on 0 to 1.
_NODES = (0.06943184420297371, 0.33000947820757187, 0.6699905217924281, 0.9305681557970263)
_WEIGHTS = (0.17392742256872692, 0.32607257743127307, 0.32607257743127307, 0.17392742256872692)


@compiled_apart
def saturated_enthalpy_j_per_kg(temperature_c: float, pressure_pa: float) -> float:
    """Return the enthalpy of saturated air [J per kg of dry air]."""
    return enthalpy_j_per_kg(temperature_c, saturated_humidity_ratio(temperature_c, pressure_pa))


@compiled_apart
def _units(first: float, second: float, third: float, fourth: float, rise: float, water_to_air: float) -> float:
    """Return transfer units, 0 where impossible, from the enthalpies of saturated air above that of the entering air.

    They are those at the rule's nodes; `rise` is the water's own fall in enthalpy. [J/kg] The caller sees to it that
    the air is no warmer than the hottest water.
    """
    air = water_to_air * rise
    first -= _NODES[0] * air
    second -= _NODES[1] * air
    third -= _NODES[2] * air
    fourth -= _NODES[3] * air
    if first <= 0.0 or second <= 0.0 or third <= 0.0 or fourth <= 0.0:
        return 0.0
    return rise * (_WEIGHTS[0] / first + _WEIGHTS[1] / second + _WEIGHTS[2] / third + _WEIGHTS[3] / fourth)


@compiled_apart
def transfer_units(
    leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float, entering: float, water_to_air: float
) -> float:
    """Return Merkel's number of a duty: the integral of c dT / (h_sat(T) - h_air) from leaving to entering water.

    The air's enthalpy is that of saturated air at its wet bulb where it enters, `entering` [J/kg], which many duties in
    one weather share, and rises by water over air flow times c dT (F. Merkel, Verdunstungskühlung, 1925). 0 where the
    duty is impossible: the air would be as warm as the water.
    """
    if leaving_c <= wet_bulb_c:
        return 0.0
    third = saturated_enthalpy_j_per_kg(leaving_c + _NODES[2] * range_k, pressure_pa) - entering
    fourth = saturated_enthalpy_j_per_kg(leaving_c + _NODES[3] * range_k, pressure_pa) - entering
    rise = WATER_J_PER_KG_K * range_k
    if not is_hotter_by_far(third, fourth, rise, water_to_air):
        hot = saturated_enthalpy_j_per_kg(leaving_c + range_k, pressure_pa) - entering
        if hot <= water_to_air * rise:
            return 0.0
    return _units(
        saturated_enthalpy_j_per_kg(leaving_c + _NODES[0] * range_k, pressure_pa) - entering,
        saturated_enthalpy_j_per_kg(leaving_c + _NODES[1] * range_k, pressure_pa) - entering,
        third,
        fourth,
        rise,
        water_to_air,
    )


@compiled_apart
def is_hotter_by_far(third: float, fourth: float, rise: float, water_to_air: float) -> bool:
    """Return whether the hottest water is surely above the air that leaves it, told from the rule's last two nodes.

    The enthalpy of saturated air bends upwards with temperature, so that it lies above the line through two points;
    the room covers the triple point, where its slope falls by about 90 J/(kg K).
    """
    beyond = fourth + (fourth - third) * (1.0 - _NODES[3]) / (_NODES[3] - _NODES[2])
    return beyond > (water_to_air + _ROOM) * rise


@compiled_apart
def correction(design_wet_bulb_c: float, wet_bulb_c: float, air: float) -> float:
    """Return the transfer units that a tower has, over those on its design day; `air` as a share of full speed's."""
    below_k = min(max(design_wet_bulb_c - wet_bulb_c, _LEAST_BELOW_K), _MOST_BELOW_K)
    return (1.0 + _PER_K_BELOW_DESIGN * below_k) * air * (_PER_AIR + _PER_AIR_SQUARED * air)


@compiled_apart
def is_corrected_beyond(design_wet_bulb_c: float, wet_bulb_c: float) -> bool:
    """Return whether the wet bulb lies beyond the bounds of the correction, which is then held."""
    return not _LEAST_BELOW_K <= design_wet_bulb_c - wet_bulb_c <= _MOST_BELOW_K


@compiled_apart
def merkel_air_share(
    leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float, entering: float, water_to_air: float,
    units: float, most: float,
) -> float:  # fmt: skip
    """Return the air, as a share of full speed's, with which water leaves at `leaving_c`; infinite where that is short.

    It is looked for up to `most`, which is returned where it takes more. `entering` is as in `transfer_units`;
    `water_to_air` and `units`, corrected for the wet bulb, are those of full speed. The root is found by false position
    (Illinois) in the ratio of units had over units asked, nearly straight in the air's share.
    """
    if leaving_c <= wet_bulb_c:
        return math.inf
    one = saturated_enthalpy_j_per_kg(leaving_c + _NODES[0] * range_k, pressure_pa) - entering
    two = saturated_enthalpy_j_per_kg(leaving_c + _NODES[1] * range_k, pressure_pa) - entering
    three = saturated_enthalpy_j_per_kg(leaving_c + _NODES[2] * range_k, pressure_pa) - entering
    four = saturated_enthalpy_j_per_kg(leaving_c + _NODES[3] * range_k, pressure_pa) - entering
    rise = WATER_J_PER_KG_K * range_k
    asked = _units(one, two, three, four, rise, water_to_air)
    if asked <= 0.0 or units < asked:
        return math.inf
    hot = saturated_enthalpy_j_per_kg(leaving_c + range_k, pressure_pa) - entering
    low = water_to_air * rise / hot  # with less air it would leave hotter than the water enters
    if low >= 1.0:
        return math.inf
    of_low = -1.0
    high = 1.0
    of_high = units / asked - 1.0
    if most < high:
        asked = 0.0 if most <= low else _units(one, two, three, four, rise, water_to_air / most)
        of_most = -1.0
        if asked > 0.0:
            of_most = units * most * (_PER_AIR + _PER_AIR_SQUARED * most) / asked - 1.0
        if of_most < 0.0:
            return most
        high, of_high = most, of_most
    side = 0
    for _ in range(MOST_STEPS):
        if high - low <= CLOSE:
            break
        middle = between(low, of_low, high, of_high)
        asked = _units(one, two, three, four, rise, water_to_air / middle)
        of_middle = -1.0
        if asked > 0.0:
            of_middle = units * middle * (_PER_AIR + _PER_AIR_SQUARED * middle) / asked - 1.0
        if abs(of_middle) <= CLOSE:
            return middle
        low, of_low, high, of_high, side = narrowed(low, of_low, high, of_high, side, middle, of_middle)
    return high


@compiled_as(types.float64(types.float64, types.float64, types.float64, types.float64, types.float64))
def duty_transfer_units(
    leaving_c: float, range_k: float, wet_bulb_c: float, pressure_pa: float, water_to_air: float
) -> float:
    """Return `transfer_units` to Python."""
    entering = saturated_enthalpy_j_per_kg(wet_bulb_c, pressure_pa)
    return transfer_units(leaving_c, range_k, wet_bulb_c, pressure_pa, entering, water_to_air)


@compiled_as(types.float64(types.float64, types.float64))
def saturated_volume_m3_per_kg(temperature_c: float, pressure_pa: float) -> float:
    """Return the volume of the saturated air that holds 1 kg of dry air [m3/kg]."""
    return specific_volume_m3_per_kg(temperature_c, saturated_humidity_ratio(temperature_c, pressure_pa), pressure_pa)
