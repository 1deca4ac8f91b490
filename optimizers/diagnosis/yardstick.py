"""What is much and what is little of a limit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import fmean

from .limits.limit import Limit
from .limits.registry import kinds


def yardsticks(limits: Iterable[Limit]) -> Sequence[float]:
    """Return for each limit what it is measured by, in its unit: the mean of all of its kind; one step where that is 0.

    Its own amount would not do: a grid of 0 W in the first quarter would then be infinitely hard to relax.
    """
    limits = tuple(limits)
    amounts: dict[tuple[str, str], list[float]] = {}
    for limit in limits:
        amounts.setdefault((limit.kind, limit.unit), []).append(abs(limit.amount))
    return [fmean(amounts[limit.kind, limit.unit]) or kinds()[limit.kind].one(limit) or 1.0 for limit in limits]
