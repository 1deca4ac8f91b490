"""A plan as a folder of files that anybody can open."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

PLAN_FILE = "plan.json"
RUN_FILE = "run.json"


def save_plan(
    parent: Path,
    outcome: Mapping[str, Any],
    provenance: Mapping[str, Any],
    tables: Mapping[str, pa.Table],
    scenarios: Path | None = None,
) -> Path:
    """Write a plan into a folder of its own under `parent`, and return that folder.

    It holds `plan.json` (the outcome), `run.json` (where it comes from), every table twice, as Parquet and as CSV, and
    the folder of `scenarios` that it was proven with, where there are any. It is written under a temporary name and
    then renamed, so that what bears its name is whole. A folder of the same inputs is replaced. The same inputs give
    the same bytes.
    """
    parent.mkdir(parents=True, exist_ok=True)
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", provenance["plan"]).strip("-.") or "plan"
    target = parent / f"{stem}-{provenance['inputs_sha256'][:8]}"
    with tempfile.TemporaryDirectory(prefix=".writing-", dir=parent) as scratch:
        written = Path(scratch) / "plan"
        written.mkdir()
        _write(written, outcome, provenance, tables)
        if scenarios is not None and scenarios.is_dir():
            shutil.copytree(scenarios, written / "scenarios")
        if target.exists():
            target.replace(Path(scratch) / "replaced")
        written.replace(target)
    return target


def _write(
    folder: Path, outcome: Mapping[str, Any], provenance: Mapping[str, Any], tables: Mapping[str, pa.Table]
) -> None:
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    for name, arrow in tables.items():
        pq.write_table(arrow, folder / f"{name}.parquet", compression="zstd", use_dictionary=False)
        pc.write_csv(arrow, folder / f"{name}.csv")
    for name, content in ((PLAN_FILE, outcome), (RUN_FILE, {**provenance, "tables": sorted(tables)})):
        (folder / name).write_text(json.dumps(content, indent=1, allow_nan=False) + "\n", encoding="utf-8")
