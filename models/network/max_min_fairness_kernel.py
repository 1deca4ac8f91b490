"""Fill shared resources: raise every flow's rate together, and stop each where a resource is full or its ceiling is.

Progressive filling (Bertsekas and Gallager, Data Networks, 1992, section 6.5.2) of all parts at once: each round stops
the flows of every resource that is the tightest for all of its users. Long chains of dependence, for which rounds stop
few flows each, are left to a heap of the level at which each resource would be full. That level never falls while flows
stop, so a stale entry is looked at again only when it comes to the top; when half of the entries concern nobody any
more, the heap is made anew.
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
_LEAST_SHARE = 0.4
"""Of the flows that rise, the share that a round must stop for another to be worth it: assumption, near the best of
those tried on a fat tree."""
_MOST_USERS = 4.0
"""Users of a resource, on the mean, up to which rounds are tried at all: the more share each, the longer the chains."""
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
    user: NDArray[np.int32]
    """Shape (entry, 2): the users of each resource in turn, with their entries."""
    rising: NDArray[np.int64]
    """The flows that have not stopped."""
    level_of: NDArray[np.float64]
    blocked: NDArray[np.int8]


def scratch_for(flows: int, entries: int, resources: int) -> Scratch:
    """Return room for a solve of so many."""
    return Scratch(
        np.zeros(resources + 1, np.int64), np.zeros(resources, np.int64), np.zeros(resources + flows, np.int64),
        np.zeros(resources + flows + 3), np.zeros((resources, 5)), np.zeros((entries, 2), np.int32),
        np.zeros(flows, np.int64), np.zeros(resources), np.zeros(resources, np.int8),
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


@compiled
def _round(
    left: int,
    resources: int,
    starts: Any,
    resource: Any,
    coefficient: Any,
    flow_rows: Any,
    state: Any,
    rising: Any,
    level_of: Any,
    blocked: Any,
) -> int:
    """Stop the rising flows of every resource that is final; return how many go on rising.

    A resource is final when no user of it would be stopped at a lower level elsewhere: all that can come before it is
    over, whatever happens in other parts.
    """
    for index in range(resources):
        state[index, _SLOPE] = 0.0
    for position in range(left):
        flow = rising[position]
        weight = flow_rows[flow, WEIGHT]
        for entry in range(starts[flow], starts[flow + 1]):
            state[resource[entry], _SLOPE] += coefficient[entry] * weight
    for index in range(resources):
        slope, blocked[index] = state[index, _SLOPE], 0
        level_of[index] = max(state[index, _SPARE], 0.0) / slope if slope > 0.0 else math.inf
    for position in range(left):
        flow = rising[position]
        least = flow_rows[flow, CEILING] / flow_rows[flow, WEIGHT]
        for entry in range(starts[flow], starts[flow + 1]):
            least = min(least, level_of[resource[entry]])
        above = least * (1.0 + _SAME_LEVEL)
        for entry in range(starts[flow], starts[flow + 1]):
            blocked[resource[entry]] |= level_of[resource[entry]] > above
    kept = 0
    for position in range(left):
        flow = rising[position]
        least = own = flow_rows[flow, CEILING] / flow_rows[flow, WEIGHT]
        free = 0
        for entry in range(starts[flow], starts[flow + 1]):
            least = min(least, level_of[resource[entry]])
            free |= blocked[resource[entry]] == 0
        if free == 0 and least < own:
            rising[kept] = flow
            kept += 1
            continue
        rate = flow_rows[flow, CEILING]
        if least < own:  # A ceiling is met to the bit, which the product might miss.
            rate = min(flow_rows[flow, WEIGHT] * least, rate)
        flow_rows[flow, RATE] = rate
        for entry in range(starts[flow], starts[flow + 1]):
            state[resource[entry], _SPARE] -= coefficient[entry] * rate
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
    first_user, filled, items, keys, state, user, rising, level_of, blocked = scratch
    for index in range(resources):
        state[index, _SPARE] = state[index, _CAPACITY] = capacity[index]
    for flow in range(flows):
        flow_rows[flow, RATE] = _OPEN
        rising[flow] = flow
    left, before = flows, 2 * flows if starts[flows] <= _MOST_USERS * resources else flows
    while 0 < left and _LEAST_SHARE * before <= before - left:
        before = left
        left = _round(left, resources, starts, resource, coefficient, flow_rows, state, rising, level_of, blocked)
    if left == 0:
        return

    for index in range(resources + 1):
        first_user[index] = 0
    for position in range(left):
        flow = rising[position]
        for entry in range(starts[flow], starts[flow + 1]):
            first_user[resource[entry] + 1] += 1
    size = 0
    for index in range(resources):
        users = first_user[index + 1]
        first_user[index + 1] += first_user[index]
        filled[index] = first_user[index]
        # What those who have stopped use is gone for good; `_SPARE` counts from here.
        state[index, _CAPACITY] = state[index, _SPARE]
        state[index, _OPEN_USERS], state[index, _SLOPE] = users, 0.0
        if users > 0 and capacity[index] < math.inf:
            items[size] = index
            size += 1
    for position in range(left):
        flow = rising[position]
        weight = flow_rows[flow, WEIGHT]
        if flow_rows[flow, CEILING] < math.inf:
            items[size] = resources + flow
            size += 1
        for entry in range(starts[flow], starts[flow + 1]):
            index = resource[entry]
            place = filled[index]
            user[place, 0], user[place, 1] = flow, entry
            filled[index] = place + 1
            state[index, _SLOPE] += coefficient[entry] * weight
            state[index, _FIRST_SLOPE] = state[index, _SLOPE]

    dead = size  # Items in the heap that concern nobody any more; at first it is no heap at all.
    reached = 0.0
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
                    flow, use = user[place, 0], coefficient[user[place, 1]]
                    if flow_rows[flow, RATE] == _OPEN:
                        slope += use * flow_rows[flow, WEIGHT]
                    else:
                        spare -= use * flow_rows[flow, RATE]
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
            flow = item - resources if item >= resources else user[place, 0]
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
    for position in range(flows if left > 0 else 0):
        if flow_rows[position, RATE] == _OPEN:
            flow_rows[position, RATE] = flow_rows[position, CEILING]


_typeof: Any = numba.typeof
SCRATCH: Any = _typeof(scratch_for(1, 1, 1))


@compiled_as(types.void(_INTEGERS, _INTEGERS, _NUMBERS, _NUMBERS, types.float64[:, ::1], SCRATCH))
def solve(starts: Any, resource: Any, coefficient: Any, capacity: Any, flow_rows: Any, scratch: Any) -> None:
    """Fill column RATE of `flow_rows`, from arrays that are as long as they are meant to be."""
    fill(len(flow_rows), len(capacity), starts, resource, coefficient, capacity, flow_rows, scratch)
