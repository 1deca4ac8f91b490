"""Somebody logs in as somebody else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...units import Duration, quantity
from .incident import SecurityIncident


class CredentialTheft(SecurityIncident):
    """A stolen account starts what its owner may start: the nodes that it used are made anew."""

    kind: Literal["credential-theft"] = "credential-theft"
    per_year: float = Field(default=1.0, ge=0.0, le=10_000.0)
    """Incidents of a year in a hall without any control (assumption)."""
    detection: Duration = quantity("11.5 d")
    """Mean time until it is noticed: the median of Sophos's cases without ransomware that nobody watched (Active
    Adversary Report 2025, quoted)."""
    nodes: Annotated[float, Field(gt=0.0)] = 0.02
    """Nodes that are taken out when it is noticed: 2% of the hall is an assumption."""
    investigation: Duration = quantity("8 h")
    """How long they are held as evidence before they are made anew (assumption)."""
    restores_data: bool = False
    """Whether storage is restored from its backup before they come back."""
    scattered: bool = True
    """Whether the nodes are spread over the hall, or neighbours (assumption)."""
