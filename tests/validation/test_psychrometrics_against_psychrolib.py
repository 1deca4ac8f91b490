"""Moist air against psychrolib, ASHRAE's equations in another hand."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data_file import DataFolders
from models.moist_air import psychrometrics
from models.weather.epw import EpwWeather

ANY_WEATHER_K = 0.01
NEAR_FREEZING_K = 0.35
"""Within 0.5 K of freezing air has two wet bulbs by the handbook, over water and over ice; psychrolib gives either,
ours lies between them. The drier the air, the farther they are apart: 0.35 K bounds the public weather, and air of 40 %
relative humidity and more at any pressure here; desert air of a few per cent has them 0.8 K apart."""
HUMID = 0.4


@pytest.fixture(scope="module")
def psychrolib() -> Any:
    """psychrolib without numba, which it would compile itself with for four seconds."""
    held = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "numba"}
    sys.modules["numba"] = None  # type: ignore[assignment]
    try:
        library = importlib.import_module("psychrolib")
    except ImportError:
        pytest.skip("psychrolib is not installed")
    finally:
        del sys.modules["numba"]
        sys.modules.update(held)
    library.SetUnitSystem(library.SI)
    return library


def draws(count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Air as weather has it: -40 to 50 °C, dry to saturated, from sea level to 3000 m."""
    generator = np.random.default_rng(1)
    return generator.uniform(-40, 50, count), generator.uniform(0.01, 1, count), generator.uniform(70e3, 104e3, count)


def worst_k(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    """Return the largest difference [K] away from freezing and within 0.5 K of it."""
    near = (np.abs(ours) <= 0.5) | (np.abs(theirs) <= 0.5)
    apart = np.abs(ours - theirs)
    return float(np.max(apart, where=~near, initial=0.0)), float(np.max(apart, where=near, initial=0.0))


def test_wet_bulb_over_the_range_of_weather(psychrolib: Any) -> None:
    air = draws(400)
    theirs = [psychrolib.GetTWetBulbFromRelHum(*row) for row in zip(*map(np.ndarray.tolist, air), strict=True)]
    away, near = worst_k(psychrometrics.wet_bulb_c(*air), np.array(theirs))
    assert away <= ANY_WEATHER_K
    assert near <= NEAR_FREEZING_K


@pytest.mark.parametrize(
    "file", ["USA_AZ_Phoenix-Sky.Harbor.epw", "USA_VA_Leesburg.Exec.epw", "USA_WA_Seattle-Tacoma.epw"]
)
def test_wet_bulb_of_public_weather(psychrolib: Any, public_data: Path, file: str) -> None:
    weather = EpwWeather.model_validate({"file": f"weather/{file}"}, context=DataFolders.of(public_data)).read()
    air = [s.values for s in (weather.dry_bulb_c, weather.relative_humidity, weather.pressure_pa)]
    ours = psychrometrics.wet_bulb_c(*air)
    # Every 41st hour, and of those within 1.5 K of freezing, where the two may differ, every 7th.
    hours = np.union1d(np.arange(0, len(ours), 41), np.flatnonzero(np.abs(ours) < 1.5)[::7])
    rows = zip(*(column[hours].tolist() for column in air), strict=True)
    away, near = worst_k(ours[hours], np.array([psychrolib.GetTWetBulbFromRelHum(*row) for row in rows]))
    assert away <= ANY_WEATHER_K
    assert near <= NEAR_FREEZING_K


def handbook_wet_bulb_c(dry_bulb_c: float, ratio: float, pressure_pa: float, over: tuple[float, ...]) -> float:
    """Return the wet bulb [°C] of equation 33 (over water) or 35 (over ice) alone, by bisection."""
    latent, fall, condensed = over
    low, high = dry_bulb_c - 40.0, dry_bulb_c
    for _ in range(60):
        wet = 0.5 * (low + high)
        saturated = float(psychrometrics.humidity_ratio(wet, 1.0, pressure_pa))
        evaporated = (latent - fall * wet) * saturated - 1.006 * (dry_bulb_c - wet)
        if evaporated / (latent + 1.86 * dry_bulb_c - condensed * wet) > ratio:
            high = wet
        else:
            low = wet
    return 0.5 * (low + high)


def test_wet_bulb_near_freezing_lies_between_those_over_water_and_over_ice(psychrolib: Any) -> None:
    generator = np.random.default_rng(2)
    wet, humidity = generator.uniform(-0.5, 0.5, 200), generator.uniform(0.01, 1.0, 200)
    pressure_pa = generator.uniform(70e3, 104e3, 200)
    # Dry bulbs that bring the wet bulb near freezing, from a first guess of the psychrometric constant.
    vapour_pa = 611.0 * humidity
    dry = wet + np.maximum(611.0 - vapour_pa, 0.0) / (6.6e-4 * pressure_pa + 45.0 * humidity)
    ours = psychrometrics.wet_bulb_c(dry, humidity, pressure_pa)
    ratio = psychrometrics.humidity_ratio(dry, humidity, pressure_pa)
    near = np.flatnonzero(np.abs(ours) <= 0.5)
    assert len(near) > 60
    for each in near.tolist():
        air = float(dry[each]), float(ratio[each]), float(pressure_pa[each])
        of_water = handbook_wet_bulb_c(*air, (2501.0, 2.326, 4.186))
        of_ice = handbook_wet_bulb_c(*air, (2830.0, 0.24, 2.1))
        assert of_ice - 1e-6 <= ours[each] <= of_water + 1e-6
        theirs = psychrolib.GetTWetBulbFromRelHum(air[0], float(humidity[each]), air[2])
        assert min(abs(theirs - of_ice), abs(theirs - of_water)) <= 1e-3
        if humidity[each] >= HUMID:
            assert abs(theirs - ours[each]) <= NEAR_FREEZING_K


def test_dew_point_humidity_ratio_enthalpy_and_density(psychrolib: Any) -> None:
    air = draws(100)
    ratio = psychrometrics.humidity_ratio(*air)
    rows = list(zip(*map(np.ndarray.tolist, air), strict=True))
    states = [(t, w, p) for (t, _, p), w in zip(rows, ratio.tolist(), strict=True)]
    assert ratio == pytest.approx([psychrolib.GetHumRatioFromRelHum(*row) for row in rows], rel=1e-12)
    dew_points = [psychrolib.GetTDewPointFromRelHum(t, h) for t, h, _ in rows]
    assert psychrometrics.dew_point_c(air[0], air[1]) == pytest.approx(dew_points, abs=1e-3)  # psychrolib's tolerance
    enthalpies = [psychrolib.GetMoistAirEnthalpy(t, w) for t, w, _ in states]
    assert psychrometrics.enthalpy_j_per_kg(air[0], ratio) == pytest.approx(enthalpies, rel=1e-12)
    densities = [psychrolib.GetMoistAirDensity(*state) for state in states]
    # psychrolib rounds 1 / 0.621945 to 1.607858.
    assert psychrometrics.air_density_kg_per_m3(*air) == pytest.approx(densities, rel=1e-7)
