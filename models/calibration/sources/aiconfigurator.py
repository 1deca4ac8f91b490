"""The kernel timings of the aiconfigurator-core distribution (Apache-2.0): where they lie and how they are named."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from collections.abc import Collection, Iterator
from pathlib import Path

DISTRIBUTION = "aiconfigurator-core"

ACCELERATORS: dict[str, str] = {
    "a100_sxm": "a100-80gb-sxm",
    "h100_sxm": "h100-sxm",
    "h200_sxm": "h200-sxm",
    "b200_sxm": "b200",
    "b300_sxm": "b300",
    "gb200": "gb200",
    "gb300": "gb300",
    "l40s": "l40s",
}
"""Folder of the distribution: name in the catalogue."""

DTYPES: dict[str, str] = {
    "bfloat16": "bf16",
    "float16": "fp16",
    "half": "bf16",
    "fp8": "fp8",
    "fp8_block": "fp8_block",
    "nvfp4": "nvfp4",
}
"""Number formats that we take, as the distribution and as we name them."""


def folders(accelerators: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """Yield the folder of each GPU and its name in the catalogue, of all or of the `accelerators` named."""
    for gpu, accelerator in ACCELERATORS.items():
        if accelerators is None or accelerator in accelerators:
            yield gpu, accelerator


def data_folder() -> Path:
    """Return the folder of the tables; raise FileNotFoundError with what to install."""
    spec = importlib.util.find_spec("aiconfigurator_core")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{DISTRIBUTION} is not installed; pip install 'datahall[kernels]'")
    return Path(spec.submodule_search_locations[0]) / "systems" / "data"


def source_name() -> str:
    """Return the distribution and its version."""
    return f"{DISTRIBUTION} {importlib.metadata.version(DISTRIBUTION)}"


def newest(folder: Path, gpu: str, family: str, framework: str, table: str) -> Path | None:
    """Return the table of the newest version of a framework, or None where there is none."""
    found = (folder / gpu / family / framework).glob(f"*/{table}.parquet")
    return max(found, key=lambda path: _version(path.parent.name), default=None)


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", name))
