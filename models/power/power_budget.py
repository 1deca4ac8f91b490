"""Share a power limit among nodes: how much each may draw so that together they stay below it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

SharingRule = Literal["proportional", "water-filling"]
"""proportional: all give up the same share of what they want above idle, which slows all clocks alike where their power
rises with the same exponent. water-filling: who wants little keeps it, the others have one cap in common."""


class Level(NamedTuple):
    """Limits of one level of the supply: item i of the level below (or node i) belongs to group `group[i]`, whose
    limit is `limit_w[group[i]]` [W], infinite where it has none."""

    group: NDArray[np.int64]
    limit_w: NDArray[np.float64]


def caps_w(
    limit_w: ArrayLike,
    idle_w: ArrayLike,
    wanted_w: ArrayLike,
    peak_w: ArrayLike,
    rule: SharingRule = "proportional",
    group: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Return what each node may draw [W], shape (n,), so that the caps add up to no more than the limit.

    `idle_w <= wanted_w <= peak_w`, each of shape (n,), are a node's power without work, with its work at full clock
    and at most. With `group` of shape (n,), node i belongs to group `group[i]`, whose limit is `limit_w[group[i]]`;
    without it `limit_w` is one number for all. A limit of 0 or more, infinity for none.

    Where the limit is below what is wanted, each node has its idle power and, of the rest, its share by the rule.
    Where it is above, each has what it wants and, of what is left, its share of the way to its peak. Below the sum of
    idle powers no cap can be kept by slowing down: caps are idle powers scaled to the limit, and the difference has
    to be switched off. The sum, taken exactly (`math.fsum`), never passes the limit.

    Raises ValueError where powers are not in order, or a limit is negative.
    """
    import numpy as np

    idle, wanted, peak = np.broadcast_arrays(*(np.asarray(each, np.float64) for each in (idle_w, wanted_w, peak_w)))
    groups = np.zeros(len(idle), np.int64) if group is None else np.asarray(group, np.int64)
    limits = np.atleast_1d(np.asarray(limit_w, np.float64))
    if not np.all((idle >= 0.0) & (idle <= wanted) & (wanted <= peak)):
        raise ValueError("powers must be 0 <= idle_w <= wanted_w <= peak_w at every node")
    if not np.all(limits >= 0.0):
        raise ValueError("limit_w must not be negative")
    count = len(limits)
    idle_sum, wanted_sum, peak_sum = (np.bincount(groups, each, count) for each in (idle, wanted, peak))
    above = (limits >= wanted_sum)[groups]
    low, high = np.where(above, wanted, idle), np.where(above, peak, wanted)
    caps: NDArray[np.float64]
    if rule == "water-filling":
        caps = np.clip(_levels(np.minimum(limits, peak_sum), low, high, groups)[groups], low, high)
    else:
        low_sum, high_sum = (np.bincount(groups, each, count) for each in (low, high))
        span = np.where(high_sum > low_sum, high_sum - low_sum, 1.0)
        caps = low + (high - low) * np.clip((np.minimum(limits, peak_sum) - low_sum) / span, 0.0, 1.0)[groups]
    short = limits < idle_sum
    if np.any(short):
        caps = np.where(short[groups], idle * (limits / np.where(short, idle_sum, 1.0))[groups], caps)
    return _within(limits, np.where((limits >= peak_sum)[groups], peak, caps), groups)


