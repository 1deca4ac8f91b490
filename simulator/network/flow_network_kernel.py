"""Flows that come and go over shared resources: who shares with whom, what is left of each, when each is through.

Every resource lists its users, so that a change is carried only to the flows that share something full with the one
that changed. A resource that would not be full with all its users at their ceilings binds nobody and joins nobody.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from models.compiled import compiled, compiled_as
from models.network.max_min_fairness_kernel import fill

FLOW = np.dtype(
    [
        ("rate", "f8"), ("most", "f8"), ("weight", "f8"), ("left_b", "f8"), ("as_of_s", "f8"), ("due_s", "f8"),
        ("ceiling", "f8"), ("first_entry", "i4"), ("entries", "i4"), ("heap_position", "i4"), ("seen", "i1"),
        ("dirty", "i1"), ("there", "i1"),
    ],
    align=True,
)  # fmt: skip
"""`ceiling` is what was asked for, `most` what its resources would give it alone. `left_b` is infinite where a flow has
no end. Its entries lie side by side."""

ENTRY = np.dtype(
    [("coefficient", "f8"), ("resource", "i4"), ("flow", "i4"), ("next", "i4"), ("previous", "i4")], align=True
)
"""What one flow uses of one resource, in the list of that resource's users."""

RESOURCE = np.dtype(
    [
        ("capacity", "f8"), ("first_entry", "i4"), ("users", "i4"), ("local", "i4"), ("binding", "i1"), ("dirty", "i1"),
        ("resized", "i1"),
    ],
    align=True,
)  # fmt: skip
"""`binding` is whether it could be full; `local` its index in the problem that is being solved, -1 otherwise."""

COUNTS = np.dtype([("heap", "i8"), ("dirty_flows", "i8"), ("dirty_resources", "i8"), ("solved_flows", "i8")])


class Flows(NamedTuple):
    """Every array, of which the last ones are scratch."""

    flows: NDArray[np.void]
    entries: NDArray[np.void]
    resources: NDArray[np.void]
    counts: NDArray[np.void]
    heap: NDArray[np.int64]
    """Flows that come to an end, the earliest first."""
    dirty_flows: NDArray[np.int64]
    """Flows to be solved anew; after a solve those whose rates have changed."""
    dirty_resources: NDArray[np.int64]
    starts: NDArray[np.int64]
    local_resource: NDArray[np.int64]
    local_coefficient: NDArray[np.float64]
    local_capacity: NDArray[np.float64]
    local_flow: NDArray[np.float64]
    """Shape (3, flow): weight, ceiling and rate."""


def room(flows: int, entries: int, resources: int) -> Flows:
    """Return empty arrays for so many of each."""
    return Flows(
        np.zeros(flows, FLOW), np.zeros(entries, ENTRY), np.zeros(resources, RESOURCE), np.zeros(1, COUNTS),
        np.zeros(flows, np.int64), np.zeros(flows, np.int64), np.zeros(resources, np.int64),
        np.zeros(flows + 1, np.int64), np.zeros(entries, np.int64), np.zeros(entries), np.zeros(resources),
        np.zeros((3, flows)),
    )  # fmt: skip


_typeof: Any = numba.typeof
_FLOWS: Any = _typeof(room(1, 1, 1))


@compiled
def _before(flows: Any, one: int, other: int) -> bool:
    due, other_due = flows[one]["due_s"], flows[other]["due_s"]
    return bool(due < other_due or (due == other_due and one < other))


@compiled
def _sift_up(flows: Any, heap: Any, position: int) -> None:
    flow = heap[position]
    while position > 0:
        parent = (position - 1) >> 1
        if not _before(flows, flow, heap[parent]):
            break
        heap[position] = heap[parent]
        flows[heap[position]]["heap_position"] = position
        position = parent
    heap[position] = flow
    flows[flow]["heap_position"] = position


