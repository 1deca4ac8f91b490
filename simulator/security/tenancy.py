"""Whose jobs may share nodes and racks, as the engine keeps it."""

from __future__ import annotations

from typing import Literal

from ..engine import state as layout
from ..engine.batch import Batch

_MODES = {
    "shared": layout.SHARED,
    "dedicated-nodes": layout.DEDICATED_NODES,
    "dedicated-pods": layout.DEDICATED_PODS,
}


def constrain_placement(batch: Batch, mode: Literal["shared", "dedicated-nodes", "dedicated-pods"]) -> None:
    """Let no node, or no rack (a pod), hold jobs of two users at once; call it before any job is placed.

    A node or rack belongs to the user whose job it takes while it is empty, until it is empty again.
    """
    batch.state.clock[0]["tenancy"] = _MODES[mode]
