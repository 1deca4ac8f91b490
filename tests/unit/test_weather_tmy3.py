"""TMY3 files and the typical year that comes with datahall."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pvlib
import pytest

from models.data_file import DataFolders
from models.problems import InputError
from models.weather.tmy3 import Tmy3Weather
from models.weather.typical import TypicalWeather
from models.weather.weather import Weather

GREENSBORO = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"
EASTERN = timezone(timedelta(hours=-5))


def read_changed(folder: Path, change: Callable[[list[str]], None]) -> Weather:
    lines = GREENSBORO.read_text().splitlines()
    change(lines)
    (folder / "site.csv").write_text("\n".join(lines) + "\n")
    return Tmy3Weather.model_validate({"file": "site.csv"}, context=DataFolders.of(folder)).read()


def problems_of(folder: Path, change: Callable[[list[str]], None]) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_changed(folder, change)
    return [str(problem) for problem in raised.value.problems]


def with_field(line: str, column: int, text: str) -> str:
    fields = line.split(",")
    fields[column] = text
    return ",".join(fields)


def test_typical_year_is_greensboro() -> None:
    weather = TypicalWeather().read()
    assert (weather.site, weather.latitude_deg, weather.longitude_deg) == (
        "GREENSBORO PIEDMONT TRIAD INT",
        36.1,
        -79.95,
    )
    assert (weather.elevation_m, weather.utc_offset_s) == (273.0, -5 * 3600)
    assert len(weather.dry_bulb_c.values) == 8760
    assert weather.dry_bulb_c.repeats_yearly
    assert float(weather.dry_bulb_c.values.mean()) == pytest.approx(14.42, abs=0.005)
    assert weather.dew_point_c is not None and weather.wind_speed_m_per_s is not None


def test_first_row_is_the_first_hour_of_the_local_year() -> None:
    # The file's first row: 01/01, 01:00, 10.0 °C, dew point 6.1 °C, 77 %, 993 mbar, wind 6.2 m/s.
    weather = TypicalWeather().read()
    start = datetime(2023, 1, 1, 0, tzinfo=EASTERN).timestamp()
    assert float(weather.dry_bulb_c.at(start)) == 10.0
    assert float(weather.relative_humidity.at(start)) == pytest.approx(0.77, rel=1e-15)
    assert float(weather.pressure_pa.at(start)) == 99_300.0
    assert weather.dew_point_c is not None and float(weather.dew_point_c.at(start)) == 6.1


def test_hour_24_is_the_last_hour_of_its_day() -> None:
    # The file's last row, 12/31 24:00, is 2.2 °C, and 02/28 24:00 (in the leap year 1996) the hour before 1 March.
    rows = {tuple(line.split(",")[:2]): float(line.split(",")[31]) for line in GREENSBORO.read_text().splitlines()[2:]}
    weather = TypicalWeather().read()
    assert float(weather.dry_bulb_c.at(datetime(2023, 12, 31, 23, tzinfo=EASTERN).timestamp())) == 2.2
    before_march = datetime(2023, 2, 28, 23, tzinfo=EASTERN).timestamp()
    assert float(weather.dry_bulb_c.at(before_march)) == rows["02/28/1996", "24:00"]
    assert float(weather.dry_bulb_c.at(before_march + 3600)) == rows["03/01/1990", "01:00"]


def test_typical_year_stands_for_a_leap_year_too() -> None:
    year_2024 = (
        TypicalWeather()
        .read()
        .covering(datetime(2024, 1, 1, tzinfo=UTC).timestamp(), datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    )
    values = year_2024.dry_bulb_c.values
    assert len(values) == 8784
    assert np.array_equal(values[58 * 24 : 59 * 24], values[59 * 24 : 60 * 24])


def test_tmy3_file_reads_like_the_embedded_one(tmp_path: Path) -> None:
    weather = read_changed(tmp_path, lambda lines: None)
    assert np.array_equal(weather.dry_bulb_c.values, TypicalWeather().read().dry_bulb_c.values)
    assert weather.dry_bulb_c.source == "site.csv"


def test_missing_hours_are_counted_and_the_first_named(tmp_path: Path) -> None:
    def drop(lines: list[str]) -> None:
        del lines[102:105]

    # Line 103 is the row of 5 January 05:00, the end of the hour from 04:00.
    assert problems_of(tmp_path, drop) == [
        "site.csv: 3 hours are missing, the first 01-05 04:00 local time; every hour must be given"
    ]


def test_file_cut_short_misses_its_end(tmp_path: Path) -> None:
    def cut(lines: list[str]) -> None:
        del lines[5000:]

    # The last row left is 28 July 06:00, the end of the hour from 05:00.
    assert problems_of(tmp_path, cut) == [
        "site.csv: 3762 hours are missing, the first 07-28 06:00 local time; every hour must be given"
    ]


def test_missing_marks_and_words_name_their_lines(tmp_path: Path) -> None:
    def spoil(lines: list[str]) -> None:
        lines[10] = with_field(lines[10], 31, "-9900")
        lines[11] = with_field(lines[11], 37, "humid")
        lines[12] = with_field(lines[12], 40, "0")

    assert problems_of(tmp_path, spoil) == [
        "site.csv:11: temp_air: -9900 °C is given for 01-01 08:00 local time; allowed are -90 to 70 °C",
        "site.csv:12: relative_humidity: no number is given for 01-01 09:00 local time; allowed are 0 to 110 %",
        "site.csv:13: pressure: 0 Pa is given for 01-01 10:00 local time; allowed are 31000 to 120000 Pa",
    ]


def test_doubled_hour_names_its_line(tmp_path: Path) -> None:
    def double(lines: list[str]) -> None:
        lines[11] = lines[10]

    assert problems_of(tmp_path, double) == [
        "site.csv:12: 01-01 08:00 local time is given twice",
        "site.csv: 1 hour is missing, the first 01-01 09:00 local time; every hour must be given",
    ]


def test_wind_with_gaps_is_not_told(tmp_path: Path) -> None:
    def spoil(lines: list[str]) -> None:
        lines[10] = with_field(lines[10], 46, "-9900")

    assert read_changed(tmp_path, spoil).wind_speed_m_per_s is None


def test_file_in_another_format_is_refused(tmp_path: Path) -> None:
    def replace(lines: list[str]) -> None:
        lines[:] = ["time,temperature", "2023-01-01,5"]

    (problem,) = problems_of(tmp_path, replace)
    assert problem.startswith("site.csv: can not be read as a TMY3 file: ")
