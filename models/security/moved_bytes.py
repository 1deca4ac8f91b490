"""What work moves while it computes: what decides the cost of encrypting it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field

from ..section import Section
from ..units import Bandwidth, Data, quantity


class MovedBytes(Section):
    """What work moves on average at full speed. What is left out is not moved."""

    host: Bandwidth = quantity("0 B/s")
    """Between processor and each accelerator, both directions together, besides what the network brings."""
    host_transfers_per_s: float = Field(default=0.0, ge=0.0)
    """In how many pieces, for each accelerator."""
    network: Bandwidth = quantity("0 B/s")
    """What each node sends; it receives as much."""
    storage: Bandwidth = quantity("0 B/s")
    """What each node reads from and writes to storage."""
    packet: Annotated[Data, Field(gt=0.0)] = quantity("4096 B")
    """Payload of a packet on the network: the greatest of RoCE v2 is the default; Ethernet's usual frame has 1,420 B
    after encryption's headers."""
    hidden: float = Field(default=0.0, ge=0.0, lt=1.0)
    """Share of the transfers' time that computing hides; none is an assumption, and the dearest."""
    busy_cores: float = Field(default=0.25, ge=0.0, le=1.0)
    """Share of the node's processor cores that the work itself needs; a quarter is an assumption."""


TypicalWork = Literal["inference", "training", "model-swapping"]

_TYPICAL: dict[TypicalWork, dict[str, str | float]] = {
    "inference": {"host": "0.2 GB/s", "host_transfers_per_s": 200, "network": "50 MB/s", "storage": "10 MB/s"},
    "training": {"host": "0.4 GB/s", "host_transfers_per_s": 20, "network": "6 GB/s", "storage": "0.5 GB/s"},
    "model-swapping": {"host": "3.2 GB/s", "host_transfers_per_s": 10, "network": "50 MB/s", "storage": "0.5 GB/s"},
}


@functools.cache
def typical_work(name: TypicalWork) -> MovedBytes:
    """Return what one of three works moves on nodes of eight accelerators; all are assumptions.

    Swapping loads a model of 16 GB (8 billion weights of 16 bits) onto each accelerator every 5 s. Training moves what
    the published loss of 18 to 32% under confidential computing implies (1.2 to 2.5 GB/s for each accelerator); that
    most of it is exchanged among nodes is assumed. Inference moves tokens, logits and some of its cache.
    """
    return MovedBytes.model_validate(_TYPICAL[name])


@dataclass(frozen=True)
class NodeWork:
    """Nodes at the same work: what one node moves, and what it has to move it with."""

    moved: MovedBytes
    nodes: int
    """Nodes of the hall."""
    cpu_cores: float
    """Processor cores of a node."""
    accelerators: int = 0
    """Accelerators of a node."""
    host_b_per_s: float = 64e9
    """Each accelerator's link to the processor, per direction [B/s]."""
    port_b_per_s: float = 0.0
    """The node's ports to the network together, per direction [B/s]; 0 where the network is not a limit."""
    storage_b_per_s: float = 0.0
    """The node's share of storage [B/s]; 0 where storage is not a limit."""
    taken_cores: float = 0.0
    """Cores that other controls have taken already."""

    @property
    def free_cores(self) -> float:
        """Cores that the work and other controls leave."""
        return max(self.cpu_cores * (1.0 - self.moved.busy_cores) - self.taken_cores, 0.0)

    def taking(self, cores: float) -> NodeWork:
        """Return the same with more cores taken."""
        return replace(self, taken_cores=self.taken_cores + cores)


def speed_on_path(b_per_s: float, before_b_per_s: float, after_b_per_s: float, hidden: float) -> float:
    """Return the speed of work, 0 to 1, when a path that it uses gets slower; 1 is that before.

    Work that moves `b_per_s` at full speed [B/s] spends that over the path's rate of each second on it. The part that
    computing does not hide (1 - `hidden`) lengthens as the path slows, and no work is faster than its path:
    time = max(1 + (1 - hidden) b (1/after - 1/before), b/after). A rate of 0 before means that the path is no limit,
    one of 0 after stops the work. Raises ValueError where the work moves more than the path carries before.

    >>> speed_on_path(1e9, 10e9, 2e9, hidden=0.0)  # a tenth of each second becomes a half
    0.7142857142857143
    """
    if b_per_s == 0.0:
        return 1.0
    if 0.0 < before_b_per_s < b_per_s:
        raise ValueError(f"work moves {b_per_s:g} B/s on a path that carries {before_b_per_s:g} B/s")
    if after_b_per_s <= 0.0:
        return 0.0
    share_before = b_per_s / before_b_per_s if before_b_per_s > 0.0 else 0.0
    share_after = b_per_s / after_b_per_s
    return 1.0 / max(1.0 + (1.0 - hidden) * max(share_after - share_before, 0.0), share_after)
