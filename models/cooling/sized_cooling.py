"""The cooling of a hall with its machines chosen: what it draws and what it removes, whatever load and weather."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from ..weather.design_day import DesignDay
from .heat_path import AskedPath, SizedHeatPath
from .plants.plant import SizedPlant

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatOrArray = float | NDArray[np.float64]

SPACE_HEATED = {
    "compressor_w": "outdoors",
    "rejection_fan_w": "outdoors",
    "plant_pump_w": "plant-room",
    "treatment_w": "plant-room",
    "air_fan_w": "hall",
    "cdu_pump_w": "hall",
    "humidification_w": "outdoors",
}
"""The space that each power of a `CoolingOperation` heats. The paths themselves take away what fans and pumps add:
`air_removed_w` and `liquid_removed_w` are net of it, and a plant takes the heat of its own pumps."""
UPS_PART = {"air_fan_w": "fans", "cdu_pump_w": "cdu-pumps", "plant_pump_w": "plant-pumps"}
"""The part of `Cooling.on_ups` that each power belongs to; the others are never on a UPS."""


class CoolingOperation(NamedTuple):
    """How the cooling works, each of shape (n,).

    Powers by what draws them; water by where it goes; `air_capacity_w` and `liquid_capacity_w`, the most heat that
    each path can take at the temperatures asked, net of its own fans and pumps (below 0 where they run and nothing
    cools); `air_removed_w` and `liquid_removed_w`, what it does take; `free_w`, the heat removed without compressors,
    that of fans and pumps included; `running`, the plants' machines that run; `extrapolated` and `clamped`, 1 where a
    curve was left or held at its bounds.
    """

    compressor_w: NDArray[np.float64]
    rejection_fan_w: NDArray[np.float64]
    plant_pump_w: NDArray[np.float64]
    treatment_w: NDArray[np.float64]
    air_fan_w: NDArray[np.float64]
    cdu_pump_w: NDArray[np.float64]
    humidification_w: NDArray[np.float64]
    evaporation_kg_per_s: NDArray[np.float64]
    blowdown_kg_per_s: NDArray[np.float64]
    drift_kg_per_s: NDArray[np.float64]
    humidification_kg_per_s: NDArray[np.float64]
    air_capacity_w: NDArray[np.float64]
    liquid_capacity_w: NDArray[np.float64]
    air_removed_w: NDArray[np.float64]
    liquid_removed_w: NDArray[np.float64]
    free_w: NDArray[np.float64]
    running: NDArray[np.float64]
    extrapolated: NDArray[np.float64]
    clamped: NDArray[np.float64]

    @property
    def power_w(self) -> NDArray[np.float64]:
        """All electrical power [W]."""
        total: NDArray[np.float64] = self.compressor_w + self.rejection_fan_w + self.plant_pump_w
        return total + self.treatment_w + self.air_fan_w + self.cdu_pump_w + self.humidification_w

    @property
    def rejected_w(self) -> NDArray[np.float64]:
        """Heat that leaves to the outdoors [W]: what is removed from hall and racks, and all electricity."""
        return self.air_removed_w + self.liquid_removed_w + self.power_w


class PartCapacity(NamedTuple):
    """The heat that a path, `air` or `liquid`, can take [W] with `working` of a part's units, all others whole."""

    path: str
    part: str
    units: int
    working: int
    capacity_w: float


