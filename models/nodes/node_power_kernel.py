"""Power curves of the parts of a node, as scalar loops."""

from __future__ import annotations

import math
from typing import Any

from ..compiled import compiled

IDLE, LINEAR, SQUARE_ROOT, CUBIC, TABLE = range(5)


@compiled
def dynamic_fraction(curve: int, utilization: float, table: Any, first: int, size: int) -> float:
    """Return the share of a part's range from idle to peak power that it draws at a utilisation (0 to 1).

    `table` holds rows (utilisation, fraction) of which `size` from `first` belong to a measured curve, sorted by
    utilisation; between rows the curve is straight, outside them it is held.
    """
    if curve == LINEAR:
        return utilization
    if curve == SQUARE_ROOT:
        return math.sqrt(utilization)
    if curve == CUBIC:
        return utilization * utilization * utilization
    if curve == IDLE:
        return 0.0
    if utilization <= table[first, 0]:
        return float(table[first, 1])
    for row in range(first + 1, first + size):
        if utilization <= table[row, 0]:
            below = table[row - 1, 0]
            share = (utilization - below) / (table[row, 0] - below)
            return float(table[row - 1, 1] + share * (table[row, 1] - table[row - 1, 1]))
    return float(table[first + size - 1, 1])
