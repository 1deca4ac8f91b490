"""Integrate what changes in steps, exactly, and fold it into buckets aligned to the clock."""

from __future__ import annotations

import math
from typing import Any

from numba import types

from models.compiled import compiled, compiled_as

# Columns of a bucket: integral over the bucket [unit s], least and greatest value that lasted.
INTEGRAL, LEAST, GREATEST = range(3)


@compiled
def bucket_of(at_s: float, first_edge_s: float, interval_s: float) -> int:
    """Return the bucket that holds an instant; bucket 0 is the one before `first_edge_s`."""
    if at_s < first_edge_s:
        return 0
    return int(math.floor((at_s - first_edge_s) / interval_s)) + 1


@compiled
def fold_energy(
    buckets: Any, from_s: float, to_s: float, integral: float, least: float, greatest: float,
    first_edge_s: float, interval_s: float,
) -> None:  # fmt: skip
    """Add an integral, spread evenly over [from_s, to_s], to the buckets it overlaps; nothing if no time passes.

    `buckets` has shape (bucket, 3); unused buckets hold (0, inf, -inf).
    """
    if not to_s > from_s:
        return
    mean = integral / (to_s - from_s)
    bucket = bucket_of(from_s, first_edge_s, interval_s)
    start_s = from_s
    while start_s < to_s:
        edge_s = first_edge_s + bucket * interval_s
        end_s = edge_s if edge_s < to_s else to_s
        if end_s > start_s:
            buckets[bucket, INTEGRAL] += mean * (end_s - start_s)
            if least < buckets[bucket, LEAST]:
                buckets[bucket, LEAST] = least
            if greatest > buckets[bucket, GREATEST]:
                buckets[bucket, GREATEST] = greatest
            start_s = end_s
        bucket += 1


@compiled
def fold_level(
    buckets: Any, meter: Any, to_s: float, level: float, first_edge_s: float, interval_s: float
) -> None:  # fmt: skip
    """Add a level that held from `meter.as_of_s` to `to_s` to the buckets it overlaps, and set `as_of_s`.

    `meter` is a record that remembers its bucket and where that ends, since most changes stay inside one.
    """
    from_s = meter["as_of_s"]
    if to_s <= meter["edge_s"]:
        row = buckets[meter["bucket"]]
        row[INTEGRAL] += level * (to_s - from_s)
        row[LEAST] = min(row[LEAST], level)
        row[GREATEST] = max(row[GREATEST], level)
    else:
        fold_energy(buckets, from_s, to_s, level * (to_s - from_s), level, level, first_edge_s, interval_s)
        meter["bucket"] = bucket_of(to_s, first_edge_s, interval_s)
        meter["edge_s"] = first_edge_s + meter["bucket"] * interval_s
    meter["as_of_s"] = to_s


@compiled_as(types.void(types.float64[:, ::1], *([types.float64] * 7)))
def fold(
    buckets: Any, from_s: float, to_s: float, integral: float, least: float, greatest: float,
    first_edge_s: float, interval_s: float,
) -> None:  # fmt: skip
    """Do what `fold_energy` does, for callers in Python."""
    fold_energy(buckets, from_s, to_s, integral, least, greatest, first_edge_s, interval_s)
