"""The nodes' own drives: fast, near, and gone with the node."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ...units import Bandwidth, Data, quantity
from .tier import SizedTier, Tier


class NodeNvme(Tier):
    """Local drives of each node. Every node has its own bandwidth and capacity; what lies there is lost with the node.

    Their power is part of their node's, as measured for the node as a whole.
    """

    kind: Literal["node-nvme"] = "node-nvme"
    read: Annotated[Bandwidth, Field(gt=0.0)] = quantity("28.6 GB/s")
    """Read bandwidth of a node: 8 of 12 NVMe drives that were measured at 40 GiB/s together (RAID 10 of Solidigm P5520,
    blog.nyman.re 2025), derived in proportion."""
    write: Annotated[Bandwidth, Field(gt=0.0)] = quantity("14.3 GB/s")
    """Write bandwidth of a node: half the read bandwidth, an assumption; Frontier's drives write at 2.0 of 5.5 GB/s
    (OLCF Frontier User Guide)."""
    capacity: Annotated[Data, Field(gt=0.0)] = quantity("30.72 TB")
    """Capacity of a node: 8 drives of 3.84 TB (NVIDIA DGX H100 datasheet)."""
    replicas: int = Field(default=0, ge=0, le=8)
    """Copies of each node's data on as many neighbouring nodes, written at the same time. A copy takes bandwidth and
    capacity of drives; its way over the network is not counted (assumption)."""

    def sized(self) -> SizedTier:
        return SizedTier(self.kind, self.read, self.write, self.capacity, copies=1 + self.replicas, per_node=True)
