"""A year of the plants that have no compressor, and one instant of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from models.cooling.plants.cooling_tower import CoolingTowerPlant
from models.cooling.plants.dry_cooler import DryCoolerPlant
from models.cooling.plants.plant import Duty, Plant
from models.weather.design_day import DesignDay

from .figure import Figure, median_cpu_s

HOURS = 8760
HEAT_W = 20e6
SUPPLY_C = 32.0
PLANTS: dict[str, tuple[type[Plant], dict[str, Any]]] = {
    "tower, Merkel": (CoolingTowerPlant, {}),
    "tower, YorkCalc": (CoolingTowerPlant, {"tower": {"correlation": "yorkcalc"}}),
    "dry cooler, wet pads": (DryCoolerPlant, {"pads": {}}),
}


def measure(runs: int) -> Iterator[Figure]:
    """Yield the time of 8,760 hours and of a single row of each plant."""
    generator = np.random.default_rng(1)
    wet_bulb_c = generator.uniform(-10.0, 27.0, HOURS)
    heat_w = generator.uniform(0.1, 1.0, HOURS) * HEAT_W
    duty = Duty(HEAT_W, SUPPLY_C, DesignDay(35.0, 25.0, 101_325.0, "benchmark"))
    for name, (kind, given) in PLANTS.items():
        plant = kind.model_validate(given).sized(duty)

        def year(plant: Any = plant) -> object:
            return plant.operate(heat_w, SUPPLY_C, wet_bulb_c + 6.0, wet_bulb_c, 101_325.0)

        def instants(plant: Any = plant) -> None:
            for _ in range(1000):
                plant.operate(15e6, SUPPLY_C, 30.0, 20.0, 101_325.0)

        year()
        yield Figure(f"{name}: 8,760 hours", 1e3 * median_cpu_s(year, runs), "CPU-ms", target=50.0)
        yield Figure(f"{name}: one row", 1e3 * median_cpu_s(instants, runs), "CPU-us", target=150.0)
