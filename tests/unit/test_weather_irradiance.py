"""Sunlight in weather files: which hour it belongs to, and what happens where it is not told."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pvlib
import pytest

from models.data_file import DataFolders
from models.weather.constant import ConstantWeather
from models.weather.epw import EpwWeather
from models.weather.open_meteo import OpenMeteoWeather
from models.weather.tmy3 import Tmy3Weather
from models.weather.typical import TypicalWeather
from models.weather.weather import Weather

GREENSBORO = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"
EASTERN = timezone(timedelta(hours=-5))


def read_tmy3(folder: Path, change: Callable[[list[str]], None]) -> Weather:
    lines = GREENSBORO.read_text().splitlines()
    change(lines)
    (folder / "site.csv").write_text("\n".join(lines) + "\n")
    return Tmy3Weather.model_validate({"file": "site.csv"}, context=DataFolders.of(folder)).read()


def read_open_meteo(folder: Path, watts: list[float | None], unit: str = "W/m²") -> Weather:
    start = datetime.fromisoformat("2023-06-01")
    answer = {
        "latitude": 40.0,
        "longitude": -75.2,
        "elevation": 100.0,
        "utc_offset_seconds": 0,
        "hourly_units": {"shortwave_radiation": unit},
        "hourly": {
            "time": [(start + timedelta(hours=h)).isoformat(timespec="minutes") for h in range(len(watts))],
            "temperature_2m": [20.0] * len(watts),
            "relative_humidity_2m": [50] * len(watts),
            "shortwave_radiation": watts,
        },
    }
    (folder / "weather.json").write_text(json.dumps(answer), encoding="utf-8")
    return OpenMeteoWeather.model_validate({"file": "weather.json"}, context=DataFolders.of(folder)).read()


def test_row_of_13_hours_is_the_sunlight_from_12_to_13() -> None:
    # 1 January 13:00 in the file: global 155, direct 0, diffuse 155 Wh/m2 in the hour that ends then.
    row = next(line for line in GREENSBORO.read_text().splitlines() if line.split(",")[:2] == ["01/01/1988", "13:00"])
    weather = TypicalWeather().read()
    noon = datetime(2023, 1, 1, 12, tzinfo=EASTERN).timestamp()
    series = weather.global_horizontal_w_per_m2, weather.direct_normal_w_per_m2, weather.diffuse_horizontal_w_per_m2
    assert [float(told.at(noon)) for told in series if told is not None] == [
        float(row.split(",")[column]) for column in (4, 7, 10)
    ]


def test_gap_in_sunlight_is_not_told(tmp_path: Path) -> None:
    def spoil(lines: list[str]) -> None:
        fields = lines[2000].split(",")
        fields[7] = "-9900"
        lines[2000] = ",".join(fields)

    weather = read_tmy3(tmp_path, spoil)
    assert weather.direct_normal_w_per_m2 is None
    assert weather.global_horizontal_w_per_m2 is not None


def test_sunlight_is_cut_to_the_run_with_the_rest() -> None:
    weather = TypicalWeather().read()
    begin = datetime(2023, 6, 1, tzinfo=UTC).timestamp()
    window = weather.covering(begin, begin + 86_400)
    assert window.global_horizontal_w_per_m2 is not None and len(window.global_horizontal_w_per_m2.values) == 24


def test_open_meteo_labels_sunlight_by_the_end_of_its_hour(tmp_path: Path) -> None:
    weather = read_open_meteo(tmp_path, [0.0, 100.0, 300.0, 200.0])
    assert weather.global_horizontal_w_per_m2 is not None
    assert weather.global_horizontal_w_per_m2.values.tolist() == [100.0, 300.0, 200.0, 200.0]
    assert weather.direct_normal_w_per_m2 is None


def test_open_meteo_with_nulls_in_sunlight_tells_none(tmp_path: Path) -> None:
    assert read_open_meteo(tmp_path, [0.0, None, 300.0]).global_horizontal_w_per_m2 is None


def test_constant_weather_has_no_sun() -> None:
    assert ConstantWeather.model_validate({"dry_bulb": "18 °C"}).read().global_horizontal_w_per_m2 is None


def test_public_year_keeps_the_sunlight_of_its_file(public_data: Path) -> None:
    file = "weather/USA_AZ_Phoenix-Sky.Harbor.epw"
    rows = (public_data / file).read_text(encoding="utf-8").splitlines()[8:]
    weather = EpwWeather.model_validate({"file": file}, context=DataFolders.of(public_data)).read()
    series = weather.global_horizontal_w_per_m2, weather.direct_normal_w_per_m2, weather.diffuse_horizontal_w_per_m2
    for told, column in zip(series, (13, 14, 15), strict=True):  # EPW fields N6 to N8, Wh/m2 of the hour
        assert told is not None
        assert told.values.sum() == pytest.approx(sum(float(row.split(",")[column]) for row in rows), rel=1e-12)