def nested_caps_w(
    levels: Sequence[Level],
    idle_w: ArrayLike,
    wanted_w: ArrayLike,
    peak_w: ArrayLike,
    rule: SharingRule = "proportional",
) -> NDArray[np.float64]:
    """Return caps [W] of nodes, shape (n,), below limits at several levels, from the innermost: racks, rows, hall.

    Each level shares its limit among what lies below it as `caps_w` does, where a rack that may draw less than its
    nodes want asks for no more than its limit. No group's caps add up to more than its limit.
    """
    import numpy as np

    powers = [tuple(np.asarray(each, np.float64) for each in (idle_w, wanted_w, peak_w))]
    for level in levels:
        sums = (np.bincount(level.group, each, len(level.limit_w)) for each in powers[-1])
        powers.append(tuple(np.minimum(each, level.limit_w) for each in sums))
    granted_w = powers[-1][2]
    for level, (idle, wanted, peak) in zip(reversed(levels), reversed(powers[:-1]), strict=True):
        granted_w = caps_w(np.minimum(granted_w, level.limit_w), idle, wanted, peak, rule, level.group)
    return granted_w


def clock_fraction_at(cap_w: ArrayLike, idle_w: ArrayLike, wanted_w: ArrayLike, exponent: float) -> NDArray[np.float64]:
    """Return the clock fraction, 0 to 1, at which a node that wants `wanted_w` at full clock draws `cap_w` [W].

    The inverse of `node_power.node_power_w`, where power above idle is proportional to clock^exponent; 1 where the
    cap does not bind. What a job loses of its speed is for its workload model to say: one that waits for memory loses
    less than its clock.
    """
    import numpy as np

    cap, idle, wanted = (np.asarray(each, np.float64) for each in (cap_w, idle_w, wanted_w))
    above_idle = np.where(wanted > idle, wanted - idle, 1.0)
    share = np.where(wanted > idle, np.clip((cap - idle) / above_idle, 0.0, 1.0), 1.0)
    return np.asarray(share ** (1.0 / exponent))


def _levels(
    limits_w: NDArray[np.float64], low_w: NDArray[np.float64], high_w: NDArray[np.float64], group: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return each group's level [W] at which the sum of clip(level, low, high) is its limit (within its reach).

    The sum rises with the level in straight pieces: a node joins at its low and leaves at its high. Walking the
    corners in rising order, the piece that reaches the limit gives the level without iteration.
    """
    import numpy as np

    count = len(limits_w)
    corner_w = np.concatenate([low_w, high_w])
    joins = np.repeat([1, -1], len(low_w))
    of_group = np.concatenate([group, group])
    order = np.lexsort((-joins, corner_w, of_group))
    corner_w, joins, of_group = corner_w[order], joins[order], of_group[order]
    # Every group's nodes join and leave, so that the running count is 0 where one group ends and the next begins.
    nodes = np.concatenate([[0], np.cumsum(joins)[:-1]])
    step_w = nodes * np.diff(corner_w, prepend=0.0)
    risen_w = np.cumsum(step_w)
    first = np.searchsorted(of_group, np.arange(count))
    before_w = np.concatenate([[0.0], risen_w])[first]
    sum_w = risen_w - before_w[of_group] + np.bincount(group, low_w, count)[of_group]
    reached = np.bincount(of_group, sum_w < limits_w[of_group], count).astype(np.int64)
    sizes = np.bincount(of_group, minlength=count)
    at = np.minimum(first + np.minimum(reached, np.maximum(sizes - 1, 0)), len(corner_w) - 1)
    over_w = np.maximum(sum_w[at] - limits_w, 0.0)
    level_w: NDArray[np.float64] = corner_w[at] - over_w / np.maximum(nodes[at], 1)
    return level_w


def _within(limits_w: NDArray[np.float64], caps: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the caps with what rounding put above a limit taken from the group's largest cap."""
    import numpy as np

    # Sums in floating point are off by less than this; only groups that are that near are added up exactly.
    near = np.flatnonzero(np.bincount(group, caps, len(limits_w)) > limits_w * (1.0 - 1e-12))
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(limits_w) + 1)).tolist()
    for index in near.tolist():
        members = order[starts[index] : starts[index + 1]]
        while (over_w := math.fsum(caps[members].tolist()) - limits_w[index]) > 0.0:
            largest = members[np.argmax(caps[members])]
            caps[largest] = min(caps[largest] - over_w, np.nextafter(caps[largest], 0.0))
    return caps
