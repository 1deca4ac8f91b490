"""Failures of the fabric's switches."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from ..detection import Detection
from .component_failures import ComponentFailures


class SwitchFailures(ComponentFailures):
    """Failures of switches of the fabric, one hazard for each; a common cause for all that hangs on one alone.

    If nothing is said of how often: critical errors of 0.051 % of the top-of-rack switches a month (Alibaba HPN,
    SIGCOMM 2024), or once in 1.43 million hours. Of 180,000 switches at Microsoft 98 % lived through three months
    (Singh et al., CCR 2021), which is once in 108,000 hours.
    """

    kind: Literal["switch"] = "switch"
    takes_out: ClassVar[str] = "switch"
    counts: ClassVar[str] = "switch"
    part: ClassVar[str] = "switch"
    skill: ClassVar[str] = "network"
    stated_mtbf: ClassVar[float | None] = quantity("1432300 h")
    detection: Detection = Detection(at_once=1.0)
    """How it is noticed: at once if nothing is said, as ports see that their other end is gone (assumption)."""
