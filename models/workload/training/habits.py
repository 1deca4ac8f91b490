"""What current frameworks do where a layout says nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .layout import RecomputePart

CHEAP_AGAIN: tuple[RecomputePart, ...] = ("norm", "activation", "latent_projection")
"""What selective recomputation computes again beside flash attention, which keeps no scores: as DeepSeek-V3 did
(arXiv 2412.19437, 3.2.3)."""


def layout_habits(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what current frameworks do where nothing is said, for the fields of a layout that are given."""
    tensor = given.get("tensor", 1)  # what is no number is refused later, where it stands
    return {
        "sequence_parallel": isinstance(tensor, int) and tensor > 1,
        "zero": 1,
        "overlap_data": True,
        "overlap_tensor": True,
        "overlap_pipeline": True,
        "recompute_parts": ("attention",) if given.get("attention") == "unfused" else CHEAP_AGAIN,
    }
