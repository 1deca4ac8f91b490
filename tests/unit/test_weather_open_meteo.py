"""Open-Meteo's JSON: local times, units, gaps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.data_file import DataFolders
from models.problems import InputError
from models.weather.open_meteo import OpenMeteoWeather
from models.weather.weather import Weather, standard_pressure_pa


def answer(hours: int = 3, **changes: Any) -> dict[str, Any]:
    start = datetime.fromisoformat("2023-01-01")  # the file's local time
    return {
        "latitude": 40.0,
        "longitude": -75.2,
        "elevation": 1000.0,
        "utc_offset_seconds": -14_400,
        "timezone": "America/New_York",
        "hourly_units": {"temperature_2m": "°C", "relative_humidity_2m": "%", "windspeed_10m": "km/h"},
        "hourly": {
            "time": [(start + timedelta(hours=h)).isoformat(timespec="minutes") for h in range(hours)],
            "temperature_2m": [float(h) for h in range(hours)],
            "relative_humidity_2m": [50] * hours,
            "windspeed_10m": [36.0] * hours,
        },
        **changes,
    }


def read(folder: Path, content: object, **keys: Any) -> Weather:
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / "weather.json").write_text(text, encoding="utf-8")
    return OpenMeteoWeather.model_validate({"file": "weather.json", **keys}, context=DataFolders.of(folder)).read()


def problems_of(folder: Path, content: object) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(folder, content)
    return [str(problem) for problem in raised.value.problems]


def test_local_times_become_utc(tmp_path: Path) -> None:
    weather = read(tmp_path, answer())
    assert weather.dry_bulb_c.start_utc_s == datetime(2023, 1, 1, 4, tzinfo=UTC).timestamp()
    assert weather.dry_bulb_c.values.tolist() == [0.0, 1.0, 2.0]
    assert weather.relative_humidity.values.tolist() == [0.5] * 3
    assert weather.wind_speed_m_per_s is not None and weather.wind_speed_m_per_s.values.tolist() == [10.0] * 3
    assert not weather.dry_bulb_c.repeats_yearly


def test_pressure_follows_from_elevation_where_it_is_absent(tmp_path: Path) -> None:
    weather = read(tmp_path, answer())
    assert weather.pressure_pa.values.tolist() == [standard_pressure_pa(1000.0)] * 3


def test_given_pressure_is_taken(tmp_path: Path) -> None:
    given = answer()
    given["hourly"]["surface_pressure"] = [900.0, 901.0, 902.0]
    assert read(tmp_path, given).pressure_pa.values.tolist() == [90_000.0, 90_100.0, 90_200.0]


def test_local_year_fills_the_year_in_utc_by_repeating(tmp_path: Path) -> None:
    year = datetime(2023, 1, 1, tzinfo=UTC).timestamp(), datetime(2024, 1, 1, tzinfo=UTC).timestamp()
    hours = answer(8760)
    hours["hourly"]["temperature_2m"] = [h % 24 for h in range(8760)]
    with pytest.raises(InputError, match="starts at 2023-01-01T04:00Z, after the run starts at 2023-01-01T00:00Z"):
        read(tmp_path, hours).covering(*year)
    values = read(tmp_path, hours, repeat="year").covering(*year).dry_bulb_c.values
    assert values[:6].tolist() == [20.0, 21.0, 22.0, 23.0, 0.0, 1.0]


def test_null_is_named_by_its_hour(tmp_path: Path) -> None:
    given = answer()
    given["hourly"]["temperature_2m"][1] = None
    assert problems_of(tmp_path, given) == [
        "weather.json: temperature_2m: no number is given for 2023-01-01T05:00Z; allowed are -90 to 70 °C"
    ]


def test_missing_hour_is_named(tmp_path: Path) -> None:
    given = answer(5)
    for column in given["hourly"].values():
        del column[2]
    assert problems_of(tmp_path, given) == [
        "weather.json: 1 hour is missing, the first 2023-01-01T06:00Z; every hour must be given"
    ]


def test_local_times_with_daylight_saving_are_refused_as_a_gap(tmp_path: Path) -> None:
    given = answer()
    given["hourly"]["time"] = ["2023-03-12T00:00", "2023-03-12T01:00", "2023-03-12T03:00"]
    assert problems_of(tmp_path, given) == [
        "weather.json: 1 hour is missing, the first 2023-03-12T06:00Z; every hour must be given"
    ]


def test_fahrenheit_lengths_times_and_place_are_reported_at_once(tmp_path: Path) -> None:
    given = answer(elevation=None)
    given["hourly_units"]["temperature_2m"] = "°F"
    given["hourly"]["relative_humidity_2m"].pop()
    given["hourly"]["time"][1] = "noon"
    assert problems_of(tmp_path, given) == [
        "weather.json: elevation: None is not a number from -500 to 9000",
        "weather.json: hourly.time[1]: 'noon' is not a local time such as '2023-01-31T13:00'",
        "weather.json: temperature_2m: is in '°F'; allowed is °C",
        "weather.json: relative_humidity_2m: is no list of 3 values, one for each time",
    ]


def test_absent_variable_is_named(tmp_path: Path) -> None:
    given = answer()
    del given["hourly"]["temperature_2m"]
    assert problems_of(tmp_path, given) == ["weather.json: hourly: there is no 'temperature_2m'"]


def test_text_that_is_no_json_names_line_and_column(tmp_path: Path) -> None:
    assert problems_of(tmp_path, '{\n "hourly": ,}') == ["weather.json:2:12: is not JSON: Expecting value"]


@pytest.mark.parametrize("content", ["[]", "{}", '{"hourly": {}}', "[" * 100_000, '{"hourly": 1' + "0" * 5000 + "}"])
def test_json_of_another_shape_is_refused(tmp_path: Path, content: str) -> None:
    (problem,) = problems_of(tmp_path, content)
    assert problem.startswith("weather.json: ")


@pytest.mark.parametrize(
    ("zone", "start_utc"),
    [
        ("US-MIDA-PJM", datetime(2023, 1, 1, 4, tzinfo=UTC)),
        ("US-TEX-ERCO", datetime(2023, 1, 1, 5, tzinfo=UTC)),
        ("DE-LU", datetime(2022, 12, 31, 23, tzinfo=UTC)),
        ("SG", datetime(2022, 12, 31, 16, tzinfo=UTC)),
    ],
)
def test_public_files_are_8760_hours_at_one_offset(public_data: Path, zone: str, start_utc: datetime) -> None:
    source = OpenMeteoWeather.model_validate(
        {"file": f"grid/{zone}_2023_weather_openmeteo.json"}, context=DataFolders.of(public_data)
    )
    weather = source.read()
    assert len(weather.dry_bulb_c.values) == 8760
    assert weather.dry_bulb_c.start_utc_s == start_utc.timestamp()


@pytest.mark.parametrize(("zone", "utc_offset_h"), [("US-MIDA-PJM", -4), ("US-TEX-ERCO", -5), ("DE-LU", 1)])
def test_public_files_know_no_daylight_saving(public_data: Path, zone: str, utc_offset_h: int) -> None:
    # Were the labels those of a clock that is put forward, the warmest hour would move by one between the fortnights
    # before and after the change of 12 (Germany: 26) March. It moves by less than half of one.
    path = public_data / f"grid/{zone}_2023_weather_openmeteo.json"
    by_day = np.array(json.loads(path.read_text(encoding="utf-8"))["hourly"]["temperature_2m"]).reshape(365, 24)
    change = 84 if zone == "DE-LU" else 70

    def warmest_hour(days: np.ndarray[Any, Any]) -> float:
        first_harmonic = np.sum(days.mean(axis=0) * np.exp(-2j * np.pi * np.arange(24) / 24))
        return float(-np.angle(first_harmonic) * 24 / (2 * np.pi) % 24)

    assert abs(warmest_hour(by_day[change + 1 : change + 15]) - warmest_hour(by_day[change - 14 : change])) < 0.5
    assert utc_offset_h * 3600 == json.loads(path.read_text(encoding="utf-8"))["utc_offset_seconds"]
