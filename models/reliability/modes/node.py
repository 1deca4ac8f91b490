"""Failures of nodes, whatever the reason."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .component_failures import ComponentFailures


class NodeFailures(ComponentFailures):
    """Failures of nodes, whatever the reason, one hazard for each; the node goes out.

    If nothing is said of how often: 6.50 in 1000 days of a node (Meta RSC-1, arXiv:2410.21680), or once in 153.8 days.
    """

    kind: Literal["node"] = "node"
    part: ClassVar[str] = "node"
    stated_mtbf: ClassVar[float | None] = quantity("153.846 d")
