"""A path of heat from the computers to a plant, built: air handlers or coolant distribution units, and the plant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ..weather.design_day import DesignDay
from .plants.plant import Duty, SizedPlant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatOrArray = float | NDArray[np.float64]
    Rows = NDArray[np.float64]


@dataclass(frozen=True)
class HumidityLimits:
    """The humidity that computers stand: dew points [°C] and relative humidities, as fractions. By default class A2."""

    least_dew_point_c: float = -12.0
    most_dew_point_c: float = 21.0
    least_relative_humidity: float = 0.08
    most_relative_humidity: float = 0.8


_ROUNDED_UP = 1.0 + 1e-9
"""What is built for a heat is not called too small for it because of a rounding."""


@dataclass(frozen=True)
class PathDuty:
    """What a path is built for: so much heat, before its own fans or pumps, with its supply at a temperature.

    `humidity` are the limits of the hall's air. `beside` is what the path's plant serves too.
    """

    heat_w: float
    supply_c: float
    design_day: DesignDay
    humidity: HumidityLimits = HumidityLimits()
    beside: Duty | None = None

    def of_plant(self, heat_w: float, supply_c: float) -> Duty:
        """Return the duty of the path's plant for a heat [W] and a water temperature of the path, and what is beside.

        Raises ValueError where the path beside needs colder water.
        """
        if self.beside is None:
            return Duty(heat_w, supply_c, self.design_day)
        if self.beside.supply_c < supply_c:
            raise ValueError(
                f"the plant of the hall's air gives water of {supply_c:.1f} °C, but coolant distribution needs "
                f"{self.beside.supply_c:.1f} °C; ask for warmer coolant, or give 'liquid' a plant of its own"
            )
        return Duty(heat_w + self.beside.heat_w, supply_c, self.design_day)


class AskedPath(NamedTuple):
    """Rows of what a path was asked, what it wants, what its plant is asked, and room for what that answers."""

    asked: Rows
    wanted: Rows
    plant_asked: Rows
    plant_answered: Rows


@dataclass(frozen=True, eq=False)
class SizedHeatPath:
    """A path with its machines chosen.

    `loop(parameters, asked, wanted, plant_asked)` fills `wanted`, shape (n, WANTED), and what the plant is asked, from
    `asked`, shape (n, ASKED); see `heat_path_kernel`. `units` are its machines, `spare` of which are not needed on the
    design day; `duty_w` is the heat that it was built for, `supply_c` the
    temperature. Without a `plant` only outside air cools the hall; the
    coolant then shares the plant of the air. `sizes` says what was chosen, in words and numbers with unit.
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

    def ask(
        self,
        n: int,
        given: tuple[FloatOrArray, ...],
        machines: tuple[FloatOrArray | None, ...],
        economizer: FloatOrArray,
        plant: SizedPlant | None,
    ) -> AskedPath:
        """Return what the path wants at n instants.

        `given` are heat, supply, dry bulb, relative humidity, wet bulb and pressure, `machines` the path's own units,
        its plant's and the towers; None where all work. `plant` is the path's own, or the one that it shares.
        """
        import numpy as np

        from . import heat_path_kernel as path
        from .plants import operation_kernel

        units, plant_units, plant_towers = machines
        asked = np.empty((n, path.ASKED))
        for column, value in enumerate(given):
            asked[:, column] = value
        asked[:, path.UNITS] = self.units if units is None else units
        asked[:, path.PLANT_UNITS] = (0 if plant is None else plant.units) if plant_units is None else plant_units
        asked[:, path.PLANT_TOWERS] = (0 if plant is None else plant.towers) if plant_towers is None else plant_towers
        asked[:, path.ECONOMIZER] = economizer
        wanted = np.zeros((n, path.WANTED))
        plant_asked = np.empty((n, operation_kernel.ASKED))
        self.loop(self.parameters, asked, wanted, plant_asked)
        return AskedPath(asked, wanted, plant_asked, np.zeros((n, operation_kernel.ANSWERED)))


def fewest_units(heat_w: float, unit_capacity_w: float | None, largest_w: float) -> tuple[int, float]:
    """Return how many units a heat [W] needs, at least one, and the capacity of each [W].

    Where no capacity is stated the fewest units of no more than `largest_w` share the heat equally.
    """
    each_w = largest_w if unit_capacity_w is None else unit_capacity_w
    needed = max(math.ceil(heat_w / each_w * (1.0 - 1e-12)), 1)
    if unit_capacity_w is None and heat_w > 0.0:
        each_w = heat_w / needed * _ROUNDED_UP
    return needed, each_w
