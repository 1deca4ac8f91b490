"""The design conditions of EPW headers, edition by edition, and the design day that is chosen from them."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from models.data_file import DataFolders
from models.problems import InputError
from models.weather.constant import ConstantWeather
from models.weather.design_choice import DesignChoice, design_day
from models.weather.design_conditions import DesignConditions, design_conditions
from models.weather.epw import EpwWeather
from models.weather.typical import TypicalWeather
from models.weather.weather import Weather

# San Francisco's airport as in EnergyPlus' collection, and Toronto's of the Canadian weather years.
OF_2009 = (
    "DESIGN CONDITIONS,1,Climate Design Data 2009 ASHRAE Handbook,,Heating,1,3.8,4.9,-3.7,2.8,10.7,-1.2,3.4,11.2,12.9,"
    "12.1,11.6,12.2,2.2,150,Cooling,8,8.5,28.3,17.2,25.7,16.7,23.6,16.2,18.6,25.7,17.8,23.9,17,22.4,5.9,310,16.1,11.5,"
    "19.9,15.3,10.9,19.2,14.7,10.4,18.7,52.4,25.8,49.8,23.8,47.6,22.4,2038,Extremes,12.8,11.5,10.6,22.3,1.8,34.6,1.5,"
    "2.3,0.8,36.2,-0.1,37.5,-0.9,38.8,-1.9,40.5"
)
OF_2021 = (
    "DESIGN CONDITIONS,1,2021 ASHRAE Handbook -- Fundamentals - Chapter 14 Climatic Design Information,,Heating,1,"
    "-10.1,-7.7,-19.6,0.7,-5.6,-17.0,0.9,-5.4,12.6,0.5,11.3,0.4,3.2,320,0.434,Cooling,7,11.5,35.0,24.8,33.0,24.0,32.3,23.6,"
    "26.3,32.3,25.6,31.2,24.9,30.1,3.0,240,24.9,20.3,29.1,23.9,19.1,28.0,23.0,17.9,27.1,82.4,32.0,79.1,30.6,76.2,30.5,"
    "29.0,Extremes,10.4,8.5,7.4,-13.8,37.1,2.9,1.2,-15.9,37.9,-17.6,38.6,-19.2,39.3,-21.3,40.1"
)


def conditions(line: str) -> DesignConditions:
    found = design_conditions(line)
    assert isinstance(found, DesignConditions), found
    return found


def reason(line: str) -> str:
    found = design_conditions(line)
    assert isinstance(found, str)
    return found


@functools.cache
def typical() -> Weather:
    """A typical year without design conditions."""
    return TypicalWeather().read()


def weather_with(line: str) -> Weather:
    return dataclasses.replace(typical(), design_conditions=conditions(line))


def choice(**fields: Any) -> DesignChoice:
    return DesignChoice.model_validate(fields)


@pytest.mark.parametrize(
    ("line", "edition"), [(OF_2009, 2009), (OF_2009.replace("Data 2009", "Data 2013"), 2013)], ids=["2009", "2013"]
)
def test_early_editions_have_the_highest_wet_bulb_among_the_extremes(line: str, edition: int) -> None:
    assert conditions(line) == DesignConditions(
        edition=edition,
        dry_bulb={0.4: (28.3, 17.2), 1.0: (25.7, 16.7), 2.0: (23.6, 16.2)},
        wet_bulb={0.4: (18.6, 25.7), 1.0: (17.8, 23.9), 2.0: (17.0, 22.4)},
        extreme_dry_bulb_c={5: 36.2, 10: 37.5, 20: 38.8, 50: 40.5},
        extreme_wet_bulb_c=22.3,
    )


@pytest.mark.parametrize(
    ("line", "edition"), [(OF_2021, 2021), (OF_2021.replace("2021 ASHRAE", "2017 ASHRAE"), 2017)], ids=["2021", "2017"]
)
def test_late_editions_have_the_highest_wet_bulb_at_the_end_of_cooling(line: str, edition: int) -> None:
    assert conditions(line) == DesignConditions(
        edition=edition,
        dry_bulb={0.4: (35.0, 24.8), 1.0: (33.0, 24.0), 2.0: (32.3, 23.6)},
        wet_bulb={0.4: (26.3, 32.3), 1.0: (25.6, 31.2), 2.0: (24.9, 30.1)},
        extreme_dry_bulb_c={5: 37.9, 10: 38.6, 20: 39.3, 50: 40.1},
        extreme_wet_bulb_c=29.0,
    )


def test_a_highest_wet_bulb_left_empty_is_none() -> None:
    found = conditions(OF_2021.replace(",29.0,Extremes", ",,Extremes"))
    assert found.extreme_wet_bulb_c is None
    assert found.extreme_dry_bulb_c[20] == 39.3


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("DESIGN CONDITIONS,0", "states no design conditions"),
        ("DESIGN CONDITIONS", "states no design conditions"),
        ("HEADER", "not DESIGN CONDITIONS"),
        (OF_2021.replace("2021 ASHRAE", "2037 ASHRAE"), "known are the ASHRAE Handbooks of 2009, 2013, 2017, 2021"),
        (OF_2009.replace("2009", "2021"), "'Heating' of the header's design conditions has not the 16 fields"),
        (OF_2021[:-5], "'Extremes' of the header's design conditions has not the 15 fields"),
        (OF_2021.replace("Cooling,", ""), "have no 'Cooling'"),
        (OF_2021.replace("35.0,24.8", "35.0,n/a"), "can not be read"),
        (OF_2021.replace("35.0,24.8", "95.0,24.8"), "95.0 °C is no temperature of outdoor air"),
    ],
)
def test_headers_without_readable_design_conditions_say_why(line: str, text: str) -> None:
    assert text in reason(line)


def test_by_default_a_hall_is_designed_for_the_20_year_extreme_and_the_highest_wet_bulb() -> None:
    weather = weather_with(OF_2021)
    day = design_day(weather, choice())
    assert (day.dry_bulb_c, day.wet_bulb_c) == (39.3, 29.0)
    assert day.pressure_pa == pytest.approx(float(weather.pressure_pa.values.mean()))
    assert day.source.startswith("hottest hour in 20 years and highest wet bulb on record (ASHRAE Handbook 2021 in")


def test_without_a_highest_wet_bulb_the_one_exceeded_for_04_percent_is_taken() -> None:
    day = design_day(weather_with(OF_2021.replace(",29.0,Extremes", ",,Extremes")), choice())
    assert (day.dry_bulb_c, day.wet_bulb_c) == (39.3, 26.3)
    assert "wet bulb exceeded for 0.4 % of the year" in day.source


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"return_period": "5 a"}, (37.9, 29.0)),
        ({"return_period": "50 a"}, (40.1, 29.0)),
        ({"exceeded": "0.4 %"}, (35.0, 26.3)),
        ({"exceeded": "2 %"}, (32.3, 24.9)),
        ({"dry_bulb": "41 °C", "wet_bulb": "27 °C"}, (41.0, 27.0)),
        ({"dry_bulb": "42 °C"}, (42.0, 29.0)),
        ({"wet_bulb": "30 °C", "exceeded": "1 %"}, (33.0, 30.0)),
    ],
)
def test_the_choice_decides(fields: dict[str, str], expected: tuple[float, float]) -> None:
    day = design_day(weather_with(OF_2021), choice(**fields))
    assert (day.dry_bulb_c, day.wet_bulb_c) == expected
    assert ("stated" in day.source) == ("dry_bulb" in fields or "wet_bulb" in fields)


def test_without_design_conditions_the_hardest_hour_of_the_series_is_taken_and_said() -> None:
    weather = typical()
    day = design_day(weather, choice())
    assert day.dry_bulb_c == weather.dry_bulb_c.values.max()
    assert 20.0 < day.wet_bulb_c < day.dry_bulb_c
    assert day.source.startswith("hottest hour and highest wet bulb of ")
    assert day.source.endswith("this source of weather has no design conditions")


def test_constant_weather_is_its_own_design_day() -> None:
    day = design_day(ConstantWeather.model_validate({"kind": "constant", "dry_bulb": "30 °C"}).read(), choice())
    assert day.dry_bulb_c == 30.0
    assert day.wet_bulb_c == pytest.approx(22.0, abs=0.1)
    assert day.pressure_pa == 101_325.0


@pytest.mark.parametrize("fields", [{"return_period": "20 a"}, {"exceeded": "1 %"}])
def test_a_choice_of_design_conditions_needs_them(fields: dict[str, str]) -> None:
    with pytest.raises(InputError, match="needs design conditions: this source of weather has no design conditions"):
        design_day(typical(), choice(**fields))


def test_a_stated_wet_bulb_above_the_headers_dry_bulb_is_refused() -> None:
    with pytest.raises(InputError, match=r"site.design: wet bulb 40 °C is above dry bulb 39.3 °C"):
        design_day(weather_with(OF_2021), choice(wet_bulb="40 °C"))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"dry_bulb": "20 °C", "wet_bulb": "21 °C"}, "wet bulb 21 °C is above dry bulb 20 °C"),
        ({"return_period": "30 a"}, "return_period is 30 a; headers have 5 a, 10 a, 20 a, 50 a"),
        ({"return_period": "20 a", "exceeded": "1 %"}, "give one"),
        ({"dry_bulb": "41 °C", "wet_bulb": "27 °C", "exceeded": "1 %"}, "nothing is left to 'exceeded'"),
        ({"dry_bulb": "41"}, "has no unit"),
        ({"dry_bulb": "410 °C"}, "less than or equal to 70"),
        ({"exceeded": "5 %"}, "'0.4 %', '1 %' or '2 %'"),
    ],
)
def test_impossible_choices_are_refused(fields: dict[str, str], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        choice(**fields)


@pytest.mark.parametrize(
    ("file", "annual", "day"),
    [
        ("USA_VA_Leesburg.Exec.epw", (35.0, 24.8, 26.3, 32.3), (39.3, 29.0)),
        ("USA_WA_Seattle-Tacoma.epw", (30.0, 18.4, 19.3, 28.1), (38.0, 28.4)),
        ("USA_AZ_Phoenix-Sky.Harbor.epw", (43.6, 20.7, 24.2, 34.2), (48.5, 27.5)),
    ],
)
def test_public_files_have_design_conditions(
    public_data: Path, file: str, annual: tuple[float, ...], day: tuple[float, float]
) -> None:
    weather = EpwWeather.model_validate({"file": f"weather/{file}"}, context=DataFolders.of(public_data)).read()
    found = weather.design_conditions
    assert found is not None
    assert (*found.dry_bulb[0.4], *found.wet_bulb[0.4]) == annual
    designed = design_day(weather, choice())
    assert (designed.dry_bulb_c, designed.wet_bulb_c) == day
    # The typical year is milder: its hottest hour is no extreme.
    assert designed.dry_bulb_c > weather.dry_bulb_c.values.max()
