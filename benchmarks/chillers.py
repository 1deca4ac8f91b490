"""A year of the plants that have chillers, and one instant of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from models.cooling.plants.air_cooled_chiller import AirCooledChillerPlant
from models.cooling.plants.chilled_water import ChilledWaterPlant
from models.cooling.plants.plant import Duty, Plant
from models.weather.design_day import DesignDay

from .figure import Figure, median_cpu_s

HOURS = 8760
HEAT_W = 10e6
SUPPLY_C = 18.0
PLANTS: dict[str, tuple[type[Plant], dict[str, Any]]] = {
    "chilled water, economizer": (ChilledWaterPlant, {"economizer": {}}),
    "air-cooled chillers, coils": (AirCooledChillerPlant, {"coil": {}}),
}


def measure(runs: int) -> Iterator[Figure]:
    """Yield the time of 8,760 hours and of a single row of each plant, at least-power staging."""
    generator = np.random.default_rng(1)
    wet_bulb_c = 12.0 + 9.0 * np.sin(np.linspace(0.0, 2.0 * np.pi, HOURS)) + generator.normal(0.0, 3.0, HOURS)
    heat_w = generator.uniform(0.8, 0.9, HOURS) * HEAT_W
    duty = Duty(HEAT_W, SUPPLY_C, DesignDay(36.0, 25.6, 101_325.0, "benchmark"))
    for name, (kind, given) in PLANTS.items():
        plant = kind.model_validate(given).sized(duty)

        def year(plant: Any = plant) -> object:
            return plant.operate(heat_w, SUPPLY_C, wet_bulb_c + 6.0, wet_bulb_c, 101_325.0)

        def instants(plant: Any = plant) -> None:
            for _ in range(1000):
                plant.operate(8e6, SUPPLY_C, 26.0, 20.0, 101_325.0)

        year()
        yield Figure(f"{name}, {plant.units} units: 8,760 hours", 1e3 * median_cpu_s(year, runs), "CPU-ms", target=50.0)
        yield Figure(f"{name}: one row", 1e3 * median_cpu_s(instants, runs), "CPU-us", target=150.0)
