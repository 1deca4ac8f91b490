"""Hourly values of a file: every hour there, once, a finite number; and the reader of such CSV files."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from .problems import InputError, Problem, nearest
from .series import utc_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HOUR_S = 3600
MOST_PROBLEMS = 20
"""Problems reported of one file; the rest is counted."""


@dataclass(frozen=True)
class HourlyColumn:
    """The column of a CSV file that holds the value: its names (compared by `plain_name`) and its range."""

    names: tuple[str, ...]
    unit: str
    minimum: float = -math.inf


def read_hourly_csv(
    path: Path, *, file: str, time_names: Sequence[str], column: HourlyColumn
) -> tuple[int, NDArray[np.float64]]:
    """Return the Unix time of the first hour and the values by hour [the column's unit] of a CSV file.

    Times are ISO; those without an offset are UTC. Lines may come in any order. Raises InputError that names the
    lines at fault (`file:line`, at most `MOST_PROBLEMS`), the first missing hour and how many are missing.
    """
    import numpy as np

    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.reader(stream)
            header = next(rows, [])
            time_at = _find(header, time_names, file)
            value_at = _find(header, column.names, file)
            numbered = ((rows.line_num, row) for row in rows if row)
            times_utc_s, values, lines, problems = _read_rows(numbered, len(header), time_at, value_at, column, file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(Problem(file, "", f"can not be read as CSV in UTF-8: {error}")) from error
    raise_any(problems, file)
    order = np.argsort(np.array(times_utc_s, dtype=np.int64), kind="stable")
    hours_utc_s = np.array(times_utc_s, dtype=np.int64)[order]
    raise_any(hour_problems(hours_utc_s, file, lines=np.array(lines, dtype=np.int64)[order]), file)
    return int(hours_utc_s[0]), np.array(values, dtype=np.float64)[order]


def hour_problems(
    hours_utc_s: NDArray[np.int64],
    file: str,
    lines: NDArray[np.int64] | None = None,
    span_utc_s: tuple[int, int] | None = None,
    time_text: Callable[[int], str] = utc_text,
) -> list[Problem]:
    """Return what keeps rising times from being consecutive hours: none, odd minutes, doubled and missing hours.

    `lines` are the lines of the file that the times stand on, where it has lines; `span_utc_s` is [first, end) of the
    hours that must be there, where that is known beforehand; `time_text` writes a Unix time as the file's reader
    would.
    """
    import numpy as np

    if not len(hours_utc_s):
        return [Problem(file, "", "holds no hours")]
    problems = []
    between = np.flatnonzero((hours_utc_s - hours_utc_s[0]) % HOUR_S)
    doubled = np.flatnonzero(np.diff(hours_utc_s) == 0) + 1
    for index in between:
        text = f"{time_text(int(hours_utc_s[index]))} is no whole hour after {time_text(int(hours_utc_s[0]))}"
        problems.append(Problem(_where(file, lines, int(index)), "", f"{text}; values must be hourly"))
    for index in doubled:
        problems.append(
            Problem(_where(file, lines, int(index)), "", f"{time_text(int(hours_utc_s[index]))} is given twice")
        )
    if not len(between):
        first_utc_s, end_utc_s = span_utc_s or (int(hours_utc_s[0]), int(hours_utc_s[-1]) + HOUR_S)
        there = np.unique(np.concatenate(([first_utc_s - HOUR_S], hours_utc_s, [end_utc_s])))
        gaps = np.flatnonzero(np.diff(there) > HOUR_S)
        if len(gaps):
            missing = int(np.sum(np.diff(there)[gaps] // HOUR_S - 1))
            first = time_text(int(there[gaps[0]]) + HOUR_S)
            hours = "1 hour is" if missing == 1 else f"{missing} hours are"
            problems.append(Problem(file, "", f"{hours} missing, the first {first}; every hour must be given"))
    return problems


def raise_any(problems: Sequence[Problem], file: str) -> None:
    """Raise InputError with the first `MOST_PROBLEMS` problems and the count of the rest, if there is any."""
    if problems:
        told = list(problems[:MOST_PROBLEMS])
        if len(problems) > MOST_PROBLEMS:
            told.append(Problem(file, "", f"{len(problems) - MOST_PROBLEMS} more problems like these"))
        raise InputError(told)


def plain_name(name: str) -> str:
    """Return a column's name without what its spellings differ in: case, spaces, and the subscript of CO₂."""
    return " ".join(name.replace("₂", "2").casefold().split())


def _find(header: Sequence[str], names: Iterable[str], file: str) -> int:
    plain = [plain_name(name) for name in header]
    wanted = [plain_name(name) for name in names]
    found = [index for index, name in enumerate(plain) if name in wanted]
    listed = " or ".join(f"'{name}'" for name in names)
    if not found:
        near = next((text for name in wanted if (text := nearest(name, plain))), "")
        raise InputError(Problem(f"{file}:1", "", f"there is no column {listed}{near}"))
    if len(found) > 1:
        raise InputError(Problem(f"{file}:1", "", f"there are {len(found)} columns {listed}; one is needed"))
    return found[0]


def _read_rows(
    rows: Iterable[tuple[int, list[str]]], columns: int, time_at: int, value_at: int, column: HourlyColumn, file: str
) -> tuple[list[int], list[float], list[int], list[Problem]]:
    times_utc_s: list[int] = []
    values: list[float] = []
    lines: list[int] = []
    problems: list[Problem] = []
    for line, row in rows:
        if len(row) != columns:
            problems.append(Problem(f"{file}:{line}", "", f"has {len(row)} columns, the header {columns}"))
            continue
        try:
            time_utc_s, value = _utc_s(row[time_at]), _value(row[value_at], column)
        except ValueError as error:
            problems.append(Problem(f"{file}:{line}", "", str(error)))
            continue
        times_utc_s.append(time_utc_s)
        values.append(value)
        lines.append(line)
    return times_utc_s, values, lines, problems


def _utc_s(text: str) -> int:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"'{text[:40]}' is not a time; write it like 2023-01-31T13:00Z") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())


def _value(text: str, column: HourlyColumn) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"'{text[:40]}' is not a finite number [{column.unit}]")
    if value < column.minimum:
        raise ValueError(f"{value:g} {column.unit} is below {column.minimum:g} {column.unit}")
    return value


def _where(file: str, lines: NDArray[np.int64] | None, index: int) -> str:
    return file if lines is None else f"{file}:{lines[index]}"
