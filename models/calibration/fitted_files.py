"""Fitted kernels on disk: for each accelerator a JSON file that a person reads and an NPZ file of the tables.

The JSON names the digest of its tables: two files of different fits are never taken for one. Both are written under
temporary names and renamed, the JSON last.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..problems import InputError, Problem
from ..whole_file import write_whole
from .fitted_kernel import FittedKernel, HeldOutError
from .kernel_power import FittedPower
from .operation import Axis
from .residual_table import ResidualTable

SCHEMA_VERSION = 1
"""Raised when what the files mean changes; files of another version are refused."""


_ERRORS = ("held_out", "held_out_anywhere")


class FittedFile(NamedTuple):
    """What one accelerator's files hold."""

    kernels: tuple[FittedKernel, ...]
    powers: tuple[FittedPower, ...]


def write(folder: Path, accelerator: str, fitted: FittedFile) -> Path:
    """Write the fits of an accelerator into a folder; return the path of the JSON file."""
    tables: dict[str, np.ndarray[Any, Any]] = {}
    content = {
        "schema_version": SCHEMA_VERSION,
        "accelerator": accelerator,
        "kernels": [_record(kernel, f"kernel{index}", tables) for index, kernel in enumerate(fitted.kernels)],
        "powers": [_record(power, f"power{index}", tables) for index, power in enumerate(fitted.powers)],
    }
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **tables)
    content["tables_sha256"] = hashlib.sha256(buffer.getvalue()).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{accelerator}.json"
    write_whole(path.with_suffix(".npz"), buffer.getvalue())
    write_whole(path, (json.dumps(content, indent=1) + "\n").encode())
    return path


def read(path: Path, *, wanted: Callable[[Mapping[str, Any]], bool] = lambda _: True) -> FittedFile:
    """Return what an accelerator's JSON file and its tables hold, of the records that are wanted.

    Raises InputError for a file of another schema version, one that is no such file, and tables of another fit.
    """
    content = _content(path)
    raw = path.with_suffix(".npz")
    if not raw.is_file() or hashlib.sha256(raw.read_bytes()).hexdigest() != content["tables_sha256"]:
        message = f"are missing or of another fit: {raw.name}; fit again with `datahall calibrate import`"
        raise InputError(Problem(str(path), "tables", message))
    with np.load(raw, allow_pickle=False) as tables:
        kernels = tuple(FittedKernel(**_fields(record, tables)) for record in content["kernels"] if wanted(record))
        powers = tuple(FittedPower(**_fields(record, tables)) for record in content["powers"])
    return FittedFile(kernels, powers)


def records(path: Path) -> Iterable[Mapping[str, Any]]:
    """Yield what the JSON file says of each kernel and power, without their tables; raise InputError as `read` does."""
    content = _content(path)
    yield from (record | {"quantity": "time"} for record in content["kernels"])
    yield from (record | {"quantity": "power"} for record in content["powers"])


def _content(path: Path) -> Mapping[str, Any]:
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        version = content["schema_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(Problem(str(path), "", f"is no file of fitted kernels: {error}")) from None
    if version != SCHEMA_VERSION:
        message = f"{version!r}; this datahall reads {SCHEMA_VERSION}; fit again with `datahall calibrate import`"
        raise InputError(Problem(str(path), "schema_version", message))
    missing = [name for name in ("kernels", "powers", "tables_sha256") if name not in content]
    if missing:
        raise InputError(Problem(str(path), name, "is missing: no file of fitted kernels") for name in missing)
    return content


def _record(fitted: FittedKernel | FittedPower, name: str, tables: dict[str, np.ndarray[Any, Any]]) -> dict[str, Any]:
    record = {field.name: getattr(fitted, field.name) for field in dataclasses.fields(fitted)}
    for key in ("parameters", "least", "greatest"):
        if key in record:
            record[key] = {column: float(f"{value:.7g}") for column, value in record[key].items()}
    for key in _ERRORS:
        if record.get(key) is not None:
            errors = dataclasses.asdict(record[key])
            record[key] = {name: float(f"{value:.4g}") if name != "rows" else value for name, value in errors.items()}
    table = fitted.table
    if table is not None:
        # Half precision keeps a logarithm of 0.1 to 0.00005, a hundredth of what a measurement repeats to.
        tables[f"{name}_values"] = table.values.astype(np.float16)
        tables[f"{name}_supported"] = np.packbits(table.supported)
        axes = [{"name": axis.name, "knots": [float(f"{knot:.7g}") for knot in axis.knots]} for axis in table.axes]
        record["table"] = {"axes": axes, "arrays": name}
    return record


def _fields(record: Mapping[str, Any], tables: Any) -> dict[str, Any]:
    fields = dict(record)
    for key in _ERRORS:
        if fields.get(key) is not None:
            fields[key] = HeldOutError(**fields[key])
    if fields.get("table") is not None:
        axes = tuple(Axis(axis["name"], tuple(axis["knots"])) for axis in fields["table"]["axes"])
        cells = tuple(len(axis.knots) - 1 for axis in axes)
        bits = np.unpackbits(tables[f"{fields['table']['arrays']}_supported"], count=int(np.prod(cells)))
        values = tables[f"{fields['table']['arrays']}_values"].astype(np.float64)
        fields["table"] = ResidualTable(axes, values, bits.astype(bool).reshape(cells))
    return fields
