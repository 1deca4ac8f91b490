"""Failures of links of the fabric: cables and their transceivers."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from ..detection import Detection
from .component_failures import ComponentFailures


class CableFailures(ComponentFailures):
    """Failures of links of the fabric, one hazard for each; traffic goes another way or stops.

    If nothing is said of how often: 0.057 % of the links between interfaces and switches a month (Alibaba HPN, SIGCOMM
    2024, figure 5), or once in 1.28 million hours.
    """

    kind: Literal["cable"] = "cable"
    takes_out: ClassVar[str] = "link"
    counts: ClassVar[str] = "link"
    part: ClassVar[str] = "cable"
    skill: ClassVar[str] = "network"
    stated_mtbf: ClassVar[float | None] = quantity("1281500 h")
    detection: Detection = Detection(at_once=1.0)
    """How it is noticed: at once if nothing is said, as ports see that their other end is gone (assumption)."""
