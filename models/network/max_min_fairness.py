"""Weighted max-min fair rates of flows over shared resources.

Flow i runs at rate x_i, at most its ceiling, and uses a_ir x_i of resource r, of which there is C_r. Its level is
x_i / w_i. Rates are max-min fair when no flow's level can be raised without lowering that of one whose level is no
higher: each flow is at its ceiling, or uses a full resource on which nobody's level is above its own. They are unique.

D. Bertsekas and R. Gallager, Data Networks, 2nd ed., 1992, section 6.5.2; with coefficients: A. Ghodsi et al., Dominant
Resource Fairness, NSDI 2011, and H. Casanova et al., Versatile, scalable, and accurate simulation of distributed
applications and platforms, 2014, whose SimGrid shares links in the same way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_SAME_LEVEL = 1e-12
"""Levels that differ by less than this share are one: rounding."""


def max_min_rates(
    starts: ArrayLike,
    resource: ArrayLike,
    coefficient: ArrayLike,
    capacity: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    ceiling: ArrayLike = np.inf,
) -> FloatArray:
    """Return the rate of every flow, shape (flow,), in the unit of capacity over coefficient.

    Flow i uses entries starts[i] to starts[i + 1] of `resource` (index) and `coefficient` (above 0; a scalar counts for
    all); `starts` has one entry more than there are flows. `capacity` has shape (resource,); `weight` (above 0) and
    `ceiling` (0 or more; infinite where there is none) hold for each flow or all. A flow without resources and ceiling
    has an infinite rate. Raises ValueError where an array has the wrong length or a value is outside its range.
    """
    from .max_min_fairness_kernel import RATE, scratch_for, solve

    start, used, use, capacities, weights, ceilings = _checked(starts, resource, coefficient, capacity, weight, ceiling)
    flow_rows = np.column_stack([weights, ceilings, ceilings])
    solve(start, used, use, capacities, flow_rows, scratch_for(len(weights), len(used), len(capacities)))
    return flow_rows[:, RATE]


def progressive_filling(
    starts: ArrayLike,
    resource: ArrayLike,
    coefficient: ArrayLike,
    capacity: ArrayLike,
    *,
    weight: ArrayLike = 1.0,
    ceiling: ArrayLike = np.inf,
) -> FloatArray:
    """Return what `max_min_rates` does, by rounds in numpy: the plain form that the compiled loop is held against.

    A resource is final when it would be full at a level that is the least among those of all its users' resources and
    ceilings; a flow when its ceiling is. Each round stops the flows of all that are final.
    """
    given = _checked(starts, resource, coefficient, capacity, weight, ceiling)
    start, used, use, spare, weights, ceilings = given
    count, rate, own_level = len(spare), ceilings.copy(), ceilings / weights
    flow = np.repeat(np.arange(len(weights)), np.diff(start))  # Of each entry, in ascending order.
    while len(flow):
        first = np.flatnonzero(np.diff(flow, prepend=-1))
        slope = np.bincount(used, use * weights[flow], minlength=count)
        level = np.divide(np.maximum(spare, 0.0), slope, out=np.full(count, np.inf), where=slope > 0.0)
        entry_level = level[used]
        here, lengths = flow[first], np.diff(first, append=len(flow))
        least = np.minimum(np.minimum.reduceat(entry_level, first), own_level[here])
        lower = np.repeat(least, lengths) * (1.0 + _SAME_LEVEL) < entry_level
        final = np.bincount(used[lower], minlength=count) == 0
        stopping = np.logical_or.reduceat(final[used], first) | (own_level[here] == least)
        stopping |= np.isinf(least)
        rate[here[stopping]] = np.minimum(weights[here[stopping]] * least[stopping], ceilings[here[stopping]])
        stopped = np.repeat(stopping, lengths)
        spare = spare - np.bincount(used[stopped], use[stopped] * rate[flow[stopped]], minlength=count)
        flow, used, use = flow[~stopped], used[~stopped], use[~stopped]
    return rate


def _checked(
    starts: ArrayLike,
    resource: ArrayLike,
    coefficient: ArrayLike,
    capacity: ArrayLike,
    weight: ArrayLike,
    ceiling: ArrayLike,
) -> tuple[IntArray, IntArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    start = np.ascontiguousarray(starts, np.int64)
    resources = np.ascontiguousarray(resource, np.int64)
    capacities = np.ascontiguousarray(capacity, np.float64)
    coefficients = np.array(np.broadcast_to(np.asarray(coefficient, np.float64), resources.shape))
    shape = (max(len(start) - 1, 0),)
    weights = np.array(np.broadcast_to(np.asarray(weight, np.float64), shape))
    ceilings = np.array(np.broadcast_to(np.asarray(ceiling, np.float64), shape))
    if len(start) == 0 or start[0] != 0 or start[-1] != len(resources) or (np.diff(start) < 0).any():
        raise ValueError(f"starts must rise from 0 to the number of entries ({len(resources)}), one more than flows")
    if len(resources) and (int(resources.min()) < 0 or int(resources.max()) >= len(capacities)):
        raise ValueError(f"resources must be indices from 0 to {len(capacities) - 1}")
    for name, values, allowed in (
        ("coefficients", coefficients, (coefficients > 0.0) & np.isfinite(coefficients)),
        ("weights", weights, (weights > 0.0) & np.isfinite(weights)),
        ("capacities", capacities, capacities >= 0.0),
        ("ceilings", ceilings, ceilings >= 0.0),
    ):
        if not allowed.all():
            least = "0 or more" if name in ("capacities", "ceilings") else "above 0 and finite"
            raise ValueError(f"{name} must be {least}; there is {values[~allowed][0]}")
    return start, resources, coefficients, capacities, weights, ceilings
