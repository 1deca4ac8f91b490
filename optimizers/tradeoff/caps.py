"""One objective under caps on others (the epsilon-constraint method), without points that are only weakly efficient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..solution import Solution, Solvable

USUAL_AUGMENTATION = 1e-3
"""What going through all their ranges may cost the capped objectives together, as a share of the range of the one
that is minimised. Mavrotas (2009) takes 1e-3 to 1e-6; the greatest of these stays clear of the solver's tolerances."""


@dataclass(frozen=True)
class CappedSolve:
    """What came of one objective under caps."""

    objective: str
    caps: Mapping[str, float]
    solution: Solution
    least: float
    """No plan within the caps has less of the objective, whatever the solver's gap. Infinity where none exists, minus
    infinity where the solver has no bound."""


def minimise_under_caps(
    model: Solvable,
    objective: str,
    caps: Mapping[str, float],
    width: Mapping[str, float],
    *,
    augmentation: float = USUAL_AUGMENTATION,
    also: Mapping[str, float] | None = None,
    start: Any = None,
    gap: float | None = None,
) -> CappedSolve:
    """Return the plan with least of one objective under `caps` on others, and the rest of those as low as comes free.

    Minimised is f_1 + sum_j w_j f_j over the n capped objectives, with w_j = augmentation / n * width_1 / width_j. With
    slack s_j = cap_j - f_j this is f_1 - sum_j w_j s_j but for a constant, the augmented form of Mavrotas (2009), and
    needs no more rows. As all w_j > 0, an optimal plan is efficient: one that is as good in all of f and better in one
    would have a lower sum. And since f_j runs through no more than its width, f_1 exceeds the least possible by no
    more than augmentation * width_1, beside the solver's gap.

    `width` is how far each objective ranges (> 0, as of `Payoff.width`). `also` are caps that limit but are not traded
    off. From sum >= bound and f_j <= cap_j follows f_1 >= bound - sum_j w_j cap_j, which is `least`.

    References
    ----------
    G. Mavrotas, Applied Mathematics and Computation 213(2), 2009: effective implementation of the epsilon-constraint
    method in multi-objective mathematical programming problems.
    """
    capped = [kind for kind in caps if kind != objective]
    weights = {kind: augmentation / len(capped) * width[objective] / width[kind] for kind in capped}
    within = dict(also or {})
    for kind, cap in caps.items():
        within[kind] = min(cap, within.get(kind, math.inf))
    solution = model.minimise({objective: 1.0, **weights}, caps=within, start=start, gap=gap)
    if solution.status == "infeasible":
        least = math.inf
    elif math.isnan(solution.bound) or solution.status == "unbounded":
        least = -math.inf
    else:
        least = solution.bound - math.fsum(weights[kind] * within[kind] for kind in capped)
    return CappedSolve(objective, within, solution, least)
