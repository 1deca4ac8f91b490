"""What came of a run: frozen, self-describing, saved and loaded as a folder."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.problems import InputError, Problem

from .kpis import Kpis

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RUN_FILE = "run.json"


@dataclass(frozen=True, eq=False)
class Result:
    """The outcome of one run.

    `kpis` are the figures by which runs are compared (`simulator.results.kpis.MEANINGS` says what they mean),
    `tables` the Arrow tables by name, each column with its unit in its metadata. `status` is "complete", or
    "interrupted" where the run was stopped early. `provenance` is what `run.json` holds.
    """

    name: str
    seed: int
    status: str
    kpis: Kpis
    notes: tuple[str, ...]
    provenance: Mapping[str, Any]
    tables: Mapping[str, pa.Table]

    @property
    def jobs(self) -> pd.DataFrame:
        """One row a job: times [s], what it asked for, its energy [J]."""
        return self.frame("jobs")

    @property
    def nodes(self) -> pd.DataFrame:
        """One row a node: time in service and holding jobs [s], energy [J], peak power [W]."""
        return self.frame("nodes")

    @property
    def racks(self) -> pd.DataFrame:
        """One row a rack: energy [J], peak power [W]."""
        return self.frame("racks")

    @property
    def power(self) -> pd.DataFrame:
        """One row an interval, indexed by its start in UTC: what the hall's meters read, cost and carbon."""
        return self.frame("power").set_index("from_utc")

    def frame(self, table: str) -> pd.DataFrame:
        """Return a table as a DataFrame; `frame.attrs["units"]` maps its columns to units."""
        arrow = self.tables[table]
        frame = arrow.to_pandas()
        frame.attrs["units"] = {
            field.name: field.metadata[b"unit"].decode() for field in arrow.schema if field.metadata
        }
        return frame

    @property
    def folder_name(self) -> str:
        """The name of the folder that this run is saved in: the same for the same inputs.

        That of an interrupted run says so, and never takes the place of a complete one.
        """
        stem = re.sub(r"[^A-Za-z0-9._-]+", "-", self.name).strip("-.") or "run"
        ending = "" if self.status == "complete" else f"-{self.status}"
        return f"{stem}-{self.provenance['inputs_sha256'][:8]}{ending}"

    def save(self, parent: Path | str) -> Path:
        """Write the result into a folder of its own under `parent`, and return that folder.

        The folder is written under a temporary name and then renamed, so that what bears its name is whole. A folder
        of the same inputs is replaced. The same inputs give the same bytes.
        """
        parent = Path(parent)
        parent.mkdir(parents=True, exist_ok=True)
        target = parent / self.folder_name
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=parent) as scratch:
            written = Path(scratch) / "result"
            written.mkdir()
            self._write(written)
            if target.exists():
                target.replace(Path(scratch) / "replaced")
            written.replace(target)
        return target

    def _write(self, folder: Path) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        for name, arrow in self.tables.items():
            # Numbers rarely repeat: looking for a dictionary among them takes twice the time of writing them.
            texts = [field.name for field in arrow.schema if pa.types.is_dictionary(field.type)]
            pq.write_table(arrow, folder / f"{name}.parquet", compression="zstd", use_dictionary=texts)
        text = json.dumps({**self.provenance, "kpis": self.kpis, "tables": sorted(self.tables)}, indent=1)
        (folder / RUN_FILE).write_text(text + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path | str) -> Result:
        """Return the result in a folder; raises InputError where it holds none."""
        import pyarrow.parquet as pq

        folder = Path(folder)
        try:
            run = json.loads((folder / RUN_FILE).read_text(encoding="utf-8"))
            tables = {name: pq.read_table(folder / f"{name}.parquet") for name in run["tables"]}
        except (OSError, ValueError, KeyError) as error:
            raise InputError(Problem(str(folder), "", f"holds no result of a run: {error}")) from error
        kpis, _ = run.pop("kpis"), run.pop("tables")
        return cls(run["scenario"], run["seed"], run["status"], kpis, tuple(run["notes"]), run, tables)


def compare(results: Mapping[str, Result]) -> pd.DataFrame:
    """Return the figures of several runs side by side: a row a figure, a column a run."""
    import pandas as pd

    return pd.DataFrame({label: result.kpis for label, result in results.items()})
