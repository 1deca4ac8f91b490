"""Read a file in the Standard Workload Format into columns, and refuse one with a broken line."""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..file_faults import Faults, shown
from ..problems import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FIELDS = (
    "job",
    "submit",
    "wait",
    "run_time",
    "allocated_processors",
    "cpu_time",
    "used_memory",
    "requested_processors",
    "requested_time",
    "requested_memory",
    "status",
    "user",
    "group",
    "executable",
    "queue",
    "partition",
    "preceding_job",
    "think_time",
)
"""The 18 fields of a job, in the file's order."""

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_HEADER = re.compile(r";\s*(\w+):\s*(.*)")
_LARGEST = 1e12  # more than any log holds; keeps sums within 64 bits
_GZIP = b"\x1f\x8b"
_LINES_AT_ONCE = 20_000  # keeps the text of a long log out of memory


@dataclass(frozen=True, eq=False)
class SwfLog:
    """A log: its header by name, and each of `FIELDS` as float64 of shape (n,), -1 where unknown."""

    header: dict[str, str]
    columns: dict[str, NDArray[np.float64]]


def read_swf(path: Path, file: str) -> SwfLog:
    """Return the log of a file, gzipped or not; `file` is its name in messages.

    Raises InputError with every line that does not hold 18 finite numbers, that has a negative number other than -1,
    or whose submit time is unknown.
    """
    import numpy as np

    faults = Faults(file)
    header: dict[str, str] = {}
    blocks: list[NDArray[np.float64]] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for line, text in enumerate(_lines(path), start=1):
            if text.startswith(";"):
                match = _HEADER.match(text)
                if match:
                    header.setdefault(match[1], match[2].strip())
            elif row := text.split():
                rows.append(row)
                lines.append(line)
                if len(rows) == _LINES_AT_ONCE:
                    blocks.append(_block(rows, lines, faults))
                    rows, lines = [], []
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(Problem(file, "", f"the gzip file is broken: {error}")) from error
    blocks.append(_block(rows, lines, faults))
    faults.raise_if_any()
    table = np.concatenate(blocks)
    return SwfLog(header, {name: np.ascontiguousarray(table[:, at]) for at, name in enumerate(FIELDS)})


def _lines(path: Path) -> Iterator[str]:
    """Yield a file's lines; Latin-1 reads any byte, and the numbers are ASCII."""
    with path.open("rb") as raw:
        zipped = raw.read(2) == _GZIP
        raw.seek(0)
        with io.TextIOWrapper(gzip.open(raw) if zipped else raw, encoding="latin-1") as text:
            yield from text


def _block(rows: list[list[str]], lines: list[int], faults: Faults) -> NDArray[np.float64]:
    """Return the rows as numbers, shape (n, 18); after a fault the numbers have no meaning."""
    import numpy as np

    if not rows:
        return np.empty((0, len(FIELDS)))
    table = None
    # numpy reads "1_000" as a number, the format does not.
    if all(len(row) == len(FIELDS) for row in rows) and not any("_" in text for text in map("".join, rows)):
        try:
            table = np.array(rows, dtype=np.float64)
        except ValueError:
            table = None
    if table is None or not _plausible(table):
        for row, line in zip(rows, lines, strict=True):
            _find_faults(row, line, faults)
        return np.empty((0, len(FIELDS)))
    return table


def _plausible(table: NDArray[np.float64]) -> bool:
    import numpy as np

    negative = table < 0.0
    return bool((np.abs(table) <= _LARGEST).all() and (table[negative] == -1.0).all() and not negative[:, 1].any())


def _find_faults(row: list[str], line: int, faults: Faults) -> None:
    if len(row) != len(FIELDS):
        faults.add(line, "", f"{len(row)} fields where {len(FIELDS)} are needed: {shown(' '.join(row))}")
        return
    for name, text in zip(FIELDS, row, strict=True):
        if not _NUMBER.fullmatch(text) or abs(float(text)) > _LARGEST:
            faults.add(line, name, f"{shown(text)} is not a number that the format allows")
        elif float(text) < 0.0 and (float(text) != -1.0 or name == "submit"):
            allowed = "0 or more" if name == "submit" else "0 or more, or -1 for unknown"
            faults.add(line, name, f"{shown(text)} is negative; allowed: {allowed}")
