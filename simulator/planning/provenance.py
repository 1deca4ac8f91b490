"""Where a plan comes from: everything that would be needed to get it again."""

from __future__ import annotations

import importlib.metadata
import platform
from typing import Any

from models import catalog
from models.nodes.node import Node
from models.sourced import numbers

from ..results.provenance import digest, file_sha256
from ..scenario.plan_file import LoadedPlan
from .assumed import assumed

PACKAGES = ("datahall", "highspy", "numpy", "pvlib", "pydantic", "pyomo", "scipy", "simpy")
"""Packages whose version may change a plan: the solver and what its numbers are computed with."""


def describe_plan(loaded: LoadedPlan) -> dict[str, Any]:
    """Return the contents of a plan's `run.json`. It holds no path of the machine and no time of day."""
    tree, plan_file = loaded.tree, loaded.plan_file
    data = {path.name: file_sha256(path) for path in loaded.data_files()}
    return {
        "plan": plan_file.name,
        "seed": plan_file.seed,
        "plan_sha256": digest(tree),
        "inputs_sha256": digest([tree, data]),
        "plan_files": {name.rpartition("/")[2]: sha256 for name, sha256 in loaded.files.items()},
        "data_files": data,
        "packages": {name: importlib.metadata.version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "numbers": _numbers(loaded),
        "assumed": [each._asdict() for each in assumed(plan_file.plan, "plan")],
        "resolved": tree,
    }


def _numbers(loaded: LoadedPlan) -> dict[str, list[dict[str, Any]]]:
    """Return every number of the node types that can be bought with its status and source, by piece of equipment."""
    used: dict[str, list[dict[str, Any]]] = {}
    for sku in loaded.plan_file.plan.skus.values():
        node = loaded.plan_file.nodes.get(sku.node) or catalog.entry("nodes", sku.node)
        assert isinstance(node, Node)
        used[f"nodes/{sku.node}"] = [number._asdict() for number in numbers(node)]
        if isinstance(node.accelerator, str):
            entry = catalog.entry("accelerators", node.accelerator)
            used[f"accelerators/{node.accelerator}"] = [number._asdict() for number in numbers(entry)]
    return used
