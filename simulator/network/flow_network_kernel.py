"""Flows that come and go over shared resources: who shares with whom, what is left of each, when each is through.

Every resource lists its users, so that a change is carried only to the flows that share something full with the one
that changed. A resource that would not be full with all its users at their ceilings binds nobody and joins nobody.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.experimental import structref
from numpy.typing import NDArray

from models.compiled import compiled, compiled_as
from models.network.max_min_fairness_kernel import CEILING, RATE, WEIGHT, fill, scratch_for

_numba: Any = numba  # numba has no types of its own.
_structref: Any = structref
_types, _typeof = _numba.types, _numba.typeof
_COMPILES_NOT: bool = bool(_numba.config.DISABLE_JIT)

FLOW = np.dtype(
    [
        ("rate", "f8"), ("most", "f8"), ("weight", "f8"), ("left_b", "f8"), ("as_of_s", "f8"), ("due_s", "f8"),
        ("ceiling", "f8"), ("first_entry", "i4"), ("entries", "i4"), ("heap_position", "i4"), ("there", "i1"),
    ],
    align=True,
)  # fmt: skip
"""`ceiling` is what was asked for, `most` what its resources would give it alone. `left_b` is infinite where a flow has
no end. Its entries, one for each resource that it uses, lie side by side."""

RESOURCE = np.dtype(
    [("capacity", "f8"), ("first_entry", "i4"), ("users", "i4"), ("dirty", "i1"), ("resized", "i1")], align=True
)

COUNTS = np.dtype(
    [
        ("heap", "i8"), ("dirty_flows", "i8"), ("dirty_resources", "i8"), ("solved_flows", "i8"), ("here", "i8"),
        ("whole_rounds", "i8"),
    ]
)  # fmt: skip
"""`here` counts the flows; `whole_rounds` how many solves more take them all without looking who hangs together."""

_WHOLE_ROUNDS = 16
"""Solves between two looks at who hangs together, where most do: assumption."""

_SLACK, _BINDING = -2, -1
"""A resource's place in the problem that is being solved, where it has none: it can not be full, or it could."""


class Flows(NamedTuple):
    """Every array. What a walk over the network touches lies by itself, to stay in the nearest cache."""

    flows: NDArray[np.void]
    resources: NDArray[np.void]
    counts: NDArray[np.void]
    heap: NDArray[np.int64]
    """Flows that come to an end, the earliest first."""
    dirty: NDArray[np.int8]
    """1 for a flow that is among `dirty_flows`."""
    dirty_flows: NDArray[np.int64]
    """Flows to be solved anew; after a solve those whose rates have changed."""
    dirty_resources: NDArray[np.int64]
    entry_flow: NDArray[np.int32]
    entry_resource: NDArray[np.int32]
    entry_next: NDArray[np.int32]
    """The next entry in the list of the same resource's users, -1 at its end."""
    entry_previous: NDArray[np.int32]
    coefficient: NDArray[np.float64]
    """What the entry's flow uses of its resource per rate."""
    place: NDArray[np.int32]
    """Of each resource: its index in the problem that is being solved, else _SLACK or _BINDING."""
    starts: NDArray[np.int64]
    """This and what follows is scratch."""
    local_resource: NDArray[np.int64]
    local_coefficient: NDArray[np.float64]
    local_capacity: NDArray[np.float64]
    local_flow: NDArray[np.float64]
    """Shape (flow, 3): weight, ceiling and rate."""
    first_user: NDArray[np.int64]
    filled: NDArray[np.int64]
    items: NDArray[np.int64]
    keys: NDArray[np.float64]
    state: NDArray[np.float64]
    user: NDArray[np.int32]
    rising: NDArray[np.int64]
    level_of: NDArray[np.float64]
    blocked: NDArray[np.int8]


KEPT = Flows._fields[: Flows._fields.index("starts")]
"""The arrays that are no scratch."""


def room(flows: int, entries: int, resources: int) -> Flows:
    """Return empty arrays for so many of each."""
    return Flows(
        np.zeros(flows, FLOW), np.zeros(resources, RESOURCE), np.zeros(1, COUNTS), np.zeros(flows, np.int64),
        np.zeros(flows, np.int8), np.zeros(flows, np.int64), np.zeros(resources, np.int64),
        np.zeros(entries, np.int32), np.zeros(entries, np.int32), np.zeros(entries, np.int32),
        np.zeros(entries, np.int32), np.zeros(entries), np.full(resources, _SLACK, np.int32),
        np.zeros(flows + 1, np.int64), np.zeros(entries, np.int64), np.zeros(entries), np.zeros(resources),
        np.zeros((flows, 3)), *scratch_for(flows, entries, resources),
    )  # fmt: skip


