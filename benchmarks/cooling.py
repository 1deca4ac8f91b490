"""The cooling of a hall: at one border of a run, and over the hours of a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from models.cooling.cooling import Cooling
from models.moist_air.psychrometrics import wet_bulb_c
from models.weather.design_day import DesignDay

from .figure import Figure, median_cpu_s

HOURS = 8760
BORDERS = 1000
DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="benchmark")
STATED = {"kind": "stated", "power_share": 0.2}
HALLS: dict[str, dict[str, Any]] = {
    "outside air, dry coolers": {
        "air": {"kind": "outside-air", "plant": STATED, "pad_effectiveness": 0.8},
        "liquid": {"plant": {"kind": "dry-cooler"}, "supply": "42 °C"},
    },
    "air handlers, towers": {
        "air": {"kind": "crah", "plant": STATED},
        "liquid": {"plant": {"kind": "cooling-tower"}},
    },
}


def measure(runs: int) -> Iterator[Figure]:
    """Yield the time of one look at each hall, and of a year of hours."""
    generator = np.random.default_rng(1)
    dry_bulb_c = generator.uniform(-20.0, 35.0, HOURS)
    humidity = generator.uniform(0.05, 1.0, HOURS)
    pressure_pa = np.full(HOURS, 101_325.0)
    weather = (dry_bulb_c, humidity, wet_bulb_c(dry_bulb_c, humidity, pressure_pa), pressure_pa)
    air_w, liquid_w = generator.uniform(1e6, 2.3e6, HOURS), generator.uniform(4e6, 8e6, HOURS)
    for name, section in HALLS.items():
        hall = Cooling.model_validate(section).sized(10e6, 0.3e6, DESIGN_DAY)

        def borders(hall: Any = hall) -> None:
            for hour in range(BORDERS):
                hall.operate(air_w[hour], liquid_w[hour], *(float(values[hour]) for values in weather))

        def year(hall: Any = hall) -> None:
            hall.operate(air_w, liquid_w, *weather)

        year()  # compiled
        yield Figure(f"cooling: a border, {name}", 1e6 * median_cpu_s(borders, runs) / BORDERS, "CPU-us", target=150.0)
        yield Figure(
            f"cooling: 8,760 hours, {name}",
            1e3 * median_cpu_s(year, runs),
            "CPU-ms",
            target=50.0,
            covers="both paths, plants included",
        )
