"""What happens to flows over shared resources: they come and go, ceilings and capacities change.

Each change marks the flows and resources that it concerns, for the next solve.
"""

from __future__ import annotations

import math
from typing import Any

import numba

from models.compiled import compiled, compiled_as

from .flow_arrays_kernel import NETWORK, signature_of
from .flow_due_kernel import set_due

_numba: Any = numba  # numba has no types of its own.
_types = _numba.types


@compiled
def touch_flow(network: Any, flow: int) -> None:
    if network.dirty[flow] == 0:
        network.dirty[flow] = 1
        network.dirty_flows[network.counts[0]["dirty_flows"]] = flow
        network.counts[0]["dirty_flows"] += 1


@compiled
def touch_resource(network: Any, resource: int) -> None:
    if network.resources[resource]["dirty"] == 0:
        network.resources[resource]["dirty"] = 1
        network.dirty_resources[network.counts[0]["dirty_resources"]] = resource
        network.counts[0]["dirty_resources"] += 1


@compiled
def touch_all_of(network: Any, flow: int) -> None:
    touch_flow(network, flow)
    first = network.flows[flow]["first_entry"]
    for entry in range(first, first + network.flows[flow]["entries"]):
        touch_resource(network, network.entry_resource[entry])


@compiled
def bound(network: Any, flow: int) -> None:
    """Find the most that a flow could have alone."""
    row = network.flows[flow]
    most = row["ceiling"]
    for entry in range(row["first_entry"], row["first_entry"] + row["entries"]):
        capacity = network.resources[network.entry_resource[entry]]["capacity"]
        most = min(most, capacity / network.coefficient[entry])
    row["most"] = most


_ENTER: Any = signature_of(
    _types.void, NETWORK, _types.int64, _types.int64, _types.Array(_types.int64, 1, "C"),
    _types.Array(_types.float64, 1, "C"), _types.float64, _types.float64, _types.float64, _types.float64,
)  # fmt: skip


@compiled_as(_ENTER)
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
    row["there"], row["heap_position"] = 1, -1
    row["weight"], row["ceiling"], row["rate"] = weight, ceiling, 0.0
    row["left_b"], row["as_of_s"], row["due_s"] = size_b, now_s, math.inf
    row["first_entry"], row["entries"] = first_entry, len(resources)
    for position in range(len(resources)):
        entry, resource = first_entry + position, network.resources[resources[position]]
        network.entry_resource[entry], network.entry_flow[entry] = resources[position], flow
        network.coefficient[entry] = coefficients[position]
        following = resource["first_entry"]
        network.entry_previous[entry], network.entry_next[entry] = -1, following
        if following >= 0:
            network.entry_previous[following] = entry
        resource["first_entry"] = entry
        resource["users"] += 1
    network.counts[0]["here"] += 1
    bound(network, flow)
    touch_all_of(network, flow)


@compiled_as(signature_of(_types.void, NETWORK, _types.int64))
def leave(network: Any, flow: int) -> None:
    """Take a flow out."""
    row = network.flows[flow]
    for entry in range(row["first_entry"], row["first_entry"] + row["entries"]):
        resource = network.entry_resource[entry]
        before, following = network.entry_previous[entry], network.entry_next[entry]
        if before >= 0:
            network.entry_next[before] = following
        else:
            network.resources[resource]["first_entry"] = following
        if following >= 0:
            network.entry_previous[following] = before
        network.resources[resource]["users"] -= 1
        touch_resource(network, resource)
    set_due(network, flow, math.inf)
    network.counts[0]["here"] -= 1
    row["there"], row["entries"], row["rate"] = 0, 0, 0.0
    # The row may be given to another flow before the next solve: it must not stand among the dirty ones.
    if network.dirty[flow]:
        network.dirty[flow] = 0
        counts, kept = network.counts[0], 0
        for position in range(counts["dirty_flows"]):
            if network.dirty_flows[position] != flow:
                network.dirty_flows[kept] = network.dirty_flows[position]
                kept += 1
        counts["dirty_flows"] = kept


@compiled_as(signature_of(_types.void, NETWORK, _types.int64, _types.float64))
def set_ceiling(network: Any, flow: int, ceiling: float) -> None:
    """Give a flow another ceiling."""
    network.flows[flow]["ceiling"] = ceiling
    bound(network, flow)
    touch_all_of(network, flow)


@compiled_as(signature_of(_types.void, NETWORK, _types.int64, _types.float64))
def set_capacity(network: Any, resource: int, capacity: float) -> None:
    """Give a resource another capacity."""
    network.resources[resource]["capacity"] = capacity
    network.resources[resource]["resized"] = 1
    touch_resource(network, resource)
