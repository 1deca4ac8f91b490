"""A typical year of whole halls at three sites, beside what fleets and studies report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from models.cooling.cooling import Cooling
from models.moist_air.psychrometrics import wet_bulb_c
from models.weather.design_choice import DesignChoice, design_day
from models.weather.epw import EpwWeather

if TYPE_CHECKING:
    from pathlib import Path

SITES = ("USA_VA_Leesburg.Exec", "USA_AZ_Phoenix-Sky.Harbor", "USA_WA_Seattle-Tacoma")
IT_W = 10e6
LOAD = 0.75
# Losses of the power chain over IT power: a UPS of 96 %, distribution of 99 %, the middle of modern hyperscale ranges
# (Lei and Masanet 2022: 90 to 99 % and 0 to 2 % lost).
LOSS = 1.0 / (0.96 * 0.99) - 1.0
CHILLED = {"kind": "chilled-water", "economizer": {}}
PADS = {"effectiveness": 0.8}
HALLS: dict[str, dict[str, Any]] = {
    "towers, 80 % liquid": {
        "air": {"kind": "crah", "plant": CHILLED},
        "liquid": {"plant": {"kind": "cooling-tower"}},
    },
    "air only": {"air": {"kind": "crah", "plant": CHILLED}},
    "air only, no economizer": {"air": {"kind": "crah", "plant": {"kind": "chilled-water"}}},
    "air only, 27 °C": {"air": {"kind": "crah", "plant": CHILLED}, "supply_air": "27 °C"},
    "outside air": {"air": {"kind": "outside-air", "plant": {"kind": "chilled-water"}, "pad_effectiveness": 0.85}},
    "dry coolers with pads, 80 % liquid": {
        "air": {"kind": "crah", "plant": CHILLED},
        "liquid": {"plant": {"kind": "dry-cooler", "pads": PADS}, "supply": "45 °C"},
    },
}


class Year(NamedTuple):
    pue: float
    wue_l_per_kwh: float
    free_hours: int
    hours_short: int


@pytest.fixture(scope="module", params=SITES)
def years(request: pytest.FixtureRequest, public_data: Path) -> dict[str, Year]:
    """Each hall's year at a constant load."""
    weather = EpwWeather(file=str(public_data / "weather" / f"{request.param}.epw"), outside=True).read()
    day = design_day(weather, DesignChoice())
    air = weather.dry_bulb_c.values, weather.relative_humidity.values
    pressure_pa = weather.pressure_pa.values
    wet_c = wet_bulb_c(*air, pressure_pa)
    found = {}
    for name, given in HALLS.items():
        section = Cooling.model_validate(given)
        air_w = LOAD * ((1.0 - section.captured) * IT_W + 0.02 * IT_W)
        liquid_w = LOAD * section.captured * IT_W
        works = section.sized(IT_W, 0.02 * IT_W, day).operate(air_w, liquid_w, *air, wet_c, pressure_pa)
        short = (works.air_removed_w < air_w * (1 - 1e-9)) | (works.liquid_removed_w < liquid_w * (1 - 1e-9))
        water = works.evaporation_kg_per_s + works.blowdown_kg_per_s + works.drift_kg_per_s
        litres_per_s = (water + works.humidification_kg_per_s).mean()
        found[name] = Year(
            1.0 + LOSS + works.power_w.mean() / (LOAD * IT_W),
            litres_per_s * 3.6e6 / (LOAD * IT_W),
            int(np.sum(works.compressor_w == 0.0)),
            int(short.sum()),
        )
    return found


def test_pue_lies_where_fleets_and_studies_do(years: dict[str, Year]) -> None:
    # Meta 1.08, Google 1.10, AWS 1.15, Microsoft 1.18 (their reports); air only 1.15 to 1.21, of which a mild climate
    # with an economizer may fall short by 0.02.
    assert 1.08 < years["towers, 80 % liquid"].pue < 1.13
    assert 1.13 < years["air only"].pue < 1.21
    assert 1.07 < years["outside air"].pue < 1.13
    assert 1.07 < years["dry coolers with pads, 80 % liquid"].pue < 1.16


def test_water_lies_where_studies_do(years: dict[str, Year]) -> None:
    # 1.46 to 1.67 L/kWh for towers in the studies' climates; Phoenix is drier and hotter.
    assert 1.3 < years["towers, 80 % liquid"].wue_l_per_kwh < 2.0
    assert years["outside air"].wue_l_per_kwh < 0.5 * years["towers, 80 % liquid"].wue_l_per_kwh
    assert years["dry coolers with pads, 80 % liquid"].wue_l_per_kwh < years["towers, 80 % liquid"].wue_l_per_kwh


def test_each_lever_saves_what_it_is_pulled_for(years: dict[str, Year]) -> None:
    assert years["air only"].pue < years["air only, no economizer"].pue
    assert years["air only, 27 °C"].pue < years["air only"].pue
    assert years["towers, 80 % liquid"].pue < years["air only"].pue
    assert years["air only, 27 °C"].free_hours > years["air only"].free_hours > 0
    assert years["air only, no economizer"].free_hours == 0


def test_halls_sized_for_the_design_day_hold_all_but_a_few_hours(years: dict[str, Year]) -> None:
    # Four hours of Phoenix's file have 70 % humidity at 37 °C, a wet bulb of 32 °C, above the highest on record.
    assert all(year.hours_short <= 4 for year in years.values()), years
