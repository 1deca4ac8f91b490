"""Whatever the weather and the load: heat and electricity balance, and neither load nor heat outside saves power."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.cooling.cooling import Cooling
from models.cooling.sized_cooling import CoolingOperation
from models.moist_air.psychrometrics import saturation_pressure_pa, wet_bulb_c
from models.weather.design_day import DesignDay

SHARE = 0.2
PLANT = {"kind": "stated", "power_share": SHARE, "margin": 1.3}
DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="test")
AIR_SIDES: dict[str, dict[str, Any]] = {
    "crah": {"kind": "crah", "plant": PLANT},
    "rear-door": {"kind": "rear-door", "plant": PLANT},
    "outside-air": {"kind": "outside-air", "plant": PLANT},
    "outside-air, pads": {"kind": "outside-air", "plant": PLANT, "pad_effectiveness": 0.85},
    "outside-air, no plant": {"kind": "outside-air"},
    "indirect-air": {"kind": "indirect-air", "plant": PLANT},
    "indirect-air, pads": {"kind": "indirect-air", "plant": PLANT, "pad_effectiveness": 0.85},
    "indirect-air, no plant": {"kind": "indirect-air"},
}
HALLS = {
    name: Cooling.model_validate({"air": air, "liquid": {"plant": PLANT, "captured": 0.5}}).sized(
        6e6, 0.2e6, DESIGN_DAY
    )
    for name, air in AIR_SIDES.items()
}
HALLS["crah, plant shared with the coolant"] = Cooling.model_validate(
    {"air": AIR_SIDES["crah"], "liquid": {"captured": 0.5}}
).sized(6e6, 0.2e6, DESIGN_DAY)
halls = pytest.mark.parametrize("name", HALLS)
Values = NDArray[np.float64]


def operate(
    name: str, heat_w: Any, dry_bulb_c: Any, relative_humidity: Any, pressure_pa: Any, **more: Any
) -> CoolingOperation:
    wet_c = wet_bulb_c(dry_bulb_c, relative_humidity, pressure_pa)
    return HALLS[name].operate(heat_w, 0.5 * heat_w, dry_bulb_c, relative_humidity, wet_c, pressure_pa, **more)


@halls
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_what_plants_and_outside_air_take_is_what_hall_and_movers_give(name: str, seed: int) -> None:
    draw = np.random.default_rng(seed)
    n = 100
    heat_w, dry_bulb_c, humidity = draw.uniform(0.0, 6e6, n), draw.uniform(-30.0, 48.0, n), draw.uniform(0.02, 1.0, n)
    pressure_pa, supply_c = draw.uniform(70e3, 104e3, n), draw.uniform(18.0, 45.0, n)
    units = {"air_units": draw.integers(0, HALLS[name].air.units + 1, n).astype(float)}
    works = operate(name, heat_w, dry_bulb_c, humidity, pressure_pa, supply_air_c=supply_c, **units)
    by_plants_w = works.compressor_w / SHARE
    taken_w = works.free_w + by_plants_w
    given_w = works.air_removed_w + works.liquid_removed_w + works.air_fan_w + works.cdu_pump_w
    np.testing.assert_allclose(taken_w, given_w, rtol=1e-9, atol=1e-3)
    np.testing.assert_allclose(works.rejected_w, works.air_removed_w + works.liquid_removed_w + works.power_w)
    assert np.all(works.air_removed_w <= heat_w)
    assert np.all(works.air_removed_w == np.minimum(heat_w, works.air_capacity_w))
    for column in (works.power_w, works.free_w, works.evaporation_kg_per_s, works.humidification_kg_per_s):
        assert np.all(column >= 0.0)


@halls
@settings(max_examples=10, deadline=None)
@given(dry_bulb_c=st.floats(-30.0, 45.0), humidity=st.floats(0.02, 1.0), supply_c=st.floats(20.0, 35.0))
def test_more_heat_never_less_power(name: str, dry_bulb_c: float, humidity: float, supply_c: float) -> None:
    heat_w = np.linspace(0.0, 6e6, 301)
    power_w = operate(name, heat_w, dry_bulb_c, humidity, 101_325.0, supply_air_c=supply_c).power_w
    assert np.all(np.diff(power_w) >= -1e-6)


@halls
@settings(max_examples=10, deadline=None)
@given(heat_w=st.floats(0.0, 3e6), moisture_pa=st.floats(250.0, 2400.0))
def test_warmer_outside_never_less_power(name: str, heat_w: float, moisture_pa: float) -> None:
    dry_bulb_c = np.linspace(-10.0, 48.0, 301)
    humidity = np.minimum(moisture_pa / saturation_pressure_pa(dry_bulb_c), 1.0)
    works = operate(name, np.full(301, heat_w), dry_bulb_c, humidity, 101_325.0)
    if HALLS[name].air.plant is not None:  # without one, a hotter hall is what more heat outside brings
        assert np.all(np.diff(works.power_w) >= -1e-6)
    assert np.all(np.diff(works.air_capacity_w) <= 1e-6)


@halls
@settings(max_examples=10, deadline=None)
@given(heat_w=st.floats(0.0, 6e6), dry_bulb_c=st.floats(-30.0, 45.0), units=st.integers(0, 22))
def test_warmer_hall_never_less_capacity(name: str, heat_w: float, dry_bulb_c: float, units: int) -> None:
    supply_c = np.linspace(20.0, 50.0, 301)
    working = {"air_units": float(min(units, HALLS[name].air.units)), "air_plant_units": float(units % 2)}
    works = operate(name, heat_w, dry_bulb_c, 0.4, 101_325.0, supply_air_c=supply_c, **working)
    assert np.all(np.diff(works.air_capacity_w) >= -1e-6 * 6e6)