@compiled
def _sift_down(flows: Any, heap: Any, position: int, size: int) -> None:
    flow = heap[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        if child + 1 < size and _before(flows, heap[child + 1], heap[child]):
            child += 1
        if not _before(flows, heap[child], flow):
            break
        heap[position] = heap[child]
        flows[heap[position]]["heap_position"] = position
        position = child
    heap[position] = flow
    flows[flow]["heap_position"] = position


@compiled
def _set_due(network: Any, flow: int, due_s: float) -> None:
    """Say when a flow will be through; infinity takes it out of the heap."""
    flows, heap, counts = network.flows, network.heap, network.counts[0]
    position = flows[flow]["heap_position"]
    flows[flow]["due_s"] = due_s
    if due_s < math.inf:
        if position < 0:
            position = counts["heap"]
            heap[position] = flow
            counts["heap"] += 1
        _sift_up(flows, heap, position)
        _sift_down(flows, heap, flows[flow]["heap_position"], counts["heap"])
    elif position >= 0:
        flows[flow]["heap_position"] = -1
        counts["heap"] -= 1
        last = heap[counts["heap"]]
        if last != flow:
            heap[position] = last
            flows[last]["heap_position"] = position
            _sift_up(flows, heap, position)
            _sift_down(flows, heap, flows[last]["heap_position"], counts["heap"])


@compiled
def _touch_flow(network: Any, flow: int) -> None:
    if network.flows[flow]["dirty"] == 0:
        network.flows[flow]["dirty"] = 1
        network.dirty_flows[network.counts[0]["dirty_flows"]] = flow
        network.counts[0]["dirty_flows"] += 1


@compiled
def _touch_resource(network: Any, resource: int) -> None:
    if network.resources[resource]["dirty"] == 0:
        network.resources[resource]["dirty"] = 1
        network.dirty_resources[network.counts[0]["dirty_resources"]] = resource
        network.counts[0]["dirty_resources"] += 1


@compiled
def _touch_all_of(network: Any, flow: int) -> None:
    _touch_flow(network, flow)
    first = network.flows[flow]["first_entry"]
    for entry in range(first, first + network.flows[flow]["entries"]):
        _touch_resource(network, network.entries[entry]["resource"])


@compiled
def _bound(network: Any, flow: int) -> None:
    """Find the most that a flow could have alone."""
    row = network.flows[flow]
    most = row["ceiling"]
    for entry in range(row["first_entry"], row["first_entry"] + row["entries"]):
        part = network.entries[entry]
        most = min(most, network.resources[part["resource"]]["capacity"] / part["coefficient"])
    row["most"] = most


@compiled_as(
    types.void(
        _FLOWS, types.int64, types.int64, types.int64[::1], types.float64[::1], types.float64, types.float64,
        types.float64, types.float64,
    )
)  # fmt: skip
def enter(
    network: Any,
    flow: int,
    first_entry: int,
    resources: Any,
    coefficients: Any,
    weight: float,
    ceiling: float,
    size_b: float,
    now_s: float,
) -> None:
    """Let a flow begin, with entries from `first_entry` on; each resource is named once."""
    row = network.flows[flow]
    row["there"], row["dirty"], row["seen"], row["heap_position"] = 1, 0, 0, -1
    row["weight"], row["ceiling"], row["rate"] = weight, ceiling, 0.0
    row["left_b"], row["as_of_s"], row["due_s"] = size_b, now_s, math.inf
    row["first_entry"], row["entries"] = first_entry, len(resources)
    for position in range(len(resources)):
        entry, resource = first_entry + position, network.resources[resources[position]]
        part = network.entries[entry]
        part["resource"], part["flow"], part["coefficient"] = resources[position], flow, coefficients[position]
        part["previous"], part["next"] = -1, resource["first_entry"]
        if part["next"] >= 0:
            network.entries[part["next"]]["previous"] = entry
        resource["first_entry"] = entry
        resource["users"] += 1
    _bound(network, flow)
    _touch_all_of(network, flow)


@compiled_as(types.void(_FLOWS, types.int64))
def leave(network: Any, flow: int) -> None:
    """Take a flow out."""
    row = network.flows[flow]
    for entry in range(row["first_entry"], row["first_entry"] + row["entries"]):
        part = network.entries[entry]
        if part["previous"] >= 0:
            network.entries[part["previous"]]["next"] = part["next"]
        else:
            network.resources[part["resource"]]["first_entry"] = part["next"]
        if part["next"] >= 0:
            network.entries[part["next"]]["previous"] = part["previous"]
        network.resources[part["resource"]]["users"] -= 1
        _touch_resource(network, part["resource"])
    _set_due(network, flow, math.inf)
    row["there"], row["entries"], row["rate"] = 0, 0, 0.0
    # The row may be given to another flow before the next solve: it must not stand among the dirty ones.
    if row["dirty"]:
        row["dirty"] = 0
        counts, kept = network.counts[0], 0
        for position in range(counts["dirty_flows"]):
            if network.dirty_flows[position] != flow:
                network.dirty_flows[kept] = network.dirty_flows[position]
                kept += 1
        counts["dirty_flows"] = kept


@compiled_as(types.void(_FLOWS, types.int64, types.float64))
def set_ceiling(network: Any, flow: int, ceiling: float) -> None:
    """Give a flow another ceiling."""
    network.flows[flow]["ceiling"] = ceiling
    _bound(network, flow)
    _touch_all_of(network, flow)


@compiled_as(types.void(_FLOWS, types.int64, types.float64))
def set_capacity(network: Any, resource: int, capacity: float) -> None:
    """Give a resource another capacity."""
    network.resources[resource]["capacity"] = capacity
    network.resources[resource]["resized"] = 1
    _touch_resource(network, resource)


@compiled
def _spread(network: Any) -> None:
    """Find which flows must be solved anew because a resource that they use has changed."""
    flows, entries, resources, counts = network.flows, network.entries, network.resources, network.counts[0]
    position = 0
    while position < counts["dirty_resources"]:  # It grows meanwhile.
        resource = resources[network.dirty_resources[position]]
        position += 1
        if resource["resized"]:
            resource["resized"] = 0
            entry = resource["first_entry"]
            while entry >= 0:
                _bound(network, entries[entry]["flow"])
                _touch_all_of(network, entries[entry]["flow"])
                entry = entries[entry]["next"]
    for place in range(counts["dirty_resources"]):
        resource = resources[network.dirty_resources[place]]
        resource["dirty"] = 0
        asked, entry = 0.0, resource["first_entry"]
        while entry >= 0:
            asked += entries[entry]["coefficient"] * flows[entries[entry]["flow"]]["most"]
            entry = entries[entry]["next"]
        binding = resource["users"] > 1 and asked > resource["capacity"]
        if binding or resource["binding"]:
            entry = resource["first_entry"]
            while entry >= 0:
                _touch_flow(network, entries[entry]["flow"])
                entry = entries[entry]["next"]
        resource["binding"] = binding
    counts["dirty_resources"] = 0


@compiled
def _gather(network: Any) -> int:
    """Lay out the dirty flows and all who share a binding resource with them as one problem; return its resources."""
    flows, entries, resources, counts = network.flows, network.entries, network.resources, network.counts[0]
    starts, found = network.starts, 0
    position, filled = 0, 0
    starts[0] = 0
    while position < counts["dirty_flows"]:  # It grows meanwhile.
        row = flows[network.dirty_flows[position]]
        network.local_flow[0, position] = row["weight"]
        network.local_flow[1, position] = row["most"]
        for entry in range(row["first_entry"], row["first_entry"] + row["entries"]):
            index = entries[entry]["resource"]
            resource = resources[index]
            if not resource["binding"]:
                continue
            if resource["local"] < 0:
                resource["local"] = found
                network.local_capacity[found] = resource["capacity"]
                network.dirty_resources[found] = index
                found += 1
                other = resource["first_entry"]
                while other >= 0:
                    _touch_flow(network, entries[other]["flow"])
                    other = entries[other]["next"]
            network.local_resource[filled] = resource["local"]
            network.local_coefficient[filled] = entries[entry]["coefficient"]
            filled += 1
        position += 1
        starts[position] = filled
    for place in range(found):
        resources[network.dirty_resources[place]]["local"] = -1
    return found


@compiled_as(types.int64(_FLOWS, types.float64))
def settle(network: Any, now_s: float) -> int:
    """Solve what has changed; return how many flows have other rates, which come first in `dirty_flows`."""
    flows, counts = network.flows, network.counts[0]
    _spread(network)
    found = _gather(network)
    solved = counts["dirty_flows"]
    rates = network.local_flow[2]
    fill(
        solved, found, network.starts, network.local_resource, network.local_coefficient, network.local_capacity,
        network.local_flow[0], network.local_flow[1], rates,
    )  # fmt: skip
    changed = 0
    for position in range(solved):
        flow = network.dirty_flows[position]
        row = flows[flow]
        row["dirty"] = 0
        rate = rates[position]
        if rate == row["rate"]:
            continue
        if row["left_b"] < math.inf:
            row["left_b"] = max(row["left_b"] - row["rate"] * (now_s - row["as_of_s"]), 0.0)
            _set_due(network, flow, now_s + row["left_b"] / rate if rate > 0.0 else math.inf)
        row["as_of_s"], row["rate"] = now_s, rate
        network.dirty_flows[changed] = flow
        changed += 1
    counts["dirty_flows"], counts["solved_flows"] = 0, solved
    return changed


@compiled_as(types.int64(_FLOWS, types.float64))
def take_due(network: Any, now_s: float) -> int:
    """Return a flow that is through by `now_s`, and take it out of the heap; -1 where none is."""
    counts = network.counts[0]
    if counts["heap"] == 0:
        return -1
    flow = network.heap[0]
    row = network.flows[flow]
    if row["due_s"] > now_s:
        return -1
    row["left_b"], row["as_of_s"] = 0.0, row["due_s"]
    _set_due(network, flow, math.inf)
    return int(flow)
