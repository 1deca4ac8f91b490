"""The reader of hourly CSV files: what it takes, and what it says of broken ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.hourly import HourlyColumn, hour_problems, read_hourly_csv
from models.problems import InputError

COLUMN = HourlyColumn(("value",), "MW", minimum=0.0)


def read(folder: Path, text: str | bytes) -> tuple[int, list[float]]:
    path = folder / "load.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    first_utc_s, values = read_hourly_csv(path, file="load.csv", time_names=("time_utc",), column=COLUMN)
    return first_utc_s, values.tolist()


def problems_of(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(InputError) as raised:
        read(folder, text)
    return [str(problem) for problem in raised.value.problems]


def test_columns_are_found_by_name_in_any_order(tmp_path: Path) -> None:
    text = "zone,Value,TIME_UTC\nDE,1.5,1970-01-01 00:00:00\nDE,2.5,1970-01-01T01:00Z\n"
    assert read(tmp_path, text) == (0, [1.5, 2.5])


def test_byte_order_mark_blank_lines_and_windows_line_ends_are_taken(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbftime_utc,value\r\n1970-01-01T00:00,1\r\n\r\n1970-01-01T01:00,2\r\n"
    assert read(tmp_path, text) == (0, [1.0, 2.0])


def test_offsets_are_turned_into_utc_and_lines_sorted(tmp_path: Path) -> None:
    text = "time_utc,value\n1970-01-01T03:00+01:00,3\n1970-01-01T01:00+00:00,1\n1970-01-01T02:00Z,2\n"
    assert problems_of(tmp_path, text) == ["load.csv:4: 1970-01-01T02:00Z is given twice"]
    assert read(tmp_path, text.replace("+01:00", "+00:00")) == (3600, [1.0, 2.0, 3.0])


def test_broken_lines_are_all_named(tmp_path: Path) -> None:
    text = (
        "time_utc,value\n1970-01-01T00:00,1\nyesterday,1\n1970-01-01T02:00,\n1970-01-01T03:00,nan\n"
        "1970-01-01T04:00,inf\n1970-01-01T05:00,-1\n1970-01-01T06:00\n1970-01-01T07:00,1,2\n"
    )
    assert problems_of(tmp_path, text) == [
        "load.csv:3: 'yesterday' is not a time; write it like 2023-01-31T13:00Z",
        "load.csv:4: '' is not a finite number [MW]",
        "load.csv:5: 'nan' is not a finite number [MW]",
        "load.csv:6: 'inf' is not a finite number [MW]",
        "load.csv:7: -1 MW is below 0 MW",
        "load.csv:8: has 1 columns, the header 2",
        "load.csv:9: has 3 columns, the header 2",
    ]


def test_more_than_twenty_problems_are_counted(tmp_path: Path) -> None:
    text = "time_utc,value\n" + "1970-01-01T00:00,x\n" * 25
    problems = problems_of(tmp_path, text)
    assert len(problems) == 21
    assert problems[-1] == "load.csv: 5 more problems like these"


def test_missing_hours_are_counted_and_the_first_named(tmp_path: Path) -> None:
    text = "time_utc,value\n1970-01-01T00:00,1\n1970-01-01T03:00,1\n1970-01-01T05:00,1\n"
    assert problems_of(tmp_path, text) == [
        "load.csv: 3 hours are missing, the first 1970-01-01T01:00Z; every hour must be given"
    ]
    text = "time_utc,value\n1970-01-01T00:00,1\n1970-01-01T02:00,1\n"
    assert problems_of(tmp_path, text) == [
        "load.csv: 1 hour is missing, the first 1970-01-01T01:00Z; every hour must be given"
    ]


def test_times_between_hours_are_refused(tmp_path: Path) -> None:
    text = "time_utc,value\n1970-01-01T00:00,1\n1970-01-01T00:15,1\n"
    assert problems_of(tmp_path, text) == [
        "load.csv:3: 1970-01-01T00:15Z is no whole hour after 1970-01-01T00:00Z; values must be hourly"
    ]


def test_absent_column_names_the_nearest(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "time_utc,valeu\n") == ["load.csv:1: there is no column 'value'; nearest: 'valeu'"]


def test_doubled_column_is_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "time_utc,value,Value\n") == ["load.csv:1: there are 2 columns 'value'; one is needed"]


def test_empty_files_and_files_that_are_no_text_are_refused(tmp_path: Path) -> None:
    assert problems_of(tmp_path, "") == ["load.csv:1: there is no column 'time_utc'"]
    assert problems_of(tmp_path, "time_utc,value\n") == ["load.csv: holds no hours"]
    assert problems_of(tmp_path, b"\xff\xfe\x00")[0].startswith("load.csv: can not be read as CSV in UTF-8")


def test_hours_that_must_be_there_are_missed_at_both_ends() -> None:
    hours_utc_s = 3600 * np.arange(2, 5)
    (problem,) = hour_problems(hours_utc_s, "year.epw", span_utc_s=(0, 6 * 3600))
    assert problem.message == "3 hours are missing, the first 1970-01-01T00:00Z; every hour must be given"
