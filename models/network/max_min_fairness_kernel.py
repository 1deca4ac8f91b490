"""Fill shared resources: raise every flow's rate together, and stop each where a resource is full or its ceiling is.

Progressive filling (Bertsekas and Gallager, Data Networks, 1992, section 6.5.2) without rounds over all resources: a
heap holds the level at which each resource would be full. That level never falls while flows stop, so a stale entry is
looked at again only when it comes to the top.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import types

from ..compiled import compiled, compiled_apart, compiled_as

_INTEGERS = types.int64[::1]
_NUMBERS = types.float64[::1]
_SAME_LEVEL = 1e-12
"""Levels that differ by less than this share are one: rounding."""
_OPEN = -1.0
"""The rate of a flow that has not stopped yet."""


@compiled
def _sift_down(keys: Any, items: Any, position: int, size: int) -> None:
    key, item = keys[position], items[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        if child + 1 < size and keys[child + 1] < keys[child]:
            child += 1
        if not keys[child] < key:
            break
        keys[position], items[position] = keys[child], items[child]
        position = child
    keys[position], items[position] = key, item


@compiled
def _next_key(keys: Any, size: int) -> float:
    """Return the least key below the top, infinity where there is none."""
    least = math.inf
    if size > 1:
        least = keys[1]
        if size > 2 and keys[2] < least:
            least = keys[2]
    return float(least)


@compiled_apart
def fill(
    flows: int,
    resources: int,
    starts: Any,
    resource: Any,
    coefficient: Any,
    capacity: Any,
    weight: Any,
    ceiling: Any,
    rate: Any,
) -> None:
    """Fill `rate` with weighted max-min fair rates.

    Flow i uses `coefficient[e] * rate[i]` of `resource[e]` for e from starts[i] to starts[i + 1]; coefficients and
    weights are above 0. Arrays may be longer than `flows` and `resources` say. A flow that nothing holds gets its
    ceiling.
    """
    entries = starts[flows]
    first_user = np.zeros(resources + 1, np.int64)
    for entry in range(entries):
        first_user[resource[entry] + 1] += 1
    for index in range(resources):
        first_user[index + 1] += first_user[index]
    user = np.empty(entries, np.int64)
    user_coefficient = np.empty(entries, np.float64)
    filled = np.empty(resources, np.int64)
    spare = np.empty(resources, np.float64)  # What flows that have stopped leave.
    slope = np.zeros(resources, np.float64)  # Use per level by the flows that have not.
    unstopped = np.empty(resources, np.int64)
    for index in range(resources):
        filled[index] = first_user[index]
        spare[index] = capacity[index]
        unstopped[index] = first_user[index + 1] - first_user[index]
    for flow in range(flows):
        rate[flow] = _OPEN
        for entry in range(starts[flow], starts[flow + 1]):
            index = resource[entry]
            place = filled[index]
            user[place], user_coefficient[place] = flow, coefficient[entry]
            filled[index] = place + 1
            slope[index] += coefficient[entry] * weight[flow]

    # Items below `resources` are resources, those above are ceilings of flows.
    keys = np.empty(resources + flows, np.float64)
    items = np.empty(resources + flows, np.int64)
    size = 0
    for index in range(resources):
        if unstopped[index] > 0 and capacity[index] < math.inf:
            keys[size], items[size] = spare[index] / slope[index], index
            size += 1
    for flow in range(flows):
        if ceiling[flow] < math.inf:
            keys[size], items[size] = ceiling[flow] / weight[flow], resources + flow
            size += 1
    for position in range((size >> 1) - 1, -1, -1):
        _sift_down(keys, items, position, size)

    reached = 0.0
    while size > 0:
        item = items[0]
        first, end, level = 0, 0, keys[0]
        if item >= resources:
            if rate[item - resources] == _OPEN:
                end = 1
        elif unstopped[item] > 0:
            following = _next_key(keys, size) * (1.0 + _SAME_LEVEL)
            level = max(spare[item], 0.0) / slope[item] if slope[item] > 0.0 else 0.0
            if level <= following:
                # Running sums lose digits: what decides is added up anew.
                left, steepness = capacity[item], 0.0
                for place in range(first_user[item], first_user[item + 1]):
                    if rate[user[place]] == _OPEN:
                        steepness += user_coefficient[place] * weight[user[place]]
                    else:
                        left -= user_coefficient[place] * rate[user[place]]
                spare[item], slope[item] = left, steepness
                level = max(left, 0.0) / steepness
            if level > following:
                keys[0] = level
                _sift_down(keys, items, 0, size)
                continue
            first, end = first_user[item], first_user[item + 1]
        size -= 1
        if size > 0:
            keys[0], items[0] = keys[size], items[size]
            _sift_down(keys, items, 0, size)
        if end == 0:
            continue
        reached = max(reached, level)  # Rounding must not let the level fall.
        for place in range(first, end):
            flow = item - resources
            if item < resources:
                flow = user[place]
                if rate[flow] != _OPEN:
                    continue
                rate[flow] = min(weight[flow] * reached, ceiling[flow])
            else:
                rate[flow] = ceiling[flow]
            for entry in range(starts[flow], starts[flow + 1]):
                index = resource[entry]
                spare[index] -= coefficient[entry] * rate[flow]
                slope[index] -= coefficient[entry] * weight[flow]
                unstopped[index] -= 1
    for flow in range(flows):
        if rate[flow] == _OPEN:
            rate[flow] = ceiling[flow]


@compiled_as(types.void(_INTEGERS, _INTEGERS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS))
def solve(starts: Any, resource: Any, coefficient: Any, capacity: Any, weight: Any, ceiling: Any, rate: Any) -> None:
    """Fill `rate`, shape (flow,), from arrays that are as long as they are meant to be."""
    fill(len(weight), len(capacity), starts, resource, coefficient, capacity, weight, ceiling, rate)
