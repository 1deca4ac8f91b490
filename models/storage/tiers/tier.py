"""A storage tier: the contract of every kind, and what is known of one that is laid out for a hall."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

from ...section import Section
from ...units import Money


@dataclass(frozen=True)
class SizedTier:
    """A tier of a hall as one thing: what it can do with every server at work, in B, B/s and W.

    Reading and writing share the tier: a byte written takes `write_share` of the time of a byte read. With `per_node`
    bandwidths, capacity and power are those of one node, and each node has its own.
    """

    kind: str
    read_b_per_s: float
    write_b_per_s: float
    capacity_b: float
    servers: int = 0
    """Servers that may be out; 0 where it is not taken apart."""
    tolerated: int = 0
    """Servers that may be out before the tier stops."""
    idle_w: float = 0.0
    """Power of all servers at rest."""
    peak_w: float = 0.0
    """Power of all servers at full bandwidth."""
    node_b_per_s: float = math.inf
    """The most that one node reads or writes, however fast the tier is."""
    latency_s: float = 0.0
    """Before the first byte of a transfer."""
    files_per_s: float = math.inf
    """Files that the metadata service creates or opens."""
    copies: int = 1
    """Copies of each byte that are written, on neighbouring nodes where `per_node`."""
    per_node: bool = False
    """Whether it is the nodes' own drives, which are lost with them."""

    @property
    def write_share(self) -> float:
        """Time of the tier that a byte written takes, over that of a byte read; every copy is written."""
        return self.copies * self.read_b_per_s / self.write_b_per_s

    def whole_capacity_b(self, nodes: int) -> float:
        """Return what so many nodes can keep on it, each byte counted once [B]."""
        return self.capacity_b * (nodes if self.per_node else 1) / self.copies

    def ceiling_b_per_s(self, nodes: int, size_b: float, files: int = 0) -> float:
        """Return the most at which so many nodes move `size_b` in so many files, were the tier theirs alone and
        infinitely fast [B/s]: what their own links and the metadata service allow."""
        seconds = files / self.files_per_s + self.latency_s
        slowest = size_b / seconds if seconds > 0.0 and size_b > 0.0 else math.inf
        return min(nodes * self.node_b_per_s, slowest)

    def read_s(self, nodes: int, size_b: float, files: int = 0) -> float:
        """Return how long so many nodes together take to read `size_b`, the tier being theirs alone [s]."""
        return self._transfer_s(nodes, size_b, files, 1.0)

    def write_s(self, nodes: int, size_b: float, files: int = 0) -> float:
        """Return how long so many nodes together take to write `size_b`, the tier being theirs alone [s]."""
        return self._transfer_s(nodes, size_b, files, self.write_share)

    def rate_share(self, servers_out: int) -> float:
        """Return what is left of the bandwidth with some servers out: in proportion, and nothing beyond `tolerated`."""
        if servers_out == 0:
            return 1.0
        if servers_out > self.tolerated or servers_out >= self.servers:
            return 0.0
        return 1.0 - servers_out / self.servers

    def power_w(self, utilization: float, servers_out: int = 0) -> float:
        """Return the power of the servers that are in [W]; it rises in proportion from idle to peak (assumption).

        `utilization` (0 to 1) is throughput over the bandwidth of all servers, those that are out among them.
        """
        working = 1.0 - min(servers_out, self.servers) / max(self.servers, 1)
        return self.idle_w * working + (self.peak_w - self.idle_w) * utilization

    def _transfer_s(self, nodes: int, size_b: float, files: int, share: float) -> float:
        if size_b <= 0.0:
            return 0.0
        tier_b_per_s = self.read_b_per_s * (nodes if self.per_node else 1) / share
        return size_b / min(tier_b_per_s, self.ceiling_b_per_s(nodes, size_b, files))


class Tier(Section):
    """A place for data with a bandwidth and a capacity. YAML selects a kind by `kind:`.

    Reads and writes share its time: while it writes at half its write bandwidth it can read at half its read bandwidth.
    """

    price_per_tb: Money | None = None
    """What a TB of its capacity costs to buy, paid off over the life of nodes; not counted if nothing is said, nor of
    the nodes' own drives, which come with the nodes."""

    @abstractmethod
    def sized(self) -> SizedTier:
        """Return what the tier can do."""
