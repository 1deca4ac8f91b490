"""A path of heat from the computers to a plant, built: air handlers or coolant distribution units, and the plant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..weather.design_day import DesignDay
from .plants.plant import SizedPlant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class HumidityLimits:
    """The humidity that computers stand: dew points [°C] and relative humidities, as fractions. By default class A2."""

    least_dew_point_c: float = -12.0
    most_dew_point_c: float = 21.0
    least_relative_humidity: float = 0.08
    most_relative_humidity: float = 0.8


@dataclass(frozen=True)
class PathDuty:
    """What a path is built for: so much heat, before its own fans or pumps, with its supply at a temperature.

    `humidity` are the limits of the hall's air.
    """

    heat_w: float
    supply_c: float
    design_day: DesignDay
    humidity: HumidityLimits = HumidityLimits()


@dataclass(frozen=True, eq=False)
class SizedHeatPath:
    """A path with its machines chosen.

    `loop(parameters, asked, wanted, plant_asked)` fills `wanted`, shape (n, WANTED), and what the plant is asked, from
    `asked`, shape (n, ASKED); see `heat_path_kernel`. `units` are its machines, `spare` of which are not needed on the
    design day; `duty_w` is the heat that it was built for, `supply_c` the
    temperature. Without a `plant` only outside air cools. `sizes` says what
    was chosen, in words and numbers with unit.
    """

    kind: str
    units: int
    spare: int
    duty_w: float
    supply_c: float
    parameters: NDArray[np.float64]
    loop: Any
    plant: SizedPlant | None
    sizes: dict[str, float]
