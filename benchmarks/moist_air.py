"""The wet bulb of a year, and the thermal nodes that a run asks at every border."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from models.cooling.air_nodes import AirState
from models.cooling.thermal_mass import ThermalMass
from models.moist_air.psychrometrics import wet_bulb_c

from .figure import Figure, median_cpu_s

HOURS = 8760
BORDERS = 10_000


def measure(runs: int) -> Iterator[Figure]:
    """Yield the time of a year's wet bulbs, beside Stull's fit of them, and that of a border of the thermal nodes."""
    generator = np.random.default_rng(1)
    dry_bulb_c = generator.uniform(-20.0, 40.0, HOURS)
    humidity = generator.uniform(0.05, 1.0, HOURS)
    pressure_pa = np.full(HOURS, 101_325.0)

    def stull() -> object:
        """R. Stull, Journal of Applied Meteorology and Climatology 50, 2011: to 1 K, at sea level."""
        percent = 100.0 * humidity
        return (
            dry_bulb_c * np.arctan(0.151977 * np.sqrt(percent + 8.313659))
            + np.arctan(dry_bulb_c + percent)
            - np.arctan(percent - 1.676331)
            + 0.00391838 * percent**1.5 * np.arctan(0.023101 * percent)
            - 4.686035
        )

    wet_bulb_c(dry_bulb_c, humidity, pressure_pa)  # compiled
    yield Figure(
        "moist air: wet bulb of 8,760 hours",
        1e3 * median_cpu_s(lambda: wet_bulb_c(dry_bulb_c, humidity, pressure_pa), runs),
        "CPU-ms",
        target=15.0,
        reference=1e3 * median_cpu_s(stull, runs),
        reference_name="Stull's fit in numpy",
    )
    air = ThermalMass().for_it_power(1e6).air
    for name, capacity_w in (("held", 1.2e6), ("warming", 0.5e6)):

        def borders(capacity_w: float = capacity_w) -> float:
            state = AirState(24.0, 24.0)
            soonest_s = math.inf
            for _ in range(BORDERS):
                found_s = air.time_to_reach_s(state, 1e6, capacity_w, 24.0, 1e9)
                soonest_s = min(soonest_s, found_s)
                state = air.advance(state, 1e6, capacity_w, 24.0, 300.0).state
            return soonest_s

        yield Figure(
            f"thermal nodes: a border of a hall, {name}",
            1e6 * median_cpu_s(borders, runs) / BORDERS,
            "CPU-us",
            covers="time to the limit and 300 s onwards",
        )
