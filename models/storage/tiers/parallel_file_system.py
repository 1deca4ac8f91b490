"""A parallel file system: storage servers that stripe every file among them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ...units import Bandwidth, Data, Power, quantity
from .tier import SizedTier, Tier


class ParallelFileSystem(Tier):
    """Storage servers over which files are striped: bandwidth and capacity are sums over servers.

    With servers out the bandwidth falls in proportion; with more out than are tolerated writes stall and reads starve
    until enough are back. Nothing is lost by that.
    """

    kind: Literal["parallel-file-system"] = "parallel-file-system"
    servers: int = Field(ge=1)
    """Storage servers."""
    tolerated: int = Field(default=1, ge=0)
    """Servers that may be out while the data stay readable and writable: 1, an assumption (pairs that take over for
    each other, or stripes with parity)."""
    read: Annotated[Bandwidth, Field(gt=0.0)] = quantity("0.93 GB/s")
    """Read bandwidth of a server: Meta's 7 TB/s at peak over 7,500 servers (Llama 3, arXiv 2407.21783, section 3.3.1),
    derived. Dense appliances do 100 times as much."""
    write: Annotated[Bandwidth, Field(gt=0.0)] = quantity("0.27 GB/s")
    """Write bandwidth of a server: the 2 TB/s that the same system sustains, derived; that this is what it writes at is
    an assumption."""
    capacity: Annotated[Data, Field(gt=0.0)] = quantity("32 TB")
    """Capacity of a server, redundancy taken off: 240 PB over 7,500 servers (as above), derived."""
    node_bandwidth: Annotated[Bandwidth, Field(gt=0.0)] = quantity("40 GB/s")
    """The most that one node reads or writes: a node with two 400 Gb/s storage ports reads at over 40 GB/s (NVIDIA DGX
    SuperPOD reference architecture, H100). The storage network is apart from the network between accelerators, as
    there, and holds nobody back beyond this."""
    files_per_s: float | None = Field(default=None, gt=0.0)
    """Files that the metadata service creates or opens in a second; without it metadata is no limit."""
    idle_power: Power = quantity("300 W")
    """Power of a server at rest: an assumption, for a server with one processor and a dozen NVMe drives."""
    peak_power: Power = quantity("500 W")
    """Power of a server at full bandwidth: an assumption, as above."""

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.tolerated >= self.servers:
            raise ValueError(f"tolerated ({self.tolerated}) must be less than the {self.servers} servers")
        if self.peak_power < self.idle_power:
            raise ValueError(f"peak_power ({self.peak_power:g} W) is less than idle_power ({self.idle_power:g} W)")
        return self

    def sized(self) -> SizedTier:
        return SizedTier(
            self.kind,
            self.servers * self.read,
            self.servers * self.write,
            self.servers * self.capacity,
            servers=self.servers,
            tolerated=self.tolerated,
            idle_w=self.servers * self.idle_power,
            peak_w=self.servers * self.peak_power,
            node_b_per_s=self.node_bandwidth,
            files_per_s=float("inf") if self.files_per_s is None else self.files_per_s,
        )