@dataclass(frozen=True, eq=False)
class SizedCooling:
    """The air path, and the liquid path where there is one; without a plant of its own that shares the air's."""

    air: SizedHeatPath
    liquid: SizedHeatPath | None

    def operate(
        self,
        air_heat_w: FloatOrArray,
        liquid_heat_w: FloatOrArray,
        dry_bulb_c: FloatOrArray,
        relative_humidity: FloatOrArray,
        wet_bulb_c: FloatOrArray,
        pressure_pa: FloatOrArray,
        supply_air_c: FloatOrArray | None = None,
        coolant_c: FloatOrArray | None = None,
        *,
        air_units: FloatOrArray | None = None,
        air_plant_units: FloatOrArray | None = None,
        air_plant_towers: FloatOrArray | None = None,
        cdu_units: FloatOrArray | None = None,
        liquid_plant_units: FloatOrArray | None = None,
        liquid_plant_towers: FloatOrArray | None = None,
        economizer: FloatOrArray = 1.0,
    ) -> CoolingOperation:
        """Return how the cooling works; arguments are floats or arrays of one shape (n,).

        `air_heat_w` is all heat that the hall's air gets [W] before the air side's own fans, `liquid_heat_w` what the
        coolant gets; relative humidity is a fraction. `supply_air_c` and `coolant_c` are what the computers get, by
        default what was sized for. Of the machines all work where not given, and a plant that both share follows those
        of the air; `economizer` 0 switches free cooling off. Raises ValueError where there is heat for a liquid path
        that is not there.
        """
        import numpy as np

        from . import heat_path_kernel as path

        weather = (dry_bulb_c, relative_humidity, wet_bulb_c, pressure_pa)
        machines = (air_units, air_plant_units, air_plant_towers), (cdu_units, liquid_plant_units, liquid_plant_towers)
        air_given = (air_heat_w, self.air.supply_c if supply_air_c is None else supply_air_c, *weather)
        given = (*air_given, liquid_heat_w, coolant_c, economizer, *machines[0], *machines[1])
        n = max([len(value) for value in given if isinstance(value, np.ndarray) and value.ndim], default=1)
        answered = np.zeros((path.ANSWERED, n))
        air = self.air.ask(n, air_given, machines[0], economizer, self.air.plant)
        if self.liquid is None:
            if np.any(liquid_heat_w):
                raise ValueError("there is heat for a coolant, but the cooling has no `liquid`")
            _run(self.air.plant, air)
        else:
            liquid_given = (liquid_heat_w, self.liquid.supply_c if coolant_c is None else coolant_c, *weather)
            liquid = self.liquid.ask(n, liquid_given, machines[1], economizer, self.liquid.plant)
            if self.liquid.plant is None:
                _run_shared(self.air.plant, air, liquid)
            else:
                _run(self.air.plant, air)
                _run(self.liquid.plant, liquid)
            path.answer(path.LIQUID, *liquid, answered)
        path.answer(path.AIR, *air, answered)
        return CoolingOperation(*answered)

    def capacity_on(
        self, design_day: DesignDay, air_heat_w: float | None = None, liquid_heat_w: float | None = None
    ) -> list[PartCapacity]:
        """Return the heat that each part lets its path take on a day [W], with all units and without spare ones.

        The heats [W], by default those that the paths were sized for, set how hard the machines work then. A path
        without spare units has one row; of towers as many are left as stand to the plant's units.
        """
        heats_w = (
            self.air.duty_w if air_heat_w is None else air_heat_w,
            0.0 if self.liquid is None else self.liquid.duty_w if liquid_heat_w is None else liquid_heat_w,
        )
        found: list[PartCapacity] = []
        for path, sized in (("air", self.air), ("liquid", self.liquid)):
            if sized is None:
                continue
            shared = self.air.plant if path == "liquid" and sized.plant is None else None
            for part, machines, all_units, spare in _parts(path, sized, shared):
                for working in (all_units, all_units - spare):
                    capacity_w = self._capacity_w(design_day, heats_w, path, machines, working)
                    found.append(PartCapacity(path, part, all_units, working, capacity_w))
        return list(dict.fromkeys(found))

    def _capacity_w(
        self, day: DesignDay, heats_w: tuple[float, float], path: str, machines: str, working: int
    ) -> float:
        """Return the capacity of a path [W] at these heats, with so many of one part's machines."""
        weather = (day.dry_bulb_c, day.relative_humidity, min(day.wet_bulb_c, day.dry_bulb_c), day.pressure_pa)
        operation = self.operate(*heats_w, *weather, **{machines: working})
        capacity_w = operation.air_capacity_w if path == "air" else operation.liquid_capacity_w
        return float(capacity_w[0])


def _parts(path: str, sized: SizedHeatPath, shared: SizedPlant | None) -> list[tuple[str, str, int, int]]:
    """Return a path's parts: name, keyword of `SizedCooling.operate`, machines, those of them that are spare.

    `shared` is the plant of the air where the coolant shares it.
    """
    parts = [(sized.kind, "cdu_units" if path == "liquid" else "air_units", sized.units, sized.spare)]
    plant, whose = sized.plant or shared, path if shared is None else "air"
    if plant is not None:
        parts.append((plant.kind, f"{whose}_plant_units", plant.units, plant.spare))
        if plant.towers:
            spare = plant.towers * plant.spare // plant.units
            parts.append((f"{plant.kind} towers", f"{whose}_plant_towers", plant.towers, spare))
    return parts


def _run(plant: SizedPlant | None, path: AskedPath) -> None:
    if plant is not None:
        plant.loop(plant.parameters, path.plant_asked, path.plant_answered)


def _run_shared(plant: SizedPlant | None, air: AskedPath, liquid: AskedPath) -> None:
    """Run the plant of the air for both paths; what it draws and uses stands in the air's rows."""
    import numpy as np

    from .shared_plant_kernel import divide, join

    if plant is not None:
        asked = np.empty_like(air.plant_asked)
        join(air.plant_asked, liquid.plant_asked, asked)
        plant.loop(plant.parameters, asked, air.plant_answered)
        divide(air.plant_asked, liquid.plant_asked, air.plant_answered, liquid.plant_answered)
