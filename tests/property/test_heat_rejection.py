"""More heat or hotter air never lets towers and dry coolers draw less, and no answer is impossible."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cooling.plants.cooling_tower import CoolingTowerPlant
from models.cooling.plants.dry_cooler import DryCoolerPlant
from models.cooling.plants.plant import Duty, Operation, SizedPlant
from models.weather.design_day import DesignDay

DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="a test")
HEAT_W = 12e6
PLANTS = ["merkel", "yorkcalc", "dry", "pads", "pads-late"]
RELATIVE = 1e-9  # the roots are found to 1e-12; fan power is a cube of them


@functools.cache
def sized(name: str) -> SizedPlant:
    if name in ("merkel", "yorkcalc"):
        plant = CoolingTowerPlant.model_validate({"tower": {"correlation": name}, "unit_heat": "2 MW", "spare": 2})
        return plant.sized(Duty(HEAT_W, 32.0, DAY))
    pads = {"dry": None, "pads": {}, "pads-late": {"switch_on": "60 °C"}}[name]
    return DryCoolerPlant.model_validate({"pads": pads}).sized(Duty(HEAT_W, 40.0 if name == "dry" else 32.0, DAY))


def grid(name: str, units: int | None = None) -> tuple[Operation, tuple[int, int, int]]:
    """Return operation over heats, dry bulbs and wet bulbs (as depression at the hottest), in this order."""
    heats_w = HEAT_W * np.concatenate([[1e-6, 1e-3], np.linspace(0.02, 1.6, 80)])
    wet_bulbs_c = np.linspace(-30.0, 34.0, 65)
    dry_bulbs_c = np.array([34.0, 36.0])
    heat, dry, wet = np.meshgrid(heats_w, dry_bulbs_c, wet_bulbs_c, indexing="ij")
    plant = sized(name)
    supply_c = 40.0 if name == "dry" else 32.0
    operation = plant.operate(heat.ravel(), supply_c, dry.ravel(), wet.ravel(), 101_325.0, units=units)
    return operation, heat.shape


def never_falls(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]], axis: int) -> bool:
    lower, upper = np.diff(values, axis=axis), np.abs(np.delete(values, -1, axis))
    return bool((lower >= -RELATIVE * (upper + 1.0)).all())


@pytest.mark.parametrize("units", [None, 5])
@pytest.mark.parametrize("name", PLANTS)
def test_power_never_falls_with_heat_or_wet_bulb(name: str, units: int | None) -> None:
    operation, shape = grid(name, units)
    total_w = (operation.fan_w + operation.pump_w).reshape(shape)
    assert never_falls(total_w, 0)
    assert never_falls(total_w, 2)
    assert never_falls(-operation.capacity_w.reshape(shape), 2)


@pytest.mark.parametrize("name", ["merkel", "yorkcalc"])
def test_fans_of_running_cells_never_slow_with_heat_or_wet_bulb(name: str) -> None:
    plant = sized(name)
    heat, wet = np.meshgrid(np.linspace(0.01, 1.0, 60) * HEAT_W / 6, np.linspace(-30.0, 31.0, 62), indexing="ij")
    fan_w = plant.operate(heat.ravel(), 32.0, 35.0, wet.ravel(), 101_325.0, units=1).fan_w.reshape(heat.shape)
    assert never_falls(fan_w, 0) and never_falls(fan_w, 1)


@pytest.mark.parametrize("name", ["dry", "pads-late"])
def test_power_of_coolers_never_falls_with_dry_bulb(name: str) -> None:
    heat, dry = np.meshgrid(np.linspace(0.01, 1.4, 60) * HEAT_W, np.linspace(-30.0, 45.0, 76), indexing="ij")
    supply_c = 40.0 if name == "dry" else 32.0
    operation = sized(name).operate(heat.ravel(), supply_c, dry.ravel(), dry.ravel() - 8.0, 101_325.0)
    assert never_falls((operation.fan_w + operation.pump_w).reshape(heat.shape), 1)


def answers() -> str:
    """Answers of every plant to odd questions, to the last bit."""
    rng = np.random.default_rng(20)
    dry_bulb_c, heat_w = rng.uniform(-30.0, 45.0, 30), rng.uniform(-1e6, 1.6 * HEAT_W, 30)
    weather = dry_bulb_c, dry_bulb_c - rng.uniform(0.0, 15.0, 30), rng.uniform(8e4, 1.03e5, 30)
    questions = np.maximum(heat_w, 0.0), rng.uniform(15.0, 45.0, 30), *weather
    return "".join(np.stack(sized(name).operate(*questions, units=6)).tobytes().hex() for name in PLANTS)


def test_plain_python_gives_the_same_bits() -> None:
    here = Path(__file__).resolve()
    paths = os.pathsep.join([str(here.parents[2]), str(here.parent)])
    plain = subprocess.run(
        [sys.executable, "-c", "import test_heat_rejection; print(test_heat_rejection.answers())"],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    assert plain.stdout.strip() == answers()


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(PLANTS),
    heat_w=st.floats(0.0, 2.0 * HEAT_W),
    dry_bulb_c=st.floats(-40.0, 48.0),
    depression_k=st.floats(0.0, 20.0),
    supply_c=st.floats(15.0, 45.0),
    pressure_pa=st.floats(75_000.0, 105_000.0),
    units=st.integers(0, 8),
)
def test_every_answer_is_possible(
    name: str,
    heat_w: float,
    dry_bulb_c: float,
    depression_k: float,
    supply_c: float,
    pressure_pa: float,
    units: int,
) -> None:
    plant = sized(name)
    wet_bulb_c = dry_bulb_c - depression_k
    operation = plant.operate(heat_w, supply_c, dry_bulb_c, wet_bulb_c, pressure_pa, units=units)
    values = np.array([column[0] for column in operation])
    assert np.isfinite(values).all() and (values >= 0.0).all()
    assert operation.removed_w[0] == min(heat_w, operation.capacity_w[0]) == operation.free_w[0]
    assert operation.running[0] <= units
    # A row is answered alike, whatever stands above and below it.
    again = plant.operate(np.full(3, heat_w), supply_c, dry_bulb_c, wet_bulb_c, pressure_pa, units=units)
    assert all((column == value).all() for column, value in zip(again, values, strict=True))
