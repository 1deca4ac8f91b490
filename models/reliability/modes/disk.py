"""Failures of nodes' drives."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from ...units import quantity
from .component_failures import ComponentFailures

if TYPE_CHECKING:
    from ...nodes.node import Node


class DiskFailures(ComponentFailures):
    """Failures of a node's drives, one hazard for each node that has any; the node goes out.

    If nothing is said of how often: 3 in 54 days of 2,048 nodes (arXiv:2407.21783, Table 5), or once in 884,736 hours
    of a node. Of hard drives 1.57 % failed in 2024 (Backblaze).
    """

    kind: Literal["disk"] = "disk"
    part: ClassVar[str] = "drive"
    stated_mtbf: ClassVar[float | None] = quantity("884736 h")

    def parts_of(self, node: Node) -> int:
        return 0 if node.local_storage is None else 1
