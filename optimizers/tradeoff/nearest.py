"""The efficient plan that is nearest to what somebody hopes for."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..plan import Status
from ..solution import Solvable
from .front import FrontPoint, has_plan
from .lexicographic import known
from .payoff import payoff_table

USUAL_AUGMENTATION = 1e-3
"""What a scale in the mean of all objectives weighs against one of distance: an assumption. A plan that is a scale
better in the mean wins over one that is nearer by less than a thousandth of a scale."""


@dataclass(frozen=True)
class Nearest:
    """What came of a target."""

    target: Mapping[str, float]
    scales: Mapping[str, float]
    status: Status
    point: FrontPoint | None
    """None where there is no plan."""
    distance: float
    """The greatest of (value - target) / scale; below 0 where every objective is better than its target. NaN without a
    plan."""
    gap: float
    """By how much the distance could be less at most, in scales, along with the augmentation. NaN without a plan."""
    solves: int


def nearest_to(
    model: Solvable,
    target: Mapping[str, float],
    *,
    scales: Mapping[str, float] | None = None,
    caps: Mapping[str, float] | None = None,
    augmentation: float = USUAL_AUGMENTATION,
    start: Any = None,
    gap: float | None = None,
) -> Nearest:
    """Return the plan that minimises max_j (f_j - target_j) / scale_j + augmentation / k * sum_j f_j / scale_j.

    This is the augmented Tchebycheff norm: the maximum alone has optima that are only weakly efficient, the sum tells
    them apart. Every plan it returns is efficient to within the gap, and a target within reach is exceeded rather than
    met. `scales` [unit of each objective, > 0] say what weighs the same; without them the payoff table's ranges do, at
    the price of its solves. Raises ValueError where a scale is missing or not positive, a target is not finite, or an
    objective is not the model's.

    References
    ----------
    R. E. Steuer, E.-U. Choo, Mathematical Programming 26, 1983: an interactive weighted Tchebycheff procedure for
    multiple objective programming.
    """
    kinds = tuple(target)
    known(model, kinds)
    astray = [kind for kind in kinds if not math.isfinite(target[kind])]
    if astray:
        raise ValueError(f"a target must be a finite number: {', '.join(astray)}")
    solves = 0
    if scales is None:
        payoff = payoff_table(model, kinds, caps=caps, start=start, gap=gap)
        solves = payoff.solves
        if not payoff.points:
            return Nearest(dict(target), {}, payoff.status, None, math.nan, math.nan, solves)
        scales = payoff.width
        start = payoff.points[0].solution.point
    bad = [kind for kind in kinds if not (math.isfinite(scales.get(kind, math.nan)) and scales[kind] > 0.0)]
    if bad:
        raise ValueError(f"a scale must be above 0 and finite: {', '.join(bad)}")
    used = {kind: scales[kind] for kind in kinds}
    weights = {kind: augmentation / len(kinds) / used[kind] for kind in kinds}
    solution = model.minimise(weights, caps=dict(caps or {}), target=dict(target), scales=used, start=start, gap=gap)
    solves += 1
    if not has_plan(solution):
        return Nearest(dict(target), used, solution.status, None, math.nan, math.nan, solves)
    point = FrontPoint.of(solution, kinds)
    distance = max((point.values[kind] - target[kind]) / used[kind] for kind in kinds)
    return Nearest(
        dict(target), used, solution.status, point, distance, max(solution.objective - solution.bound, 0.0), solves
    )
