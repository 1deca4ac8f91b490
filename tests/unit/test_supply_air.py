"""Raising the supply air: what the plant saves, and what the computers' own fans take of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.cooling.cooling import Cooling
from models.weather.design_day import DesignDay

DESIGN_DAY = DesignDay(dry_bulb_c=35.0, wet_bulb_c=25.0, pressure_pa=101_325.0, source="test")
WARM = (30.0, 0.5, 22.0, 101_325.0)
COOL = (12.0, 0.5, 7.4, 101_325.0)
SUPPLIES_C = np.array([22.0, 24.0, 27.0])


def section(economizer: dict[str, Any] | None = None) -> Cooling:
    plant = {"kind": "chilled-water", "economizer": economizer}
    return Cooling.model_validate({"air": {"kind": "crah", "plant": plant}, "supply_air": "22 °C"})


def test_warmer_supply_saves_power_of_the_plant_and_costs_power_of_the_computers_fans() -> None:
    cooling = section()
    works = cooling.sized(10e6, 0.3e6, DESIGN_DAY).operate(9e6, 0.0, *WARM, SUPPLIES_C)
    fans_w = cooling.server_fans.extra_it_w(np.full(3, 9e6), SUPPLIES_C)
    assert np.all(np.diff(works.power_w) < 0.0)
    assert fans_w[0] == fans_w[1] == 0.0
    assert fans_w[2] > 0.0
    np.testing.assert_array_equal(works.air_removed_w, 9e6)


def test_warmer_supply_makes_more_of_free_cooling() -> None:
    works = section({}).sized(10e6, 0.3e6, DESIGN_DAY).operate(9e6, 0.0, *COOL, SUPPLIES_C)
    assert works.compressor_w[2] == 0.0
    assert np.all(np.diff(works.power_w) < 0.0)


def test_water_is_wanted_as_many_kelvins_warmer_as_the_supply_air() -> None:
    water_c = [
        Cooling.model_validate(
            {"air": {"kind": "crah", "plant": {"kind": "stated", "power_share": 0.2}}, "supply_air": f"{supply_c} °C"}
        ).sized(1e6, 0.0, DESIGN_DAY).air.sizes["water_supply_c"]
        for supply_c in (20, 27)
    ]  # fmt: skip
    # The fans' heat per kelvin of air hangs on its density, 2 % over 7 K.
    assert water_c[1] - water_c[0] == pytest.approx(7.0, abs=0.03)
