"""Nodes go into service."""

from __future__ import annotations

from typing import Literal

from .event import OneTargetEvent


class CommissionEvent(OneTargetEvent):
    """Nodes go into service. They are absent before, whatever their group says."""

    kind: Literal["commission"] = "commission"
