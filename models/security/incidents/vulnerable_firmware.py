"""A weakness in the nodes' firmware that can not wait for the next round of patches."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...units import Duration, quantity
from .incident import SecurityIncident


class VulnerableFirmware(SecurityIncident):
    """A weakness is published and used: nodes that have it are taken out and made anew at once."""

    kind: Literal["vulnerable-firmware"] = "vulnerable-firmware"
    per_year: float = Field(default=0.5, ge=0.0, le=10_000.0)
    """Incidents of a year in a hall without any control (assumption)."""
    detection: Duration = quantity("1 d")
    """Mean time until it is known (assumption)."""
    nodes: Annotated[float, Field(gt=0.0)] = 0.5
    """Nodes that have it: half of the hall, as if of one make, is an assumption."""
    investigation: Duration = quantity("0 s")
    """How long they are held as evidence before they are made anew: nothing was stolen yet (assumption)."""
    restores_data: bool = False
    """Whether storage is restored from its backup before they come back."""
    scattered: bool = False
    """Whether the nodes are spread over the hall, or neighbours (assumption)."""