@_structref.register
class NetworkType(_types.StructRef):  # type: ignore[misc, name-defined]
    """The compiled loops' view of `Flows`: one pointer, where a tuple of arrays would be copied at every call."""

    def preprocess_fields(self, fields: Any) -> Any:
        """Take the fields as they are."""
        return tuple((name, _types.unliteral(kind)) for name, kind in fields)


class _Network(structref.StructRefProxy):
    """What Python holds of a compiled view."""


_new_network: Any = _Network
_structref.define_constructor(_Network, NetworkType, list(Flows._fields))
_structref.define_boxing(NetworkType, _Network)
_network_type: Any = NetworkType
NETWORK: Any = (
    None
    if _COMPILES_NOT
    else _network_type([(name, _typeof(array)) for name, array in room(1, 1, 1)._asdict().items()])
)


def _signature(returned: Any, *arguments: Any) -> Any:
    return None if _COMPILES_NOT else returned(*arguments)


@compiled_as(_signature(NETWORK, _typeof(room(1, 1, 1))))
def _view(arrays: Any) -> Any:
    return _new_network(*arrays)


def handle(arrays: Flows) -> Any:
    """Return what compiled functions take as `network`; it shares the arrays. Without compilation, the arrays."""
    return arrays if _COMPILES_NOT else _view(arrays)


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
    if network.dirty[flow] == 0:
        network.dirty[flow] = 1
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
        _touch_resource(network, network.entry_resource[entry])


@compiled
def _bound(network: Any, flow: int) -> None:
    """Find the most that a flow could have alone."""
    row = network.flows[flow]
    most = row["ceiling"]
    for entry in range(row["first_entry"], row["first_entry"] + row["entries"]):
        capacity = network.resources[network.entry_resource[entry]]["capacity"]
        most = min(most, capacity / network.coefficient[entry])
    row["most"] = most


_ENTER: Any = _signature(
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
    _bound(network, flow)
    _touch_all_of(network, flow)


@compiled_as(_signature(_types.void, NETWORK, _types.int64))
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
        _touch_resource(network, resource)
    _set_due(network, flow, math.inf)
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


@compiled_as(_signature(_types.void, NETWORK, _types.int64, _types.float64))
def set_ceiling(network: Any, flow: int, ceiling: float) -> None:
    """Give a flow another ceiling."""
    network.flows[flow]["ceiling"] = ceiling
    _bound(network, flow)
    _touch_all_of(network, flow)


@compiled_as(_signature(_types.void, NETWORK, _types.int64, _types.float64))
def set_capacity(network: Any, resource: int, capacity: float) -> None:
    """Give a resource another capacity."""
    network.resources[resource]["capacity"] = capacity
    network.resources[resource]["resized"] = 1
    _touch_resource(network, resource)


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
                _bound(network, entry_flow[entry])
                _touch_all_of(network, entry_flow[entry])
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
        if binding or network.place[index] == _BINDING:
            entry = resource["first_entry"]
            while entry >= 0:
                _touch_flow(network, entry_flow[entry])
                entry = entry_next[entry]
        network.place[index] = _BINDING if binding else _SLACK
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
            if local == _BINDING:
                local = width
                place[index] = local
                local_capacity[local] = resources[index]["capacity"]
                found[local] = index
                width += 1
            if local != _SLACK:
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
        place[found[local]] = _BINDING
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
            if local == _SLACK:
                continue
            if local == _BINDING:
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
        place[found[local]] = _BINDING
    return count, width


@compiled_as(_signature(_types.int64, NETWORK, _types.float64))
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
            _set_due(network, flow, now_s + row["left_b"] / rate if rate > 0.0 else math.inf)
        row["as_of_s"], row["rate"] = now_s, rate
        network.dirty_flows[changed] = flow
        changed += 1
    counts["dirty_flows"], counts["solved_flows"] = 0, solved
    return changed


@compiled_as(_signature(_types.int64, NETWORK, _types.float64))
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
