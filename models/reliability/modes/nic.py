"""Failures of nodes' network interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from ...units import quantity
from .component_failures import ComponentFailures

if TYPE_CHECKING:
    from ...nodes.node import Node


class NicFailures(ComponentFailures):
    """Failures of network interfaces between nodes, one hazard for each; the node goes out.

    If nothing is said of how often: 7 in 54 days of 2,048 nodes (arXiv:2407.21783, Table 5) with eight interfaces each
    (an assumption), or once in 3.03 million hours.
    """

    kind: Literal["nic"] = "nic"
    counts: ClassVar[str] = "interface"
    part: ClassVar[str] = "nic"
    skill: ClassVar[str] = "network"
    stated_mtbf: ClassVar[float | None] = quantity("3033380 h")

    def parts_of(self, node: Node) -> int:
        return 0 if node.network is None else node.network.count
