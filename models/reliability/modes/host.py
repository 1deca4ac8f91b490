"""Failures of nodes outside their accelerators and interfaces."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .component_failures import ComponentFailures


class HostFailures(ComponentFailures):
    """Failures of processors, memory, power supplies, chassis and boards: one hazard for each node, which goes out.

    If nothing is said of how often: 11 in 54 days of 2,048 nodes (arXiv:2407.21783, Table 5: 3 power supplies and 2
    each of processors, memory, chassis and expansion boards), or once in 241,292 hours.
    """

    kind: Literal["host"] = "host"
    part: ClassVar[str] = "host"
    stated_mtbf: ClassVar[float | None] = quantity("241292 h")
