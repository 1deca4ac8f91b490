"""What the power chain loses, stage by stage, at every change of load."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled


@compiled
def stage_loss_w(stage: Any, output_w: float) -> float:
    """Return what a stage loses while it gives `output_w` [W]."""
    capacity_w = stage["capacity_w"]
    load = output_w / capacity_w
    return float(capacity_w * (stage["constant"] + load * (stage["linear"] + load * stage["quadratic"])))
