"""Projected gradient: a step down the cost, then back to the nearest plan, until nothing moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .projection import nearest_with_total
from .reduction import Reduction

Array = NDArray[np.float64]


class Step(NamedTuple):
    """Where a descent is after some steps."""

    steps: int
    cost: float
    largest_move: float
    """Of a node in the last step [GFLOP/s]."""


@dataclass(frozen=True, eq=False)
class Descent:
    """Where a descent ended, and the way there."""

    rates: Array
    """Shape (node,) [GFLOP/s]."""
    steps: int
    way: tuple[Step, ...]
    """After 1, 2, 4, 8, ... steps, and at the end."""


def projected_gradient(
    case: Reduction,
    *,
    start: Array | None = None,
    step: float | None = None,
    tolerance: float = 1e-13,
    most_steps: int = 100_000,
) -> Descent:
    """Return the plan that projected gradient comes to, from any `start` (by default the present rates).

    The step length is one for all nodes; below `1 / max weight` every one leads to the same plan, the optimum, because
    the cost is strictly convex and the plans' set is convex. By default it is half of that, 1 over the greatest
    curvature. It ends where no node moves by more than `tolerance` of the greatest rate.

    Raises ValueError where the step is not in that range, or steps run out.

    References
    ----------
    D. P. Bertsekas, Nonlinear Programming, 2nd edition, 1999, section 2.3.
    """
    steepest = 1.0 / float(case.weight.max())
    step = 0.5 * steepest if step is None else step
    if not 0.0 < step < steepest:
        raise ValueError(f"the step ({step:g}) must lie between 0 and 1 over the greatest weight ({steepest:g})")
    rates = nearest_with_total(case.present if start is None else start, total=case.total, most=case.present)
    enough, way = tolerance * float(case.present.max()), []
    for taken in range(1, most_steps + 1):
        down = rates - step * case.gradient(rates)
        after = nearest_with_total(down, total=case.total, most=case.present)
        move, rates = float(np.abs(after - rates).max()), after
        if taken.bit_count() == 1 or move <= enough:
            way.append(Step(taken, case.cost(rates), move))
        if move <= enough:
            return Descent(rates, taken, tuple(way))
    raise ValueError(f"{most_steps} steps are not enough: a node still moves by {move:g} GFLOP/s")
