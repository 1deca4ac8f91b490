"""A job gets out of its container and at the jobs of others."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...units import Duration, quantity
from .incident import SecurityIncident


class TenantEscape(SecurityIncident):
    """The node and its neighbours, which other tenants use, are not to be trusted until they are made anew."""

    kind: Literal["tenant-escape"] = "tenant-escape"
    per_year: float = Field(default=0.1, ge=0.0, le=10_000.0)
    """Incidents of a year in a hall that tenants share, without any control (assumption)."""
    detection: Duration = quantity("11.5 d")
    """Mean time until it is noticed: as with stolen credentials (Sophos 2025, quoted)."""
    nodes: Annotated[float, Field(gt=0.0)] = 8.0
    """Nodes that are taken out when it is noticed: the neighbourhood of the node (assumption)."""
    investigation: Duration = quantity("24 h")
    """How long they are held as evidence before they are made anew (assumption)."""
    restores_data: bool = False
    """Whether storage is restored from its backup before they come back."""
    scattered: bool = False
    """Whether the nodes are spread over the hall, or neighbours."""
