"""Who shares with whom, and what each flow gets of what is full: solved anew for what a change reaches.

A resource that would not be full with all its users at their ceilings binds nobody and joins nobody.
"""

from __future__ import annotations

import math
from typing import Any

import numba

from models.compiled import compiled, compiled_as
from models.network.max_min_fairness_kernel import CEILING, RATE, WEIGHT, fill

from .flow_arrays_kernel import BINDING, NETWORK, SLACK, signature_of
from .flow_changes_kernel import bound, touch_all_of, touch_flow
from .flow_due_kernel import set_due

_numba: Any = numba  # numba has no types of its own.
_types = _numba.types

_WHOLE_ROUNDS = 16
"""Solves between two looks at who hangs together, where most do: assumption."""


@compiled
def _spread(network: Any) -> None:
    """Find which flows must be solved anew because a resource that they use has changed."""
    flows, resources, counts = network.flows, network.resources, network.counts[0]
    entry_flow, entry_next = network.entry_flow, network.entry_next
    position = 0
    while position < counts["dirty_resources"]:  # It grows meanwhile.
        resource = resources[network.dirty_resources[position]]
        position += 1
        if resource["resized"]:
            resource["resized"] = 0
            entry = resource["first_entry"]
            while entry >= 0:
                bound(network, entry_flow[entry])
                touch_all_of(network, entry_flow[entry])
                entry = entry_next[entry]
    for position in range(counts["dirty_resources"]):
        index = network.dirty_resources[position]
        resource = resources[index]
        resource["dirty"] = 0
        asked, entry = 0.0, resource["first_entry"]
        while entry >= 0:
            asked += network.coefficient[entry] * flows[entry_flow[entry]]["most"]
            entry = entry_next[entry]
        binding = resource["users"] > 1 and asked > resource["capacity"]
        if binding or network.place[index] == BINDING:
            entry = resource["first_entry"]
            while entry >= 0:
                touch_flow(network, entry_flow[entry])
                entry = entry_next[entry]
        network.place[index] = BINDING if binding else SLACK
    counts["dirty_resources"] = 0


@compiled
def _gather_all(network: Any) -> tuple[int, int]:
    """Lay out all flows and all binding resources as one problem; return how many there are of each."""
    flows, resources, asked, found = network.flows, network.resources, network.dirty_flows, network.dirty_resources
    place, starts, entry_resource = network.place, network.starts, network.entry_resource
    coefficient, local_flow = network.coefficient, network.local_flow
    local_resource, local_coefficient = network.local_resource, network.local_coefficient
    local_capacity = network.local_capacity
    position, filled, width = 0, 0, 0
    starts[0] = 0
    for flow in range(len(flows)):
        if flows[flow]["there"] == 0:
            continue
        most, bounded = flows[flow]["most"], False
        first = flows[flow]["first_entry"]
        for entry in range(first, first + flows[flow]["entries"]):
            index = entry_resource[entry]
            local = place[index]
            if local == BINDING:
                local = width
                place[index] = local
                local_capacity[local] = resources[index]["capacity"]
                found[local] = index
                width += 1
            if local != SLACK:
                local_resource[filled] = local
                local_coefficient[filled] = coefficient[entry]
                filled += 1
                bounded = bounded or local_capacity[local] <= most * coefficient[entry]
        local_flow[position, WEIGHT] = flows[flow]["weight"]
        local_flow[position, CEILING] = math.inf if bounded else most
        asked[position] = flow
        position += 1
        starts[position] = filled
    for local in range(width):
        place[found[local]] = BINDING
    return position, width


@compiled
def _gather(network: Any, count: int) -> tuple[int, int]:
    """Lay out `count` dirty flows, and all who share a binding resource with them, as one problem.

    Return how many flows and resources it has; they are added to `dirty_flows` and `dirty_resources`.
    """
    flows, resources, asked, found = network.flows, network.resources, network.dirty_flows, network.dirty_resources
    dirty, place, starts = network.dirty, network.place, network.starts
    entry_flow, entry_resource, entry_next = network.entry_flow, network.entry_resource, network.entry_next
    coefficient, local_flow = network.coefficient, network.local_flow
    local_resource, local_coefficient = network.local_resource, network.local_coefficient
    local_capacity = network.local_capacity
    position, filled, width = 0, 0, 0
    starts[0] = 0
    while position < count:  # It grows meanwhile.
        flow = asked[position]
        most, bounded = flows[flow]["most"], False
        first = flows[flow]["first_entry"]
        for entry in range(first, first + flows[flow]["entries"]):
            index = entry_resource[entry]
            local = place[index]
            if local == SLACK:
                continue
            if local == BINDING:
                local = width
                place[index] = local
                local_capacity[local] = resources[index]["capacity"]
                found[local] = index
                width += 1
                other = resources[index]["first_entry"]
                while other >= 0:
                    user = entry_flow[other]
                    if dirty[user] == 0:
                        dirty[user] = 1
                        asked[count] = user
                        count += 1
                    other = entry_next[other]
            local_resource[filled] = local
            local_coefficient[filled] = coefficient[entry]
            filled += 1
            bounded = bounded or local_capacity[local] <= most * coefficient[entry]
        local_flow[position, WEIGHT] = flows[flow]["weight"]
        # What a binding resource alone would allow is no ceiling beside it.
        local_flow[position, CEILING] = math.inf if bounded else most
        position += 1
        starts[position] = filled
    for local in range(width):
        place[found[local]] = BINDING
    return count, width


@compiled_as(signature_of(_types.int64, NETWORK, _types.float64))
def settle(network: Any, now_s: float) -> int:
    """Solve what has changed; return how many flows have other rates, which come first in `dirty_flows`."""
    flows, counts = network.flows, network.counts[0]
    _spread(network)
    asked = counts["dirty_flows"]
    if counts["whole_rounds"] > 0 and 4 * asked < counts["here"]:
        counts["whole_rounds"] -= 1
        for position in range(asked):
            network.dirty[network.dirty_flows[position]] = 0
        solved, found = _gather_all(network)
    else:
        solved, found = _gather(network, asked)
        # Where few flows drag most others along, and slots are well used, looking again each time is not worth it.
        drags = 4 * asked < solved and 2 * solved > counts["here"] and 4 * counts["here"] > len(flows)
        counts["whole_rounds"] = _WHOLE_ROUNDS if drags else 0
    scratch = (
        network.first_user, network.filled, network.items, network.keys, network.state, network.user, network.rising,
        network.level_of, network.blocked,
    )  # fmt: skip
    fill(
        solved, found, network.starts, network.local_resource, network.local_coefficient, network.local_capacity,
        network.local_flow, scratch,
    )  # fmt: skip
    changed = 0
    for position in range(solved):
        flow = network.dirty_flows[position]
        row = flows[flow]
        network.dirty[flow] = 0
        rate = network.local_flow[position, RATE]
        if rate == row["rate"]:
            continue
        if row["left_b"] < math.inf:
            row["left_b"] = max(row["left_b"] - row["rate"] * (now_s - row["as_of_s"]), 0.0)
            set_due(network, flow, now_s + row["left_b"] / rate if rate > 0.0 else math.inf)
        row["as_of_s"], row["rate"] = now_s, rate
        network.dirty_flows[changed] = flow
        changed += 1
    counts["dirty_flows"], counts["solved_flows"] = 0, solved
    return changed
