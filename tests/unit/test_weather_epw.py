"""EPW files, and the one hour by which the two typical-year formats differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pvlib
import pytest
from pvlib.iotools import read_epw, read_tmy3

from models.data_file import DataFolders
from models.problems import InputError
from models.weather.epw import EpwWeather
from models.weather.typical import TypicalWeather
from models.weather.weather import Weather

GREENSBORO = Path(pvlib.__file__).parent / "data" / "723170TYA.CSV"
EASTERN = timezone(timedelta(hours=-5))


def epw_of_greensboro(folder: Path) -> Path:
    """Write the typical year as EPW does: the TMY3 row of 01:00 is the EPW row of hour 1, and so on."""
    header = ["LOCATION,Greensboro,NC,USA,TMY3,723170,36.1,-79.95,-5.0,273.0", *["HEADER"] * 6, "DATA PERIODS"]
    rows = []
    for line in GREENSBORO.read_text().splitlines()[2:]:
        fields = line.split(",")
        (month, day, year), hour = fields[0].split("/"), int(fields[1][:2])
        pressure_pa = int(fields[40]) * 100
        readings = f"{fields[31]},{fields[34]},{fields[37]},{pressure_pa}"
        rows.append(f"{year},{int(month)},{int(day)},{hour},0,?,{readings}{',0' * 11},{fields[46]}{',0' * 13}")
    path = folder / "site.epw"
    path.write_text("\n".join([*header, *rows]) + "\n")
    return path


def read(folder: Path, file: str = "site.epw") -> Weather:
    return EpwWeather.model_validate({"file": file}, context=DataFolders.of(folder)).read()


def problems_of(folder: Path, change: Callable[[list[str]], None]) -> list[str]:
    path = epw_of_greensboro(folder)
    lines = path.read_text().splitlines()
    change(lines)
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as raised:
        read(folder)
    return [str(problem) for problem in raised.value.problems]


def with_field(line: str, column: int, text: str) -> str:
    fields = line.split(",")
    fields[column] = text
    return ",".join(fields)


def test_epw_and_tmy3_agree_at_one_hour_though_pvlib_labels_them_apart(tmp_path: Path) -> None:
    path = epw_of_greensboro(tmp_path)
    by_start, by_end = read_epw(path, coerce_year=2001)[0], read_tmy3(GREENSBORO, coerce_year=2001)[0]
    # The same row, 4 July 09:00: what pvlib gives for EPW at 08:00 it gives for TMY3 at 09:00.
    of_the_row = by_end.temp_air[datetime(2001, 7, 4, 9, tzinfo=EASTERN)]
    assert by_start.temp_air[datetime(2001, 7, 4, 8, tzinfo=EASTERN)] == of_the_row
    # Ours give it for both at the hour's start, 08:00.
    hour = datetime(2001, 7, 4, 8, tzinfo=EASTERN).timestamp()
    epw, tmy3 = read(tmp_path), TypicalWeather().read()
    assert float(epw.dry_bulb_c.at(hour)) == float(tmy3.dry_bulb_c.at(hour)) == of_the_row
    assert float(epw.dry_bulb_c.at(hour - 3600)) != of_the_row


def test_epw_and_tmy3_of_one_station_are_the_same_weather(tmp_path: Path) -> None:
    epw_of_greensboro(tmp_path)
    epw, tmy3 = read(tmp_path), TypicalWeather().read()
    assert epw.dry_bulb_c.start_utc_s == tmy3.dry_bulb_c.start_utc_s
    for name in ("dry_bulb_c", "relative_humidity", "pressure_pa", "dew_point_c", "wind_speed_m_per_s"):
        assert np.array_equal(getattr(epw, name).values, getattr(tmy3, name).values), name


def test_missing_hours_are_counted_and_the_first_named(tmp_path: Path) -> None:
    def drop(lines: list[str]) -> None:
        del lines[8:10]

    assert problems_of(tmp_path, drop) == [
        "site.epw: 2 hours are missing, the first 01-01 00:00 local time; every hour must be given"
    ]


def test_missing_marks_name_their_lines(tmp_path: Path) -> None:
    def spoil(lines: list[str]) -> None:
        lines[8] = with_field(lines[8], 6, "99.9")
        lines[9] = with_field(lines[9], 8, "999")
        lines[10] = with_field(lines[10], 9, "999999")

    assert problems_of(tmp_path, spoil) == [
        "site.epw:9: temp_air: 99.9 °C is given for 01-01 00:00 local time; allowed are -90 to 70 °C",
        "site.epw:10: relative_humidity: 999 % is given for 01-01 01:00 local time; allowed are 0 to 110 %",
        "site.epw:11: atmospheric_pressure: 999999 Pa is given for 01-01 02:00 local time; "
        "allowed are 31000 to 120000 Pa",
    ]


def test_impossible_place_is_refused(tmp_path: Path) -> None:
    def spoil(lines: list[str]) -> None:
        lines[0] = with_field(with_field(lines[0], 6, "361"), 9, "nan")

    assert problems_of(tmp_path, spoil) == [
        "site.epw:1: latitude: 361 is impossible; allowed are -90 to 90",
        "site.epw:1: elevation: nan is impossible; allowed are -500 to 9000",
    ]


def test_row_with_a_column_too_many_is_refused(tmp_path: Path) -> None:
    def widen(lines: list[str]) -> None:
        lines[8:] = [line + ",0" for line in lines[8:]]

    assert all(problem.startswith("site.epw") for problem in problems_of(tmp_path, widen))


def test_leap_year_keeps_its_29_february(tmp_path: Path) -> None:
    path = epw_of_greensboro(tmp_path)
    lines = path.read_text().splitlines()
    last = 8 + 59 * 24
    leap_day = [with_field(with_field(line, 2, "29"), 6, "25.5") for line in lines[last - 24 : last]]
    lines[last:last] = leap_day
    path.write_text("\n".join(lines) + "\n")
    weather = read(tmp_path)
    assert len(weather.dry_bulb_c.values) == 8784
    noon = datetime(2024, 2, 29, 12, tzinfo=EASTERN).timestamp()
    assert float(weather.dry_bulb_c.at(noon)) == 25.5
    day_after = datetime(2023, 3, 1, 12, tzinfo=EASTERN).timestamp()
    assert float(weather.dry_bulb_c.at(day_after)) == float(TypicalWeather().read().dry_bulb_c.at(day_after))


def test_file_in_another_format_is_refused(tmp_path: Path) -> None:
    def replace(lines: list[str]) -> None:
        lines[:] = ["time,temperature", "2023-01-01,5"]

    (problem,) = problems_of(tmp_path, replace)
    assert problem.startswith("site.epw: can not be read as an EPW file: ")


@pytest.mark.parametrize(
    # The first row of each file: dry bulb, relative humidity and pressure of the hour 00:00 to 01:00.
    ("file", "utc_offset_h", "elevation_m", "first"),
    [
        ("USA_AZ_Phoenix-Sky.Harbor.epw", -7, 337.4, (8.3, 0.33, 97_058)),
        ("USA_VA_Leesburg.Exec.epw", -5, 119.0, (1.1, 1.0, 99_846)),
        ("USA_WA_Seattle-Tacoma.epw", -8, 137.0, (0.0, 0.69, 101_528)),
    ],
)
def test_public_files_are_whole_years_in_utc(
    public_data: Path, file: str, utc_offset_h: int, elevation_m: float, first: tuple[float, float, float]
) -> None:
    weather = read(public_data, f"weather/{file}")
    assert (weather.utc_offset_s, weather.elevation_m) == (utc_offset_h * 3600, elevation_m)
    assert len(weather.dry_bulb_c.values) == 8760
    start = datetime(2023, 1, 1, -utc_offset_h, tzinfo=UTC).timestamp()
    at_start = [float(s.at(start)) for s in (weather.dry_bulb_c, weather.relative_humidity, weather.pressure_pa)]
    assert at_start == pytest.approx(first, rel=1e-12)
