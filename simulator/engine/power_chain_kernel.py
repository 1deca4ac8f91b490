"""What the power chain loses, stage by stage, at every change of load."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled


@compiled
def stage_loss_w(stage: Any, output_w: float) -> float:
    """Return what a stage loses while it gives `output_w` [W]."""
    return float(stage["constant_w"] + output_w * (stage["linear"] + output_w * stage["quadratic_per_w"]))
