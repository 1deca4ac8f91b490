"""The record of who did what, and who reads it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...sourced import Status
from ...units import Data, Duration, Money, quantity
from ..moved_bytes import NodeWork
from .control import Benefit, ControlCost, IncidentChange, SecurityControl

_DAY_S = 86_400.0
_WEEKS = 365.25 / 7.0
_MONTHS = 12.0
_TB = 1e12


class AuditLog(SecurityControl):
    """Every node records what is done on it. The record is kept for long, and somebody may watch it."""

    kind: Literal["audit-log"] = "audit-log"
    per_node_day: Annotated[Data, Field(gt=0.0)] = quantity("1 GB")
    """What a node records in a day: a guess within 0.1 to 2 GB (assumption; nobody publishes it)."""
    retention: Annotated[Duration, Field(gt=0.0)] = quantity("1 a")
    """How long it is kept (assumption; a year is what card payments ask for, PCI DSS 10.5)."""
    copies: int = Field(default=2, ge=1)
    """Copies kept, one of them where an intruder can not delete it (assumption)."""
    price_per_tb_month: Money = quantity("21 USD")
    """Storage of 1 TB for a month, each copy: 0.021 to 0.023 USD per GB and month are list prices of object storage
    (recalled, not verified)."""
    cpu_share: float = Field(default=0.01, ge=0.0, le=1.0)
    """Share of a node's processor cores that recording takes: 1% is an assumption; it grows with the rate of new
    processes, and enriching records doubles it (laurel, performance.md)."""
    review_hours_per_week: float = Field(default=20.0, ge=0.0)
    """Hours in which people look at alerts (assumption); with 0 nobody does, and the record only helps afterwards."""

    def growth_b_per_s(self, nodes: int) -> float:
        """Return how fast the record of so many nodes grows, all copies together [B/s], until the oldest is deleted."""
        return nodes * self.per_node_day / _DAY_S * self.copies

    def kept_b(self, nodes: int, running_s: float) -> float:
        """Return what is kept `running_s` [s] after recording began, all copies together [B]."""
        return self.growth_b_per_s(nodes) * min(running_s, self.retention)

    def cost(self, work: NodeWork) -> ControlCost:
        """Return the cost once the record is as long as it is kept; cores slow the work where it leaves none."""
        kept_b = self.growth_b_per_s(work.nodes) * self.retention
        cores = self.cpu_share * work.cpu_cores
        busy = work.moved.busy_cores * work.cpu_cores
        left = work.cpu_cores - work.taken_cores - cores
        return ControlCost(
            throughput_factor=max(min(1.0, left / busy), 0.0) if busy > 0.0 else 1.0,
            cpu_cores=cores,
            storage_b=kept_b,
            people_h_per_year=self.review_hours_per_week * _WEEKS,
            money_usd_per_year=kept_b / _TB * self.price_per_tb_month * _MONTHS,
        )

    def benefit(self) -> Benefit:
        text = "what an intruder did is known afterwards, so that nodes are cleared sooner"
        sooner = IncidentChange(investigation=0.5)
        if self.review_hours_per_week == 0.0:
            why = "that a record halves the time of an investigation is assumed"
            kinds = ("ransomware", "credential-theft", "tenant-escape", "vulnerable-firmware")
            return Benefit(text, "assumption", why, dict.fromkeys(kinds, sooner))
        return Benefit(
            f"intruders are noticed sooner; {text}",
            "assumption",
            "watched networks notice ransomware after 3 d instead of 4, others after 1 d instead of 11.5 (medians of "
            "Sophos, Active Adversary Report 2025, quoted); that a record halves an investigation is assumed",
            {
                "ransomware": sooner * IncidentChange(detection=3.0 / 4.0),
                "credential-theft": sooner * IncidentChange(detection=1.0 / 11.5),
                "tenant-escape": sooner * IncidentChange(detection=1.0 / 11.5),
                "vulnerable-firmware": sooner,
            },
        )

    @property
    def basis(self) -> tuple[Status, str]:
        return "assumption", "volume is a planning guess, storage a list price; no figure was found"
