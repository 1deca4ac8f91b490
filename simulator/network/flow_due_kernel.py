"""When each flow is through: a heap of those that come to an end, the earliest first."""

from __future__ import annotations

import math
from typing import Any

import numba

from models.compiled import compiled, compiled_as

from .flow_arrays_kernel import NETWORK, signature_of

_numba: Any = numba  # numba has no types of its own.
_types = _numba.types


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
def set_due(network: Any, flow: int, due_s: float) -> None:
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


@compiled_as(signature_of(_types.int64, NETWORK, _types.float64))
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
    set_due(network, flow, math.inf)
    return int(flow)
