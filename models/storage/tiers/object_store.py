"""An object store: much room, reached over a network, slow to answer."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ...units import Bandwidth, Data, Duration, Power, quantity
from .tier import SizedTier, Tier


class ObjectStore(Tier):
    """Objects behind one bandwidth, each transfer after a latency. It is not taken apart by servers."""

    kind: Literal["object-store"] = "object-store"
    read: Annotated[Bandwidth, Field(gt=0.0)]
    """Read bandwidth, of all readers together."""
    write: Annotated[Bandwidth, Field(gt=0.0)]
    """Write bandwidth, of all writers together."""
    capacity: Annotated[Data, Field(gt=0.0)]
    """Capacity, redundancy taken off."""
    latency: Duration = quantity("100 ms")
    """Before the first byte of a transfer: an assumption, for objects asked for in parallel."""
    node_bandwidth: Annotated[Bandwidth, Field(gt=0.0)] = quantity("12.5 GB/s")
    """The most that one node reads or writes: one port of 100 Gb/s, an assumption."""
    idle_power: Power = quantity("0 W")
    """Its power at rest inside the hall: none, an assumption, as it stands elsewhere."""
    peak_power: Power = quantity("0 W")
    """Its power at full bandwidth inside the hall: none, as above."""

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.peak_power < self.idle_power:
            raise ValueError(f"peak_power ({self.peak_power:g} W) is less than idle_power ({self.idle_power:g} W)")
        return self

    def sized(self) -> SizedTier:
        return SizedTier(
            self.kind,
            self.read,
            self.write,
            self.capacity,
            idle_w=self.idle_power,
            peak_w=self.peak_power,
            node_b_per_s=self.node_bandwidth,
            latency_s=self.latency,
        )
