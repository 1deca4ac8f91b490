"""Known states of moist air, and air at the edges."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.moist_air import psychrometrics as air

SEA_LEVEL_PA = 101_325.0
STATES = {
    "summer": (35.0, 0.4, SEA_LEVEL_PA),
    "freezing": (2.0, 0.7, 90_000.0),
    "frost": (-12.0, 0.9, 98_000.0),
    "dry": (41.0, 0.0, SEA_LEVEL_PA),
}


@pytest.mark.parametrize(
    # ASHRAE Handbook Fundamentals 2017, chapter 1, table 3 (vapour pressure) and table 2 (moist air at sea level).
    ("temperature", "pressure", "ratio"),
    [(-20.0, 103.24, 0.0006373), (0.0, 611.21, 0.003789), (20.0, 2338.8, 0.014758), (40.0, 7384.4, 0.049141)],
)
def test_saturated_air_of_the_handbook(temperature: float, pressure: float, ratio: float) -> None:
    # Table 2 is of real gases, which hold 0.5 % more water than the ideal gases of the equations.
    assert air.saturation_pressure_pa(temperature) == pytest.approx(pressure, rel=3e-4)
    assert air.humidity_ratio(temperature, 1.0, SEA_LEVEL_PA) == pytest.approx(ratio, rel=6e-3)


def test_density_of_dry_air_at_20_degrees_is_1_204() -> None:
    assert air.air_density_kg_per_m3(20.0, 0.0, SEA_LEVEL_PA) == pytest.approx(1.204, abs=5e-4)


def test_saturated_and_supersaturated_air_has_its_dry_bulb_as_wet_bulb_and_dew_point() -> None:
    for humidity in (1.0, 1.1):
        assert air.wet_bulb_c(18.0, humidity, SEA_LEVEL_PA) == 18.0
        assert air.dew_point_c(18.0, humidity) == pytest.approx(18.0, abs=1e-9)
    assert air.relative_humidity_from_dew_point(18.0, 19.0) == 1.0
    assert air.humidity_ratio_from_wet_bulb(18.0, 19.0, SEA_LEVEL_PA) == air.humidity_ratio(18.0, 1.0, SEA_LEVEL_PA)


def test_air_without_water_has_a_wet_bulb_and_the_lowest_dew_point() -> None:
    assert air.humidity_ratio(30.0, 0.0, SEA_LEVEL_PA) == 0.0
    assert air.wet_bulb_c(30.0, 0.0, SEA_LEVEL_PA) == pytest.approx(10.5, abs=0.1)  # read off the handbook's chart 1
    assert air.dew_point_c(30.0, 0.0) == -100.0


def test_air_hot_enough_to_boil_still_answers() -> None:
    states = np.array(
        [[70.0, 1.0, 20_000.0], [100.0, 1.0, SEA_LEVEL_PA], [99.0, 0.9, 60_000.0], [-90.0, 0.0, 31_000.0]]
    )
    assert np.all(np.isfinite(air.wet_bulb_c(*states.T)))
    assert np.all(np.isfinite(air.humidity_ratio(*states.T)))


def test_floats_give_a_float_and_arrays_broadcast() -> None:
    assert isinstance(air.wet_bulb_c(20.0, 0.5, SEA_LEVEL_PA), float)
    wet_bulbs = air.wet_bulb_c(np.full((2, 3), 20.0), np.array([0.2, 0.5, 0.9]), np.array(SEA_LEVEL_PA))
    assert wet_bulbs.shape == (2, 3)
    assert wet_bulbs[1, 1] == air.wet_bulb_c(20.0, 0.5, SEA_LEVEL_PA)
    kept = np.full((2, 3), 20.0, order="F")
    kept.flags.writeable = False
    assert np.array_equal(air.wet_bulb_c(kept, np.array([[0.2, 0.5, 0.9]]), SEA_LEVEL_PA), wet_bulbs)
    assert air.wet_bulb_c(np.empty(0), 0.5, SEA_LEVEL_PA).shape == (0,)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ((float("nan"), 0.5, SEA_LEVEL_PA), "dry_bulb_c is nan; allowed: -100 to 100"),
        ((20.0, -0.1, SEA_LEVEL_PA), "relative_humidity is -0.1; allowed: 0 to inf"),
        ((20.0, 0.5, 0.0), "pressure_pa is 0; allowed: 1 to 1e[+]07"),
    ],
)
def test_what_no_air_is_like_is_refused(state: tuple[float, float, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        air.wet_bulb_c(*state)


def answers() -> str:
    """Every quantity of every state, to the last bit."""
    found = []
    for state in STATES.values():
        ratio = air.humidity_ratio(*state)
        wet_bulb = air.wet_bulb_c(*state)
        enthalpy = air.enthalpy_j_per_kg(state[0], ratio)
        found += [
            ratio, wet_bulb, enthalpy, air.dew_point_c(*state[:2]), air.air_density_kg_per_m3(*state),
            air.humidity_ratio_from_wet_bulb(state[0], wet_bulb, state[2]), air.saturation_pressure_pa(state[0]),
            air.saturated_temperature_c(enthalpy, state[2]),
        ]  # fmt: skip
    return " ".join(float(value).hex() for value in found)


def test_plain_python_gives_the_same_bits() -> None:
    here = Path(__file__).resolve()
    paths = os.pathsep.join([str(here.parents[2]), str(here.parent)])
    plain = subprocess.run(
        [sys.executable, "-c", "import test_psychrometrics; print(test_psychrometrics.answers())"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout.strip() == answers()
