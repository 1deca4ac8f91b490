"""A chiller's power and capacity: published curves inside their bounds, a Carnot fraction beyond them.

Inside: P = Qav power_per_heat(x, y) (p0 + p1 r + p2 r²), r the heat over the capacity Qav(x, y); below the least part
load the machine cycles (EnergyPlus Engineering Reference, Chiller:Electric:EIR). x is the chilled water that leaves, y
what enters the condenser. Beyond, power is that of the nearest bound times the ratio of lift over evaporating
temperature, COP = eta T_e / (T_c - T_e) with eta of the bound, so that it is continuous. What keeps it monotone where
the curves are:

- where it is harder than the bounds (condenser hotter, chilled water colder) power is added at the fraction of the
  hottest corner, which does not change along the bound;
- where it is easier, power falls no lower than at the least lift that the machine is known at, scaled to the least
  lift stated, and no lower than the greatest COP stated allows.
"""

from __future__ import annotations

from typing import Any

from numba import types

from ..compiled import compiled, compiled_apart, compiled_as

# Six coefficients of capacity [W], six of power over heat, three of part load; the bounds; then what the law beyond the
# bounds needs: capacity [W] and power [W] at full load in the hottest corner and lift over temperature there; the same
# in the mildest, whose power is scaled to the least lift and multiplied by its evaporating temperature [K].
CAPACITY, POWER, PART_LOAD = 0, 6, 12
(
    LEAST_PART, UNLOADED_PART, GREATEST_PART, LEAST_X_C, GREATEST_X_C, LEAST_Y_C, GREATEST_Y_C, LIFT_AT_EQUAL_K,
    EVAPORATING_BELOW_K, HOT_CAPACITY_W, HOT_POWER_W, HOT_LIFT, MILD_CAPACITY_W, MILD_POWER_W_K, GREATEST_COP,
) = range(15, 30)  # fmt: skip
CHILLER_PARAMETERS = 30

LEAST_POWER, FIXED, SEQUENTIAL = range(3)
"""How equal machines are staged: see `staging`."""

KELVIN = 273.15


@compiled
def biquadratic(parameters: Any, first: int, x: float, y: float) -> float:
    """Return a + b x + c x² + d y + e y² + f x y, the six coefficients from `first` on."""
    return float(
        parameters[first]
        + x * (parameters[first + 1] + parameters[first + 2] * x)
        + y * (parameters[first + 3] + parameters[first + 4] * y + parameters[first + 5] * x)
    )


@compiled
def lift_ratio(parameters: Any, first: int, x: float, y: float) -> float:
    """Return (T_c - T_e) / T_e, T_e and T_c the refrigerant's evaporating and condensing temperature [K]; 0 or more."""
    lift_k = y - x + parameters[first + LIFT_AT_EQUAL_K]
    return float(max(lift_k, 0.0) / (x - parameters[first + EVAPORATING_BELOW_K] + KELVIN))


@compiled
def curve_power_w(parameters: Any, first: int, capacity_w: float, full_w: float, heat_w: float) -> float:
    """Return power [W] at a heat [W], given capacity and power at full load [W] at the same temperatures."""
    part = min(heat_w / capacity_w, parameters[first + GREATEST_PART])
    loaded = max(part, parameters[first + UNLOADED_PART])
    at = first + PART_LOAD
    share = parameters[at] + loaded * (parameters[at + 1] + parameters[at + 2] * loaded)
    return float(full_w * share * min(part / parameters[first + LEAST_PART], 1.0))


