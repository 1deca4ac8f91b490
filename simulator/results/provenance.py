"""Where a result comes from: everything that would be needed to get it again."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models import catalog
from models.fleet import Fleet
from models.sourced import numbers

from ..scenario.loading import LoadedScenario

PACKAGES = ("datahall", "numba", "numpy", "pandas", "pvlib", "pyarrow", "pydantic", "scipy", "simpy")
"""Packages whose version may change an outcome."""


def describe_run(loaded: LoadedScenario, fleet: Fleet, status: str, notes: tuple[str, ...]) -> dict[str, Any]:
    """Return the contents of `run.json` but for the tables. It holds no path of the machine and no time of day."""
    tree = loaded.tree
    data = {path.name: file_sha256(path) for path in loaded.data_files()}
    return {
        "scenario": loaded.scenario.name,
        "seed": loaded.scenario.seed,
        "status": status,
        "notes": list(notes),
        "scenario_sha256": digest(tree),
        "inputs_sha256": digest([tree, data]),
        "scenario_files": {Path(name).name: sha256 for name, sha256 in loaded.files.items()},
        "data_files": data,
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "numbers": _numbers(fleet),
        "resolved": tree,
    }


def digest(tree: Any) -> str:
    """Return the SHA-256 of plain data, written in one way only."""
    return hashlib.sha256(json.dumps(tree, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _numbers(fleet: Fleet) -> dict[str, list[dict[str, Any]]]:
    """Return every number of the fleet's equipment with its status and source, by piece of equipment."""
    used: dict[str, list[dict[str, Any]]] = {}
    for name, model in zip(fleet.model_names, fleet.models, strict=True):
        used[f"nodes/{name}"] = [number._asdict() for number in numbers(model)]
        accelerator = model.accelerator
        if isinstance(accelerator, str):
            entry = catalog.entry("accelerators", accelerator)
            used[f"accelerators/{accelerator}"] = [number._asdict() for number in numbers(entry)]
    return used


def count_by_status(provenance: Mapping[str, Any]) -> dict[str, int]:
    """Return how many of a run's equipment numbers are measured, datasheet, derived, assumption or the scenario's."""
    counts: dict[str, int] = {}
    for listed in provenance["numbers"].values():
        for number in listed:
            counts[number["status"]] = counts.get(number["status"], 0) + 1
    return dict(sorted(counts.items()))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
