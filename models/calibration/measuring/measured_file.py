"""The files of measurements: a journal while they are made, then Parquet with its provenance beside it.

Each finished row is a line of the journal at once. Parquet and provenance are written under another name and renamed,
the provenance last, with the checksum of the Parquet file: a pair that does not match was cut off and is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...problems import InputError, Problem
from ...whole_file import write_whole

SCHEMA_VERSION = 1

TEXT = (
    "key", "family", "operation", "role", "framework", "dtype", "variant", "model", "method", "cache", "power_method",
    "device", "driver", "cuda", "torch",
)  # fmt: skip
SHAPE = (
    "m", "n", "k", "batch", "tokens", "past_tokens", "heads", "key_value_heads", "head_dim", "window", "traffic_b",
    "tensor_parallel", "layers", "steps",
)  # fmt: skip
COUNTS = (*SHAPE, "replays", "calls_per_replay", "working_set_b")
NUMBERS = (
    "time_s", "time_p10_s", "time_p90_s", "power_w", "energy_j", "power_window_s", "power_cap_w", "sm_clock_hz",
    "memory_clock_hz", "temperature_c",
)  # fmt: skip
COLUMNS = (*TEXT, *COUNTS, *NUMBERS)
"""Times and energies are of one run of the kernel."""

Row = dict[str, Any]


class MeasuredFiles:
    """The files of one device in one folder."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.parquet = folder / f"{stem}.parquet"
        self.provenance = folder / f"{stem}.json"
        self.journal = folder / f"{stem}.journal.jsonl"

    def rows(self) -> list[Row]:
        """Return the rows of earlier sessions, finished files and journal together."""
        rows = {row["key"]: row for row in read_rows(self.parquet)} if self.parquet.exists() else {}
        rows |= {row["key"]: row for row in self._journal_rows()}
        return list(rows.values())

    def earlier_sessions(self) -> list[dict[str, Any]]:
        """Return what earlier sessions said of themselves."""
        if not self.provenance.exists():
            return []
        return list(json.loads(self.provenance.read_text(encoding="utf-8")).get("sessions", []))

    def append(self, row: Mapping[str, Any]) -> None:
        """Put a finished row on disk."""
        self.journal.parent.mkdir(parents=True, exist_ok=True)
        torn = self.journal.exists() and self.journal.read_bytes()[-1:] not in (b"\n", b"")
        with self.journal.open("a", encoding="utf-8") as file:
            file.write("\n" * torn + json.dumps({"schema_version": SCHEMA_VERSION, **row}) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def finish(self, rows: Sequence[Row], provenance: Mapping[str, Any]) -> Path:
        """Write all rows as Parquet with provenance, then let the journal go; return the Parquet file."""
        self.parquet.parent.mkdir(parents=True, exist_ok=True)
        ordered = sorted(rows, key=lambda row: row["key"])
        write_whole(self.parquet, _parquet_bytes(ordered))
        whole = {
            "schema_version": SCHEMA_VERSION,
            "rows": len(rows),
            "sha256": hashlib.sha256(self.parquet.read_bytes()).hexdigest(),
            **provenance,
        }
        write_whole(self.provenance, (json.dumps(whole, indent=1) + "\n").encode())
        self.journal.unlink(missing_ok=True)
        return self.parquet

    def _journal_rows(self) -> list[Row]:
        """Return the journal's rows without a last line that was cut off."""
        if not self.journal.exists():
            return []
        rows = []
        for number, line in enumerate(self.journal.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
            except json.JSONDecodeError:
                continue
            check_version(row.pop("schema_version", None), f"{self.journal}:{number}")
            rows.append(row)
        return rows


def check_version(found: object, where: str) -> None:
    """Raise InputError unless measurements are of the schema version that this release reads."""
    if found != SCHEMA_VERSION:
        raise InputError(
            Problem(
                where,
                "schema_version",
                f"is {found}, and this release reads {SCHEMA_VERSION}: move the file away and measure again, or "
                "read it with the release that wrote it",
            )
        )


def read_provenance(parquet: Path) -> dict[str, Any]:
    """Return the provenance of a Parquet file; raise InputError where it is missing, of another version, or cut off."""
    beside = parquet.with_suffix(".json")
    if not beside.is_file():
        raise InputError(Problem(str(parquet), "", f"has no provenance: '{beside.name}' is missing beside it"))
    try:
        provenance: dict[str, Any] = json.loads(beside.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise InputError(Problem(str(beside), "", f"is not JSON: {error}")) from None
    check_version(provenance.get("schema_version"), str(beside))
    if provenance.get("sha256") != hashlib.sha256(parquet.read_bytes()).hexdigest():
        raise InputError(
            Problem(str(parquet), "", f"does not match the checksum in '{beside.name}': writing was cut off; measure "
                    "again in the same folder, finished rows are kept")
        )  # fmt: skip
    return provenance


def read_rows(parquet: Path) -> list[Row]:
    """Return the rows of a Parquet file, empty cells left out; raise InputError for another schema version."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(parquet)
    except (pa.ArrowInvalid, OSError) as error:
        raise InputError(Problem(str(parquet), "", f"is not a Parquet file: {error}")) from None
    version = (table.schema.metadata or {}).get(b"datahall.schema_version", b"").decode()
    check_version(int(version) if version.isdigit() else None, str(parquet))
    return [{name: value for name, value in row.items() if value is not None} for row in table.to_pylist()]


def _parquet_bytes(rows: Sequence[Row]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fields = [
        *(pa.field(name, pa.string()) for name in TEXT),
        *(pa.field(name, pa.int64()) for name in COUNTS),
        *(pa.field(name, pa.float64()) for name in NUMBERS),
    ]
    schema = pa.schema(fields, metadata={"datahall.schema_version": str(SCHEMA_VERSION)})
    table = pa.Table.from_pylist([{name: row.get(name) for name in COLUMNS} for row in rows], schema=schema)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue().to_pybytes())