@compiled_apart
def chiller_at(parameters: Any, first: int, x: float, y: float) -> tuple[float, float, float, float, float, float]:
    """Return what is the same at every load: `parameters[first : first + CHILLER_PARAMETERS]` is the machine.

    Capacity and power at full load [W] at the nearest bound; how much of the hottest corner's power is added beyond
    it; the share that remains where it is easier than the bounds; what the mildest corner's power is divided by [K];
    and 1 where x or y lies outside the bounds, else 0.
    """
    near_x = min(max(x, parameters[first + LEAST_X_C]), parameters[first + GREATEST_X_C])
    near_y = min(max(y, parameters[first + LEAST_Y_C]), parameters[first + GREATEST_Y_C])
    capacity_w = biquadratic(parameters, first + CAPACITY, near_x, near_y)
    full_w = capacity_w * biquadratic(parameters, first + POWER, near_x, near_y)
    if near_x == x and near_y == y:
        return capacity_w, full_w, 0.0, 1.0, 1.0, 0.0
    hard_x = min(x, parameters[first + GREATEST_X_C])
    hard_y = max(y, parameters[first + LEAST_Y_C])
    hard = lift_ratio(parameters, first, hard_x, hard_y)
    added = (hard - lift_ratio(parameters, first, near_x, near_y)) / parameters[first + HOT_LIFT]
    eased = lift_ratio(parameters, first, x, y) / hard
    evaporating_k = max(x, parameters[first + GREATEST_X_C]) - parameters[first + EVAPORATING_BELOW_K] + KELVIN
    return capacity_w, full_w, max(added, 0.0), eased, evaporating_k, 1.0


@compiled_apart
def power_w(parameters: Any, first: int, at: tuple[float, float, float, float, float, float], heat_w: float) -> float:
    """Return the power of one machine [W] that takes `heat_w`, `at` what `chiller_at` gave for its temperatures."""
    capacity_w, full_w, added, eased, evaporating_k, beyond = at
    bound_w = curve_power_w(parameters, first, capacity_w, full_w, heat_w)
    if beyond == 0.0:
        return bound_w
    hot_w = mild_w = 0.0
    if added > 0.0:
        hot_w = curve_power_w(
            parameters, first, parameters[first + HOT_CAPACITY_W], parameters[first + HOT_POWER_W], heat_w
        )
    if eased < 1.0:
        mild_w = curve_power_w(
            parameters, first, parameters[first + MILD_CAPACITY_W], parameters[first + MILD_POWER_W_K], heat_w
        )
    least_w = max(mild_w / evaporating_k, heat_w / parameters[first + GREATEST_COP])
    return float(max((bound_w + added * hot_w) * eased, min(bound_w, least_w)))


@compiled_apart
def counted_capacity_w(parameters: Any, first: int, x: float, y: float) -> float:
    """Return the heat [W] that one machine is counted on for; beyond the bounds that of the nearest bound.

    The least of its capacities between the coldest condenser of its bounds and y, at its greatest part load: some
    curves have the capacity rise with a hotter condenser, and a plant whose capacity rose with the wet bulb would run
    fewer machines, and draw less, on a worse day.
    """
    near_x = min(max(x, parameters[first + LEAST_X_C]), parameters[first + GREATEST_X_C])
    near_y = min(max(y, parameters[first + LEAST_Y_C]), parameters[first + GREATEST_Y_C])
    coldest = parameters[first + LEAST_Y_C]
    capacity_w = min(
        biquadratic(parameters, first + CAPACITY, near_x, near_y),
        biquadratic(parameters, first + CAPACITY, near_x, coldest),
    )
    curvature = parameters[first + CAPACITY + 4]
    if curvature > 0.0:
        slope = parameters[first + CAPACITY + 3] + parameters[first + CAPACITY + 5] * near_x
        lowest = min(max(-slope / (2.0 * curvature), coldest), near_y)
        capacity_w = min(capacity_w, biquadratic(parameters, first + CAPACITY, near_x, lowest))
    return float(capacity_w * parameters[first + GREATEST_PART])


@compiled_as(types.void(types.float64[::1], types.float64[:, ::1], types.float64[:, ::1]))
def work_chillers(parameters: Any, asked: Any, answered: Any) -> None:
    """Fill `answered`, shape (n, 3), from `asked`, shape (n, 3), row by row.

    Asked are the chilled water that leaves [°C], what enters the condenser [°C] and the heat [W]; answered the power
    and the counted capacity [W], and 1 beyond the bounds.
    """
    for row in range(len(asked)):
        x, y = asked[row, 0], asked[row, 1]
        at = chiller_at(parameters, 0, x, y)
        answered[row, 0] = power_w(parameters, 0, at, asked[row, 2])
        answered[row, 1] = counted_capacity_w(parameters, 0, x, y)
        answered[row, 2] = at[5]
