"""Mending known weaknesses before somebody uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ...sourced import Status
from ...units import Duration, quantity
from ..moved_bytes import NodeWork
from .control import Benefit, ControlCost, IncidentChange, SecurityControl

if TYPE_CHECKING:
    from ...operations.maintenance import Maintenance

FROM_VULNERABILITIES = 0.2179
"""Share of intrusions that begin with an exploited vulnerability (Sophos Active Adversary Report 2025, 400 cases)."""
_YEAR_S = 31_557_600.0


class Patching(SecurityControl):
    """Nodes are taken out a few at a time at an interval, and come back with firmware and system renewed. A run shows
    what that interrupts."""

    kind: Literal["patching"] = "patching"
    interval: Annotated[Duration, Field(gt=0.0)] = quantity("30 d")
    """How often each node is renewed (assumption)."""
    otherwise: Annotated[Duration, Field(gt=0.0)] = quantity("180 d")
    """How often it would be without this control, for other reasons (assumption)."""
    time_per_node: Annotated[Duration, Field(gt=0.0)] = quantity("45 min")
    """How long a node is out for it, after its jobs have written a checkpoint or ended (assumption)."""
    at_once: float = Field(default=0.05, gt=0.0, le=1.0)
    """Share of the nodes that are out at the same time, at least one (assumption)."""
    people_hours_per_round: float = Field(default=16.0, ge=0.0)
    """People's hours to test and watch over a round (assumption)."""

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the cost: the share of time that nodes are out is taken from throughput."""
        return ControlCost(
            throughput_factor=1.0 - min(self.time_per_node / self.interval, 1.0),
            people_h_per_year=self.people_hours_per_round * _YEAR_S / self.interval,
        )

    def rounds(self) -> Maintenance:
        """Return what is planned for the nodes."""
        from ...operations.maintenance import Maintenance

        return Maintenance.model_construct(
            name="security patches", every=self.interval, duration=self.time_per_node, at_once=self.at_once
        )

    def benefit(self) -> Benefit:
        """Return what it averts: weaknesses stand open for a time in proportion to the interval."""
        open_share = min(self.interval / self.otherwise, 1.0)
        return Benefit(
            f"known weaknesses stand open for {open_share:.0%} of the time that they otherwise would",
            "assumption",
            "that incidents follow the time for which a weakness is open is assumed; 21.79% of intrusions begin with a "
            "vulnerability (Sophos 2025)",
            {
                "vulnerable-firmware": IncidentChange(rate=open_share),
                "ransomware": IncidentChange(rate=1.0 - FROM_VULNERABILITIES * (1.0 - open_share)),
                "tenant-escape": IncidentChange(rate=open_share),
            },
        )

    @property
    def basis(self) -> tuple[Status, str]:
        return "assumption", "interval, time of a node and people's hours are assumed"
