"""Plain gradient descent on the missed total, with a learning rate for each node: why this does not define a plan.

The total alone is a goal that a whole plane of plans meets. Descent stops at the first that it comes to, and which one
that is was decided by the learning rates and by the start, not by any cost.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MissedTotal:
    """Where plain descent on `(sum of rates - total)^2 / 2` ended."""

    rates: Array
    """Shape (node,) [GFLOP/s]; nothing keeps them between limits."""
    steps: int


def descend_on_total(
    start: Array, learning_rates: Array, total: float, *, tolerance: float = 1e-12, most_steps: int = 100_000
) -> MissedTotal:
    """Return where descent with a learning rate for each node comes to rest.

    Each step takes `learning_rate * (sum of rates - total)` from each node. What is missed shrinks by
    `1 - sum of learning rates` a step, so that this converges where their sum is above 0 and below 2. It ends where
    less than `tolerance` of the total (of 1 GFLOP/s, where that is less) is missed.

    Raises ValueError where learning rates do not converge, or steps run out.
    """
    pace = float(learning_rates.sum())
    if (learning_rates < 0.0).any() or not 0.0 < pace < 2.0:
        raise ValueError(f"learning rates must not be negative and sum up to more than 0 and less than 2, not {pace:g}")
    rates = start.astype(np.float64)
    for taken in range(most_steps):
        missed = float(rates.sum()) - total
        if abs(missed) <= tolerance * max(total, 1.0):
            return MissedTotal(rates, taken)
        rates = rates - learning_rates * missed
    raise ValueError(f"{most_steps} steps are not enough: {missed:g} GFLOP/s are missed")


def resting_point(start: Array, learning_rates: Array, total: float) -> Array:
    """Return the limit of that descent in closed form [GFLOP/s].

    What all nodes give up together is shared out in proportion to their learning rates, from where each started.
    """
    share: Array = learning_rates / learning_rates.sum()
    limit: Array = start - share * (start.sum() - total)
    return limit
