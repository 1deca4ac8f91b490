"""Read a CSV file into columns that know their lines, so that a bad value is reported where it stands."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .file_faults import Faults, shown
from .problems import nearest

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_NUMERIC_CHARACTERS = frozenset("0123456789+-.eE")


@dataclass(frozen=True)
class Columns:
    """Cells of a CSV file as text, without spaces around them; a column that the file lacks is absent."""

    faults: Faults
    line: list[int]
    text: Mapping[str, list[str]]

    def __len__(self) -> int:
        return len(self.line)

    def numbers(
        self,
        column: str,
        *,
        minimum: float | None = 0.0,
        above: bool = False,
        maximum: float | None = None,
        whole: bool = False,
        required: bool = True,
    ) -> NDArray[np.float64]:
        """Return a column's numbers, shape (n,); NaN where a cell is empty (refused where `required`) or refused.

        Below `minimum` (or at it, with `above`), above `maximum`, a fraction where `whole`, NaN and infinity are each
        a fault of their line.
        """
        import numpy as np

        cells = self.text.get(column)
        if cells is None:
            return np.full(len(self), np.nan)
        empty = np.array([not cell for cell in cells], dtype=np.bool_)
        values = _parsed(cells)
        with np.errstate(invalid="ignore"):
            wrong = ~np.isfinite(values)
            if minimum is not None:
                wrong |= (values <= minimum) if above else (values < minimum)
            if maximum is not None:
                wrong |= values > maximum
            if whole:
                # Beyond 2^53 a float no longer tells whole numbers apart.
                wrong |= (values != np.floor(values)) | (np.abs(values) > 2**53)
            wrong = (wrong & ~empty) | (empty & required)
        allowed = _range_in_words(minimum, above, maximum, whole)
        for row in np.flatnonzero(wrong).tolist():
            given = shown(cells[row]) if cells[row] else "an empty cell"
            self.faults.add(self.line[row], column, f"{given} is not allowed; give {allowed}")
        values[wrong] = np.nan
        return values

    def words(self, column: str) -> list[str] | None:
        """Return a column's texts ("" where a cell is empty), or None where the file lacks it."""
        return self.text.get(column)


def read_columns(path: Path, faults: Faults, required: Iterable[str], optional: Iterable[str] | None) -> Columns:
    """Return the named columns of a comma-separated file with a header; empty lines are passed over.

    A missing or repeated column and one that is neither required nor optional (unless `optional` is None: any other is
    passed over) are raised as InputError. A line with another number of fields than the header is left out and entered
    in `faults`, which the caller raises with those of the other lines' values.
    """
    required = list(required)
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as handle:
        reader = csv.reader(handle)
        rows: list[list[str]] = []
        lines: list[int] = []
        try:
            header = [cell.strip() for cell in next(reader, [])]
            _check_header(header, faults, required, optional)
            faults.raise_if_any()
            for row in reader:
                if not row:
                    continue
                if len(row) != len(header):
                    # The caller raises this with the faults of the other lines' values.
                    fields = "1 field" if len(row) == 1 else f"{len(row)} fields"
                    faults.add(reader.line_num, "", f"{fields}, but the header has {len(header)}")
                    continue
                rows.append(row)
                lines.append(reader.line_num)
        except csv.Error as error:
            faults.add(reader.line_num, "", f"the line can not be read: {error}")
            faults.raise_if_any()
    wanted = set(required) | set(optional or ())
    text = {name: [row[at].strip() for row in rows] for at, name in enumerate(header) if name in wanted}
    return Columns(faults, lines, text)


def _check_header(header: list[str], faults: Faults, required: list[str], optional: Iterable[str] | None) -> None:
    for name in required:
        if name not in header:
            given = ", ".join(header[:30]) or "nothing"
            faults.add(1, name, f"the column is missing; the header has {given}{nearest(name, header)}")
    for at, name in enumerate(header):
        if name in header[:at]:
            faults.add(1, name, "the column appears twice")
        elif optional is not None and name not in (allowed := [*required, *optional]):
            faults.add(1, name, f"unknown column; allowed: {', '.join(allowed)}{nearest(name, allowed)}")


def _parsed(cells: list[str]) -> NDArray[np.float64]:
    """Return the cells as floats; NaN where a cell is empty or no plain decimal number."""
    import numpy as np

    # float() alone would take "nan", "inf" and "1_000" too; the set of characters tells them at little cost.
    if _NUMERIC_CHARACTERS.issuperset("".join(cells)):
        try:
            return np.array([cell or "nan" for cell in cells], dtype=np.float64)
        except ValueError:
            pass
    return np.array([_number(cell) for cell in cells], dtype=np.float64)


def _number(cell: str) -> float:
    if not _NUMERIC_CHARACTERS.issuperset(cell):
        return float("nan")
    try:
        return float(cell)
    except ValueError:
        return float("nan")


def _range_in_words(minimum: float | None, above: bool, maximum: float | None, whole: bool) -> str:
    number = "a whole number" if whole else "a finite number"
    if minimum is not None and maximum is not None:
        return f"{number} from {minimum:g} to {maximum:g}"
    if minimum is not None:
        return f"{number} above {minimum:g}" if above else f"{number}, {minimum:g} or more"
    return number
