"""Flows over shared resources as time passes: they enter, are solved when something changed, and leave."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from . import flow_changes_kernel as changes
from .flow_arrays_kernel import KEPT, handle, room
from .flow_due_kernel import take_due
from .flow_shares_kernel import settle

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


class FlowNetwork:
    """Weighted max-min fair rates that are kept up to date; whoever changes something then calls `settle`.

    Rates are in the unit of capacity over coefficient. A flow has a size (B) or no end; instants are in seconds.
    Indices of flows that have left are given to others.
    """

    def __init__(self) -> None:
        self._arrays = room(64, 256, 64)
        self._view = handle(self._arrays)
        self._resources = 0
        self._flows = 0
        self._entries = 0
        self._free_flows: list[int] = []
        self._free_entries: dict[int, list[int]] = {}
        self.unsettled = False
        """Whether something has changed since the last settlement."""

    def __len__(self) -> int:
        """Return how many flows there are."""
        return self._flows - len(self._free_flows)

    @property
    def resources(self) -> int:
        """How many resources there are."""
        return self._resources

    def add_resources(self, capacities: FloatArray) -> IntArray:
        """Add resources and return their indices; a capacity is 0 or more."""
        if not (np.asarray(capacities) >= 0.0).all():
            raise ValueError(f"capacities must be 0 or more; there is {float(np.min(capacities))}")
        first, self._resources = self._resources, self._resources + len(capacities)
        self._make_room(0, 0)
        rows = self._arrays.resources[first : self._resources]
        rows["capacity"], rows["first_entry"] = capacities, -1
        return np.arange(first, self._resources)

    def capacity(self, resource: int) -> float:
        """Return a resource's capacity."""
        return float(self._arrays.resources["capacity"][resource])

    def set_capacity(self, resource: int, capacity: float) -> None:
        """Give a resource another capacity, 0 or more."""
        if not capacity >= 0.0:
            raise ValueError(f"a capacity must be 0 or more, not {capacity}")
        if not 0 <= resource < self._resources:
            raise ValueError(f"there is no resource {resource}; there are {self._resources}")
        if capacity != self._arrays.resources["capacity"][resource]:
            changes.set_capacity(self._view, resource, capacity)
            self.unsettled = True

    def enter(
        self,
        resources: IntArray,
        coefficients: FloatArray,
        *,
        weight: float,
        ceiling: float,
        size_b: float,
        now_s: float,
    ) -> int:
        """Let a flow begin and return its index. Each resource is named once, with a coefficient above 0."""
        count = len(resources)
        flow, first = self._make_room(1, count), self._entries
        if self._free_entries.get(count):
            first = self._free_entries[count].pop()
        else:
            self._entries += count
        changes.enter(self._view, flow, first, resources, coefficients, weight, ceiling, size_b, now_s)
        self.unsettled = True
        return flow

    def leave(self, flow: int) -> None:
        """Take a flow out."""
        row = self._arrays.flows[flow]
        if row["entries"]:
            self._free_entries.setdefault(int(row["entries"]), []).append(int(row["first_entry"]))
        changes.leave(self._view, flow)
        self._free_flows.append(flow)
        self.unsettled = True

    def set_ceiling(self, flow: int, ceiling: float) -> None:
        """Give a flow another ceiling, 0 or more."""
        if ceiling != self._arrays.flows["ceiling"][flow]:
            changes.set_ceiling(self._view, flow, ceiling)
            self.unsettled = True

    def settle(self, now_s: float) -> IntArray:
        """Solve what has changed and return the flows whose rates are others now; the next call writes over them."""
        self.unsettled = False
        changed: IntArray = self._arrays.dirty_flows[: settle(self._view, now_s)]
        return changed

    @property
    def last_solved(self) -> int:
        """How many flows the last settlement solved."""
        return int(self._arrays.counts["solved_flows"][0])

    @property
    def next_due_s(self) -> float:
        """When the next flow will be through [s]; infinity where none will."""
        if self._arrays.counts["heap"][0] == 0:
            return math.inf
        return float(self._arrays.flows["due_s"][self._arrays.heap[0]])

    def take_due(self, now_s: float) -> int:
        """Return a flow that is through by an instant, which is yet to leave; -1 where none is."""
        return int(take_due(self._view, now_s))

    def rate(self, flow: int) -> float:
        """Return a flow's rate as of the last settlement."""
        return float(self._arrays.flows["rate"][flow])

    def rates(self, flows: IntArray) -> FloatArray:
        """Return the rates of flows as of the last settlement."""
        rates: FloatArray = self._arrays.flows["rate"][flows]
        return rates

    def left_b(self, flow: int, now_s: float) -> float:
        """Return what is left of a flow at an instant [B]."""
        row = self._arrays.flows[flow]
        return max(float(row["left_b"] - row["rate"] * (now_s - row["as_of_s"])), 0.0)

    def used(self, resource: int) -> float:
        """Return how much of a resource is used, in the unit of its capacity."""
        total, entry = 0.0, int(self._arrays.resources["first_entry"][resource])
        while entry >= 0:
            flow = self._arrays.entry_flow[entry]
            total += float(self._arrays.coefficient[entry] * self._arrays.flows["rate"][flow])
            entry = int(self._arrays.entry_next[entry])
        return total

    def _make_room(self, flows: int, entries: int) -> int:
        """Let every array be long enough; return the index of the next flow where one is asked for."""
        flow = -1
        if flows and self._free_flows:
            flow = self._free_flows.pop()
        elif flows:
            flow, self._flows = self._flows, self._flows + 1
        old = self._arrays
        wanted = (self._flows, self._entries + entries, self._resources)
        lengths = (len(old.flows), len(old.coefficient), len(old.resources))
        if all(need <= length for need, length in zip(wanted, lengths, strict=True)):
            return flow
        grown = [
            length if need <= length else max(need, 2 * length) for need, length in zip(wanted, lengths, strict=True)
        ]
        self._arrays = room(*grown)
        for name in KEPT:
            kept = getattr(old, name)
            getattr(self._arrays, name)[: len(kept)] = kept
        self._view = handle(self._arrays)
        return flow
