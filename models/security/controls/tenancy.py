"""Who may share a node or a rack with whom."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ...sourced import Status
from ..moved_bytes import NodeWork
from .control import Benefit, ControlCost, IncidentChange, SecurityControl

_RATES = {"shared": 1.0, "dedicated-nodes": 0.1, "dedicated-pods": 0.05}


class Tenancy(SecurityControl):
    """A placement constraint by the user of a job. It slows no job; what it costs is waiting for nodes that stand half
    empty for somebody else, which the run shows."""

    kind: Literal["tenancy"] = "tenancy"
    mode: Literal["shared", "dedicated-nodes", "dedicated-pods"] = "dedicated-nodes"
    """`dedicated-nodes`: a node never holds jobs of two users at once. `dedicated-pods`: nor does a rack."""
    hours_per_tenant: float = Field(default=4.0, ge=0.0)
    """People's hours in a year to admit a tenant and keep its quota (assumption)."""
    tenants: int = Field(default=10, ge=1)
    """How many tenants those hours are counted for (assumption)."""

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the hours of people; nothing where all is shared."""
        if self.mode == "shared":
            return ControlCost()
        return ControlCost(people_h_per_year=self.hours_per_tenant * self.tenants)

    def benefit(self) -> Benefit:
        text = {
            "shared": "none",
            "dedicated-nodes": "a job that breaks out of its container finds no other tenant on its node",
            "dedicated-pods": "nor on the switch and the power shelf of its rack",
        }[self.mode]
        changes = {"tenant-escape": IncidentChange(rate=_RATES[self.mode])} if self.mode != "shared" else {}
        why = "nobody published how often: escapes that reach another tenant fall to a tenth, to a twentieth by racks"
        return Benefit(text, "assumption", why, changes)

    @property
    def basis(self) -> tuple[Status, str]:
        return "assumption", "hours for each tenant are assumed; what jobs wait is simulated"
