"""The parts of the cooling that can fail, in the words of events and of `SizedCooling.operate`."""

from __future__ import annotations

from typing import NamedTuple

from models.cooling.heat_path import SizedHeatPath
from models.sized_facility import SizedFacility

from ..scenario.events.cooling_failure import CoolingPart

_MACHINES = {
    "air-units": "air_units", "fans": "air_units", "air-plant": "air_plant_units", "air-towers": "air_plant_towers",
    "cdu": "cdu_units", "pumps": "cdu_units", "liquid-plant": "liquid_plant_units",
    "liquid-towers": "liquid_plant_towers",
}  # fmt: skip


class Part(NamedTuple):
    """A part: the keyword of `SizedCooling.operate` that says how many of its machines work, how many there are, and
    how long they take to cool again once they have power [s]."""

    machines: str
    units: int
    restart_s: float


def part_of(sized: SizedFacility, name: CoolingPart) -> Part:
    """Return a part of a building; raises ValueError where it has none."""
    machines = _MACHINES[name]
    path: SizedHeatPath | None = sized.cooling.liquid if machines.startswith(("cdu", "liquid")) else sized.cooling.air
    if path is None:
        raise ValueError(f"the cooling has no {name}: it has no liquid path")
    if machines in ("air_units", "cdu_units"):
        return Part(machines, path.units, 0.0)
    if path.plant is None:
        shared = " of its own; it hangs on 'air-plant'" if machines.startswith("liquid") else ""
        raise ValueError(f"the cooling has no {name}{shared}")
    if machines.endswith("towers"):
        if path.plant.towers == 0:
            raise ValueError(f"the cooling has no {name}: plant '{path.plant.kind}' has no towers beside it")
        return Part(machines, path.plant.towers, 0.0)
    return Part(machines, path.plant.units, sized.cooling_section.restart if compresses(sized, path) else 0.0)


def restarting(sized: SizedFacility) -> dict[str, float]:
    """Return the plants whose compressors take a while to come back, as what `SizedCooling.operate` is told of them."""
    paths = {"air_plant_units": sized.cooling.air, "liquid_plant_units": sized.cooling.liquid}
    return {machines: 0.0 for machines, path in paths.items() if path is not None and compresses(sized, path)}


def compresses(sized: SizedFacility, path: SizedHeatPath) -> bool:
    """Return whether a path has a plant of its own with compressors: whether they run on the design day."""
    if path.plant is None:
        return False
    day = sized.design_day
    weather = (day.dry_bulb_c, min(day.wet_bulb_c, day.dry_bulb_c), day.pressure_pa)
    return bool(path.plant.operate(path.duty_w, path.supply_c, *weather).compressor_w[0] > 0.0)
