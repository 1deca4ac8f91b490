"""A typical year of towers at three sites, beside bounds that follow from water and air."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.cooling.plants.cooling_tower import CoolingTowerPlant
from models.cooling.plants.plant import Duty
from models.moist_air.psychrometrics import wet_bulb_c
from models.weather.design_day import DesignDay
from models.weather.epw import EpwWeather

if TYPE_CHECKING:
    from pathlib import Path

HEAT_W = 20e6
# Annual evaporation design wet bulb at 0.4% of hours in each file's header.
SITES = {"USA_VA_Leesburg.Exec": 26.3, "USA_AZ_Phoenix-Sky.Harbor": 24.2, "USA_WA_Seattle-Tacoma": 19.3}


@pytest.mark.parametrize("site", SITES)
def test_a_year_of_towers_evaporates_between_the_winter_and_the_summer_share(site: str, public_data: Path) -> None:
    weather = EpwWeather(file=str(public_data / "weather" / f"{site}.epw"), outside=True).read()
    dry_bulb_c, pressure_pa = weather.dry_bulb_c.values, weather.pressure_pa.values
    wet_c = wet_bulb_c(dry_bulb_c, weather.relative_humidity.values, pressure_pa)
    day = DesignDay(40.0, SITES[site], float(pressure_pa.mean()), "the file's header")
    year = CoolingTowerPlant().sized(Duty(HEAT_W, 32.0, day)).operate(HEAT_W, 32.0, dry_bulb_c, wet_c, pressure_pa)
    heat_kwh = year.removed_w.sum() / 1e3
    drawn_l_per_kwh = (year.evaporation_kg_per_s + year.blowdown_kg_per_s + year.drift_kg_per_s).sum() * 3600 / heat_kwh
    # 3600 kJ over 2430 kJ/kg evaporate 1.48 L/kWh of heat if all of it does; 0.6 of it at 0 °C, up to 1.1 in dry heat.
    # Six cycles add a fifth of that.
    assert 0.6 * 1.48 * 1.2 < drawn_l_per_kwh < 1.1 * 1.48 * 1.2
    # Pumps of the middle of the published ranges draw 1.4% and 0.7% of the heat that they carry at full flow, and fans
    # at full speed 1.1%.
    assert 0.018 < (year.fan_w + year.pump_w).sum() / year.removed_w.sum() < 0.032
    # 0.4% of the hours are hotter than the design wet bulb, and one spare cell helps in most of them.
    assert np.mean(year.removed_w < HEAT_W) < 0.012
