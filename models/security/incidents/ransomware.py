"""Somebody encrypts the hall's data and asks for money."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...units import Duration, quantity
from .incident import SecurityIncident


class Ransomware(SecurityIncident):
    """Data is lost and a part of the nodes is not to be trusted: they are made anew and storage is restored."""

    kind: Literal["ransomware"] = "ransomware"
    per_year: float = Field(default=0.05, ge=0.0, le=10_000.0)
    """Incidents of a year in a hall without any control: once in 20 years is an assumption."""
    detection: Duration = quantity("4 d")
    """Mean time until it is noticed: the median of Sophos's cases that nobody watched (Active Adversary Report 2025,
    quoted)."""
    nodes: Annotated[float, Field(gt=0.0)] = 0.25
    """Nodes that are taken out when it is noticed: a quarter of the hall is an assumption."""
    investigation: Duration = quantity("24 h")
    """How long they are held as evidence before they are made anew (assumption)."""
    restores_data: bool = True
    """Whether storage is restored from its backup before they come back."""
    scattered: bool = True
    """Whether the nodes are spread over the hall, or neighbours (assumption)."""
