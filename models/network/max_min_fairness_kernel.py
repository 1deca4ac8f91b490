"""Fill shared resources: raise every flow's rate together, and stop each where a resource is full or its ceiling is.

Progressive filling (Bertsekas and Gallager, Data Networks, 1992, section 6.5.2) without rounds over all resources: a
heap holds the level at which each resource would be full. That level never falls while flows stop, so a stale entry is
looked at again only when it comes to the top; when half of the entries concern nobody any more, the heap is made anew.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from ..compiled import compiled, compiled_apart, compiled_as

WEIGHT, CEILING, RATE = range(3)
"""Columns of a flow."""
_SPARE, _SLOPE, _OPEN_USERS, _CAPACITY, _FIRST_SLOPE = range(5)
"""Columns of a resource: what flows that have stopped leave, use per level by those that have not, and their number."""
_DIGITS_LOST = 1e-3
"""A slope that has fallen to this share of what it was is added up anew: running sums lose digits."""
_INTEGERS = types.int64[::1]
_NUMBERS = types.float64[::1]
_SAME_LEVEL = 1e-12
"""Levels that differ by less than this share are one: rounding."""
_OPEN = -1.0
"""The rate of a flow that has not stopped yet."""


class Scratch(NamedTuple):
    """Room for a solve: memory that is asked for anew each time costs more than the solve."""

    first_user: NDArray[np.int64]
    filled: NDArray[np.int64]
    items: NDArray[np.int64]
    """The heap. Items below the number of resources are resources, those above are ceilings of flows."""
    keys: NDArray[np.float64]
    state: NDArray[np.float64]
    """Shape (resource, 5)."""
    user: NDArray[np.float64]
    """Shape (entry, 2): the users of each resource in turn, with their coefficients."""


def scratch_for(flows: int, entries: int, resources: int) -> Scratch:
    """Return room for a solve of so many."""
    return Scratch(
        np.zeros(resources + 1, np.int64), np.zeros(resources, np.int64), np.zeros(resources + flows, np.int64),
        np.zeros(resources + flows + 3), np.zeros((resources, 5)), np.zeros((entries, 2)),
    )  # fmt: skip


@compiled
def _sift_down(keys: Any, items: Any, position: int, size: int) -> None:
    """Let an entry of the heap find its place; `keys[size]` is infinite, so that every parent has two children."""
    key, item = keys[position], items[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        child += 1 if keys[child + 1] < keys[child] else 0  # A coin toss: no branch, or it would be mispredicted.
        if not keys[child] < key:
            break
        keys[position], items[position] = keys[child], items[child]
        position = child
    keys[position], items[position] = key, item


@compiled
def _level(state: Any, item: int) -> float:
    """Return the level at which a resource would be full if its users were stopped by nothing else."""
    return float(max(state[item, _SPARE], 0.0) / state[item, _SLOPE] if state[item, _SLOPE] > 0.0 else 0.0)


@compiled
def _heap_of_living(keys: Any, items: Any, size: int, resources: int, state: Any, flow_rows: Any) -> int:
    """Drop the items that concern nobody any more, look at the rest anew and make a heap of it; return its size."""
    kept = 0
    for position in range(size):
        item = items[position]
        if item < resources:
            if state[item, _OPEN_USERS] == 0.0:
                continue
            keys[kept] = _level(state, item)
        else:
            flow = item - resources
            if flow_rows[flow, RATE] != _OPEN:
                continue
            keys[kept] = flow_rows[flow, CEILING] / flow_rows[flow, WEIGHT]
        items[kept] = item
        kept += 1
    keys[kept] = math.inf
    for position in range((kept >> 1) - 1, -1, -1):
        _sift_down(keys, items, position, kept)
    return kept


@compiled_apart
def fill(
    flows: int,
    resources: int,
    starts: Any,
    resource: Any,
    coefficient: Any,
    capacity: Any,
    flow_rows: Any,
    scratch: Any,
) -> None:
    """Fill column RATE of `flow_rows`, shape (flow, 3), with weighted max-min fair rates.

    Flow i uses `coefficient[e]` x its rate of `resource[e]` for e from starts[i] to starts[i + 1]; coefficients and
    weights are above 0. Arrays may be longer than `flows` and `resources` say; `scratch` comes from `scratch_for`. A
    flow that nothing holds gets its ceiling.
    """
    first_user, filled, items, keys, state, user = scratch
    for index in range(resources + 1):
        first_user[index] = 0
    for entry in range(starts[flows]):
        first_user[resource[entry] + 1] += 1
    size = 0
    for index in range(resources):
        users = first_user[index + 1]
        first_user[index + 1] += first_user[index]
        filled[index] = first_user[index]
        state[index, _SPARE] = state[index, _CAPACITY] = capacity[index]
        state[index, _OPEN_USERS], state[index, _SLOPE] = users, 0.0
        if users > 0 and capacity[index] < math.inf:
            items[size] = index
            size += 1
    for flow in range(flows):
        flow_rows[flow, RATE] = _OPEN
        weight = flow_rows[flow, WEIGHT]
        if flow_rows[flow, CEILING] < math.inf:
            items[size] = resources + flow
            size += 1
        for entry in range(starts[flow], starts[flow + 1]):
            index = resource[entry]
            place = filled[index]
            user[place, 0], user[place, 1] = flow, coefficient[entry]
            filled[index] = place + 1
            state[index, _SLOPE] += coefficient[entry] * weight
            state[index, _FIRST_SLOPE] = state[index, _SLOPE]

    dead = size  # Items in the heap that concern nobody any more; at first it is no heap at all.
    reached, left = 0.0, flows
    while left > 0:
        if 2 * dead >= size:
            size, dead = _heap_of_living(keys, items, size, resources, state, flow_rows), 0
            if size == 0:
                break
        item, level = items[0], keys[0]
        following = min(keys[1], keys[2]) * (1.0 + _SAME_LEVEL) if size > 1 else math.inf
        first, end = 0, 0
        if item >= resources:
            if flow_rows[item - resources, RATE] == _OPEN:
                end = 1
        elif state[item, _OPEN_USERS] > 0.0:
            first, end = first_user[item], first_user[item + 1]
            level = _level(state, item)
            if level <= following and state[item, _SLOPE] < _DIGITS_LOST * state[item, _FIRST_SLOPE]:
                spare, slope = state[item, _CAPACITY], 0.0
                for place in range(first, end):
                    flow = int(user[place, 0])
                    if flow_rows[flow, RATE] == _OPEN:
                        slope += user[place, 1] * flow_rows[flow, WEIGHT]
                    else:
                        spare -= user[place, 1] * flow_rows[flow, RATE]
                state[item, _SPARE], state[item, _SLOPE] = spare, slope
                level = _level(state, item)
            if level > following:
                keys[0] = level
                _sift_down(keys, items, 0, size)
                continue
        size -= 1
        keys[0], items[0], keys[size] = keys[size], items[size], math.inf
        _sift_down(keys, items, 0, size)
        if end == 0:
            dead -= 1
            continue
        reached = max(reached, level)  # Rounding must not let the level fall.
        for place in range(first, end):
            flow = item - resources if item >= resources else int(user[place, 0])
            if flow_rows[flow, RATE] != _OPEN:
                continue
            rate, weight = flow_rows[flow, CEILING], flow_rows[flow, WEIGHT]
            if item < resources:
                dead += 1 if rate < math.inf else 0
                rate = min(weight * reached, rate)
            flow_rows[flow, RATE] = rate
            left -= 1
            for entry in range(starts[flow], starts[flow + 1]):
                index = resource[entry]
                state[index, _SPARE] -= coefficient[entry] * rate
                state[index, _SLOPE] -= coefficient[entry] * weight
                state[index, _OPEN_USERS] -= 1.0
                if state[index, _OPEN_USERS] == 0.0 and index != item and state[index, _CAPACITY] < math.inf:
                    dead += 1
    for flow in range(flows):
        if flow_rows[flow, RATE] == _OPEN:
            flow_rows[flow, RATE] = flow_rows[flow, CEILING]


_typeof: Any = numba.typeof
SCRATCH: Any = _typeof(scratch_for(1, 1, 1))


@compiled_as(types.void(_INTEGERS, _INTEGERS, _NUMBERS, _NUMBERS, types.float64[:, ::1], SCRATCH))
def solve(starts: Any, resource: Any, coefficient: Any, capacity: Any, flow_rows: Any, scratch: Any) -> None:
    """Fill column RATE of `flow_rows`, from arrays that are as long as they are meant to be."""
    fill(len(flow_rows), len(capacity), starts, resource, coefficient, capacity, flow_rows, scratch)
