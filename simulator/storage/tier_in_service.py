"""A tier that runs: its resources, its servers that are in, and what it moves and draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import simpy

from models.storage.tiers.tier import SizedTier

from ..engine.batch import Indices
from ..metering.meter import Meter

if TYPE_CHECKING:
    from ..network.shared_resources import SharedResources, Transfer


class Use(NamedTuple):
    """What something uses of shared resources: indices, and the amount of each for every byte a second, or byte."""

    resources: list[int]
    amounts: list[float]


class TierInService:
    """Shares its time among those who read and write it.

    Its resource carries bytes read; a byte written uses `write_share` of it. The nodes' own drives are a resource each,
    made when a node first uses its own.
    """

    def __init__(self, name: str, sized: SizedTier, shared: SharedResources, meter: Meter) -> None:
        self.name = name
        self.sized = sized
        self.meter = meter
        """Power of the servers [W]."""
        self.used_b = self.peak_used_b = 0.0
        """What lies on it, and the most that ever did [B]."""
        self.stopped_s = 0.0
        """How long it was stopped for want of servers or power."""
        self.servers_out = 0
        self.changes = 0
        """How often what it can do has changed."""
        self.powered = True
        self._shared = shared
        self._factors: dict[str, float] = {}
        self._resource = -1 if sized.per_node else shared.add_resource(f"storage {name}", sized.read_b_per_s)
        self._of_node: dict[int, int] = {}
        self._writing: set[Transfer] = set()
        self._written_b = self._moved_b = 0.0
        self._as_of_s = 0.0
        self._throughput_b_per_s = 0.0
        self._was_stopped = False

    def resources(self, nodes: Indices) -> list[int]:
        """Return the resources that these nodes use together."""
        if not self.sized.per_node:
            return [self._resource]
        wanted = [int(node) for node in nodes]
        for node in wanted:
            if node not in self._of_node:
                name = f"storage {self.name} of node {node}"
                self._of_node[node] = self._shared.add_resource(name, self._capacity_b_per_s())
        return [self._of_node[node] for node in wanted]

    def use(self, nodes: Indices, *, writing: bool = False) -> Use:
        """Return what each byte takes that nodes together read or write, the nodes in equal parts."""
        indices = self.resources(nodes)
        amount = (self.sized.write_share if writing else 1.0) / len(indices)
        return Use(indices, [amount] * len(indices))

    @property
    def slowed(self) -> SizedTier:
        """What the tier can do under the factors that slow it down now, every server at work."""
        return self.slowed_but_for("")

    def slowed_but_for(self, who: str) -> SizedTier:
        """Return what the tier could do now, every server at work, if somebody did not slow it down."""
        factor = math.prod(factor for each, factor in self._factors.items() if each != who)
        read_b_per_s, write_b_per_s = factor * self.sized.read_b_per_s, factor * self.sized.write_b_per_s
        return replace(self.sized, read_b_per_s=read_b_per_s, write_b_per_s=write_b_per_s)

    def set_factor(self, who: str, factor: float) -> None:
        """Let somebody slow the tier down to a factor of its bandwidth (0 to 1); the factors of several multiply."""
        if not 0.0 <= factor <= 1.0:
            raise ValueError(f"a factor of the bandwidth must be from 0 to 1, not {factor}")
        self._factors[who] = factor
        self.set_capacities()

    def take_server_out(self) -> None:
        """Lose a server."""
        self.servers_out += 1
        self.set_capacities()

    def bring_server_back(self) -> None:
        """Have a server back."""
        self.servers_out -= 1
        self.set_capacities()

    def set_capacities(self) -> None:
        """Tell what shares the tier how much of it there is now."""
        self.changes += 1
        capacity_b_per_s = self._capacity_b_per_s()
        for resource in self._of_node.values() if self.sized.per_node else (self._resource,):
            self._shared.set_capacity(resource, capacity_b_per_s)

    @property
    def is_stopped(self) -> bool:
        """Whether nothing can be read or written."""
        return not self.powered or self.sized.rate_share(self.servers_out) == 0.0

    def take_room(self, size_b: float) -> None:
        """Count bytes that lie on it from now on; fewer where below 0."""
        self.used_b += size_b
        self.peak_used_b = max(self.peak_used_b, self.used_b)

    def follow(self, now_s: float) -> float:
        """Take in what has changed at this instant; return the power of the servers from now on [W]."""
        self._bring_up_to(now_s)
        if self.sized.per_node:
            return 0.0
        self._throughput_b_per_s = self._shared.used_b_per_s(self._resource)
        # Factors take throughput, not power: servers that encrypt work as hard as without.
        full_b_per_s = self.sized.read_b_per_s * math.prod(self._factors.values())
        utilization = self._throughput_b_per_s / full_b_per_s if full_b_per_s > 0.0 else 0.0
        power_w = self.sized.power_w(utilization, self.servers_out) if self.powered else 0.0
        self.meter.change(now_s, power_w)
        return power_w

    def close(self, end_s: float) -> None:
        """Bring every integral up to the run's end."""
        self._bring_up_to(end_s)
        self.meter.reach(end_s)

    @property
    def throughput_b(self) -> float:
        """What it has moved, in bytes read: a byte written counts as its `write_share`; 0 for the nodes' own drives."""
        return self._moved_b

    def watch_writing(self, transfer: Transfer) -> None:
        """Count what a transfer writes to it."""
        callbacks: list[Callable[[simpy.Event], Any]] | None = transfer.done.callbacks
        assert callbacks is not None, "a new event has not happened yet"
        self._writing.add(transfer)
        callbacks.append(self._is_written)

    @property
    def written_b(self) -> float:
        """Bytes written so far, copies counted once, those of transfers under way or broken off among them."""
        return self._written_b + sum(each.size_b - each.left_b() for each in self._writing)

    def _is_written(self, done: simpy.Event) -> None:
        transfer = cast("Transfer", done.value)
        self._writing.discard(transfer)
        self._written_b += transfer.size_b

    def _bring_up_to(self, now_s: float) -> None:
        elapsed_s = now_s - self._as_of_s
        self._moved_b += self._throughput_b_per_s * elapsed_s
        self.stopped_s += elapsed_s * self._was_stopped
        self._as_of_s, self._was_stopped = now_s, self.is_stopped

    def _capacity_b_per_s(self) -> float:
        share = self.sized.rate_share(self.servers_out) if self.powered else 0.0
        return self.sized.read_b_per_s * share * math.prod(self._factors.values())
