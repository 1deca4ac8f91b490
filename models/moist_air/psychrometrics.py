"""Moist air: wet bulb, dew point, humidity, enthalpy and density from what weather stations read.

All functions take floats or arrays, which broadcast, and return an array, for floats a numpy float. Equations: ASHRAE
Handbook Fundamentals (2017), chapter 1, as in `psychrometrics_kernel`. Valid for -100 to 100 °C and pressures above
0 Pa; relative humidity is a fraction and counts as 0 to 1, so that supersaturated air is saturated. What is not a
number, or outside, raises ValueError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_TEMPERATURES_C = (-100.0, 100.0)
_PRESSURES_PA = (1.0, 1e7)
_HUMIDITIES = (0.0, float("inf"))
_ENTHALPIES_J_PER_KG = (-1e5, 1e7)


def saturation_pressure_pa(temperature_c: ArrayLike) -> NDArray[np.float64]:
    """Return the pressure of saturated water vapour [Pa] at a temperature [°C]; over ice below 0.01 °C (eqn 5, 6)."""
    from . import psychrometrics_kernel as kernel

    return _filled(kernel.SATURATION_PRESSURE_OF_TEMPERATURE, (temperature_c, "temperature_c", _TEMPERATURES_C))


def humidity_ratio(dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike) -> NDArray[np.float64]:
    """Return the humidity ratio [kg of water per kg of dry air] (eqn 12, 20)."""
    from . import psychrometrics_kernel as kernel

    return _filled(kernel.HUMIDITY_RATIO_OF_AIR, *_air(dry_bulb_c, relative_humidity, pressure_pa))


def humidity_ratio_from_wet_bulb(
    dry_bulb_c: ArrayLike, wet_bulb_c: ArrayLike, pressure_pa: ArrayLike
) -> NDArray[np.float64]:
    """Return the humidity ratio [kg/kg] of air of a wet bulb [°C] (eqn 33, 35); not below 0.

    A wet bulb above the dry bulb counts as the dry bulb. `wet_bulb_c` is the inverse.
    """
    from . import psychrometrics_kernel as kernel

    return _filled(
        kernel.HUMIDITY_RATIO_OF_WET_BULB,
        (dry_bulb_c, "dry_bulb_c", _TEMPERATURES_C),
        (wet_bulb_c, "wet_bulb_c", _TEMPERATURES_C),
        (pressure_pa, "pressure_pa", _PRESSURES_PA),
    )


def wet_bulb_c(dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike) -> NDArray[np.float64]:
    """Return the thermodynamic wet bulb [°C], between dew point and dry bulb (eqn 33, 35).

    Within 0.5 K of freezing the wick counts as part ice: the handbook's two equations overlap there, and air of one
    humidity has a wet bulb of water and one of ice, up to 0.6 K apart. This one lies between them and rises with
    temperature and humidity.
    """
    from . import psychrometrics_kernel as kernel

    return _filled(kernel.WET_BULB_OF_AIR, *_air(dry_bulb_c, relative_humidity, pressure_pa))


def dew_point_c(dry_bulb_c: ArrayLike, relative_humidity: ArrayLike) -> NDArray[np.float64]:
    """Return the dew point [°C], below 0 °C the frost point; -100 °C, the equations' end, for drier air."""
    from . import psychrometrics_kernel as kernel

    return _filled(
        kernel.DEW_POINT_OF_AIR,
        (dry_bulb_c, "dry_bulb_c", _TEMPERATURES_C),
        (relative_humidity, "relative_humidity", _HUMIDITIES),
    )


def relative_humidity_from_dew_point(dry_bulb_c: ArrayLike, dew_point_c: ArrayLike) -> NDArray[np.float64]:
    """Return the relative humidity, 0 to 1, of air of a dew point [°C] (eqn 12); 1 where that is above the dry bulb."""
    import numpy as np

    return np.minimum(saturation_pressure_pa(dew_point_c) / saturation_pressure_pa(dry_bulb_c), 1.0)


def air_density_kg_per_m3(
    dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike
) -> NDArray[np.float64]:
    """Return the density of the moist air [kg/m3], water included (eqn 11, 26)."""
    from . import psychrometrics_kernel as kernel

    return _filled(kernel.DENSITY_OF_AIR, *_air(dry_bulb_c, relative_humidity, pressure_pa))


def enthalpy_j_per_kg(dry_bulb_c: ArrayLike, humidity_ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the enthalpy [J per kg of dry air] of air of a humidity ratio [kg/kg] (eqn 30); 0 for dry air at 0 °C."""
    from . import psychrometrics_kernel as kernel

    return _filled(
        kernel.ENTHALPY_OF_AIR,
        (dry_bulb_c, "dry_bulb_c", _TEMPERATURES_C),
        (humidity_ratio, "humidity_ratio", _HUMIDITIES),
    )


def saturated_temperature_c(enthalpy_j_per_kg: ArrayLike, pressure_pa: ArrayLike) -> NDArray[np.float64]:
    """Return the temperature [°C] of saturated air of an enthalpy [J per kg of dry air], such as leaves a tower."""
    from . import psychrometrics_kernel as kernel

    return _filled(
        kernel.SATURATED_TEMPERATURE_OF_ENTHALPY,
        (enthalpy_j_per_kg, "enthalpy_j_per_kg", _ENTHALPIES_J_PER_KG),
        (pressure_pa, "pressure_pa", _PRESSURES_PA),
    )


def _air(
    dry_bulb_c: ArrayLike, relative_humidity: ArrayLike, pressure_pa: ArrayLike
) -> tuple[tuple[ArrayLike, str, tuple[float, float]], ...]:
    return (
        (dry_bulb_c, "dry_bulb_c", _TEMPERATURES_C),
        (relative_humidity, "relative_humidity", _HUMIDITIES),
        (pressure_pa, "pressure_pa", _PRESSURES_PA),
    )


def _filled(quantity: int, *given: tuple[ArrayLike, str, tuple[float, float]]) -> NDArray[np.float64]:
    """Return a quantity of `psychrometrics_kernel.fill` for arguments given as (value, name, allowed range)."""
    import numpy as np

    from .psychrometrics_kernel import fill

    values = [np.asarray(value, np.float64) for value, _, _ in given]
    for value, (_, name, (least, most)) in zip(values, given, strict=True):
        if value.size and not (value.min() >= least and value.max() <= most):  # nor is NaN
            wrong = value[~((value >= least) & (value <= most))].flat[0]
            raise ValueError(f"{name} is {float(wrong):g}; allowed: {least:g} to {most:g}")
    shape = values[0].shape
    if any(value.shape != shape for value in values):
        values = list(np.broadcast_arrays(*values))
        shape = values[0].shape
    columns = [np.array(value).ravel() for value in values]  # copies: the loop takes no read-only arrays
    first, second, third = (columns + columns[:1] * 2)[:3]  # what a quantity does not read is anything
    answer = np.empty(first.shape)
    fill(quantity, first, second, third, answer)
    filled: NDArray[np.float64] = answer.reshape(shape)[()]  # of floats the one number, which is a float
    return filled
