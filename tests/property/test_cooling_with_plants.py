"""The cooling of a hall with plants as they are built: neither load nor heat outside saves power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.cooling.cooling import Cooling
from models.cooling.sized_cooling import CoolingOperation
from models.moist_air.psychrometrics import wet_bulb_c
from models.weather.design_day import DesignDay

STATED = {"kind": "stated", "power_share": 0.2}
DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="test")
PLANTS: dict[str, dict[str, Any]] = {
    "cooling-tower": {"kind": "cooling-tower"},
    "dry-cooler": {"kind": "dry-cooler"},
    "chilled-water": {"kind": "chilled-water", "economizer": {}},
}
HALLS = {
    name: Cooling.model_validate(
        {"air": {"kind": "crah", "plant": STATED}, "liquid": {"plant": plant, "supply": "42 °C"}}
    ).sized(10e6, 0.3e6, DESIGN_DAY)
    for name, plant in PLANTS.items()
}
plants = pytest.mark.parametrize("name", HALLS)


def operate(name: str, heat_w: Any, dry_bulb_c: Any, humidity: float, **more: Any) -> CoolingOperation:
    wet_c = np.atleast_1d(wet_bulb_c(dry_bulb_c, humidity, 101_325.0))
    return HALLS[name].operate(0.25 * heat_w, heat_w, dry_bulb_c, humidity, wet_c, 101_325.0, **more)


@plants
def test_design_day_is_met_without_the_spare_units(name: str) -> None:
    for part in HALLS[name].capacity_on(DESIGN_DAY):
        assert part.capacity_w >= (8e6 if part.path == "liquid" else 2.3e6) * (1.0 - 1e-9)


@pytest.mark.parametrize("name", ["cooling-tower", "dry-cooler"])
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_plants_without_compressors_take_all_that_is_removed(name: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    heat_w, dry_bulb_c = draw.uniform(0.0, 10e6, 100), draw.uniform(-20.0, 45.0, 100)
    coolant_c = draw.uniform(38.0, 55.0, 100)
    works = operate(name, heat_w, dry_bulb_c, 0.4, coolant_c=coolant_c)
    np.testing.assert_allclose(works.free_w, works.liquid_removed_w + works.cdu_pump_w, rtol=1e-9, atol=1e-3)


@plants
@settings(max_examples=10, deadline=None)
@given(dry_bulb_c=st.floats(-20.0, 45.0), humidity=st.floats(0.05, 1.0), coolant_c=st.floats(40.0, 50.0))
def test_more_heat_never_less_power(name: str, dry_bulb_c: float, humidity: float, coolant_c: float) -> None:
    heat_w = np.linspace(0.0, 10e6, 201)
    power_w = operate(name, heat_w, dry_bulb_c, humidity, coolant_c=coolant_c).power_w
    assert np.all(np.diff(power_w) >= -1e-6 * power_w.max())


@plants
@settings(max_examples=10, deadline=None)
@given(heat_w=st.floats(0.0, 8e6), humidity=st.floats(0.05, 1.0))
def test_warmer_outside_never_less_power_while_the_heat_is_removed(name: str, heat_w: float, humidity: float) -> None:
    works = operate(name, np.full(201, heat_w), np.linspace(-20.0, 45.0, 201), humidity)
    enough = works.liquid_capacity_w >= heat_w
    assert np.all(np.diff(works.power_w[enough]) >= -1e-6 * works.power_w.max())


@plants
@settings(max_examples=10, deadline=None)
@given(heat_w=st.floats(0.0, 10e6), dry_bulb_c=st.floats(-20.0, 45.0), units=st.integers(0, 4))
def test_warmer_coolant_never_less_capacity(name: str, heat_w: float, dry_bulb_c: float, units: int) -> None:
    coolant_c = np.linspace(38.0, 60.0, 201)
    works = operate(name, heat_w, dry_bulb_c, 0.4, coolant_c=coolant_c, liquid_plant_units=float(units))
    assert np.all(np.diff(works.liquid_capacity_w) >= -1e-6 * 10e6)
