"""Our own measurements, read back: files of `datahall calibrate measure`, and the CSV of `kernel_bench.cu`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from ...problems import InputError, Problem
from ..measuring.gpu_names import file_stem
from ..measuring.measured_file import COLUMNS, NUMBERS, SHAPE, TEXT, check_version, read_provenance, read_rows
from .measurements import Measurements

FRAMEWORK = "pytorch"
_NEEDED = ("operation", "dtype", "variant", "role", "framework", "device", "time_s")
_BACKENDS = {"cudnn": "pytorch-cudnn"}
"""Attention on another backend than flash attention counts as a framework of its own, as its times are others."""


@dataclass(frozen=True)
class OwnMeasurements:
    """What a file holds, by what it may be used for. Rows keep `variant`, `model` and the spread of the time."""

    file: Path
    device: str
    fitted: tuple[Measurements, ...]
    """Kernels, to fit operations to."""
    validation: tuple[Measurements, ...]
    """Layers and decoding loops: made of many kernels, they judge the fits and are never fitted."""
    reference: tuple[Measurements, ...]
    """Kernels of our own that no framework runs: a look at a machine without PyTorch, never fitted."""


def measured_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of measurements of a folder, sorted."""
    return tuple(sorted(path for path in folder.glob("*") if path.suffix in {".parquet", ".csv"}))


def read_own_measurements(file: Path) -> OwnMeasurements:
    """Return what a Parquet file with its provenance, or a CSV of `kernel_bench`, holds.

    Raises InputError for a file of another schema version, one that was cut off, and one without needed columns.
    """
    if not file.is_file():
        raise InputError(Problem(str(file), "", "there is no such file of measurements"))
    rows = _csv_rows(file) if file.suffix == ".csv" else _parquet_rows(file)
    missing = [name for name in _NEEDED if name not in rows.columns]
    if missing:
        raise InputError(Problem(str(file), name, "the column is missing") for name in missing)
    if rows.empty:
        raise InputError(Problem(str(file), "", "holds no rows"))
    framework = rows["framework"].where(rows["framework"] != FRAMEWORK, rows["variant"].map(_BACKENDS))
    rows = rows.assign(framework=framework.fillna(FRAMEWORK))
    by_role = {role: _measurements(rows[rows["role"] == role], file) for role in ("fit", "validation", "reference")}
    return OwnMeasurements(
        file, str(rows["device"].iloc[0]), by_role["fit"], by_role["validation"], by_role["reference"]
    )  # fmt: skip


def _parquet_rows(file: Path) -> pd.DataFrame:
    read_provenance(file)
    return pd.DataFrame(read_rows(file)).reindex(columns=list(COLUMNS))


def _csv_rows(file: Path) -> pd.DataFrame:
    """Return the rows of a CSV: its header names the columns, and each row says its schema version."""
    try:
        rows = pd.read_csv(file, comment="#", dtype=dict.fromkeys(TEXT, str))
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(Problem(str(file), "", f"is not a table: {error}")) from None
    if "schema_version" not in rows.columns:
        raise InputError(Problem(str(file), "schema_version", "the column is missing"))
    for version in rows["schema_version"].unique().tolist():
        check_version(version, str(file))
    return rows


def _measurements(rows: pd.DataFrame, file: Path) -> tuple[Measurements, ...]:
    found = []
    for names, group in rows.groupby(["operation", "framework", "dtype", "device"], sort=True, dropna=False):
        operation, framework, dtype, device = (str(name) for name in names)
        found.append(
            Measurements(
                operation=operation,
                accelerator=file_stem(device),
                framework=framework,
                dtype=dtype,
                source=_source(file, group),
                device=device,
                rows=_filled(group),
            )
        )
    return tuple(found)


def _filled(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with the columns that this operation has: shape and times as numbers."""
    kept = rows.dropna(axis="columns", how="all").drop(columns=["schema_version", "framework"], errors="ignore")
    numbers: dict[str, Any] = {name: float for name in (*SHAPE, *NUMBERS) if name in kept.columns}
    return kept.astype(numbers).reset_index(drop=True)


def _source(file: Path, rows: pd.DataFrame) -> str:
    parts = [f"measured/{file.name}"]
    for name in ("torch", "cuda", "driver"):
        if name in rows.columns:
            parts += [f"{name} {version}" for version in sorted(rows[name].dropna().astype(str).unique())]
    return ", ".join(parts)
