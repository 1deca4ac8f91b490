"""A set of efficient plans for three objectives or more: capped solves, spread evenly, without those that repeat."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..solution import Solvable
from .caps import USUAL_AUGMENTATION, CappedSolve
from .front import Front, FrontPoint, counted_value, has_plan
from .payoff import Payoff, payoff_table
from .search import FrontSearch, no_front

USUAL_RESOLUTION = 1e-3
"""Share of an objective's range below which two points are one: an assumption, as fine as the augmentation."""


def filtered_set(
    model: Solvable,
    objectives: Sequence[str],
    *,
    caps: Mapping[str, float] | None = None,
    gap: float = 0.05,
    most_solves: int = 40,
    rounds: int = 3,
    augmentation: float = USUAL_AUGMENTATION,
    resolution: float = USUAL_RESOLUTION,
    solver_gap: float | None = None,
    start: Any = None,
) -> Front:
    """Return efficient points spread over the front of two objectives or more.

    The first objective is minimised under caps on all others. Round r has caps at k / 2^r of the way from ideal to
    nadir, k = 1 .. 2^r, so each round halves the spacing and the search can end after any solve: when the undecided
    share of the volume is at most `gap`, after `most_solves` (at least the payoff table's), or after `rounds`. A solve
    is skipped that can give nothing new: looser caps had no plan, or gave one that meets these too.

    Each point is efficient to within its gap and the resolution; the set is a sample of the front, and with more than
    two objectives the nadir, which is the payoff table's, may leave out efficient plans that are worse in an objective.
    What is decided is decided by the solver's bounds. Raises ValueError where there are fewer than two objectives or
    one is not the model's.
    """
    if len(objectives) < 2:
        raise ValueError(f"trading off takes two objectives or more, not {len(objectives)}")
    payoff = payoff_table(model, objectives, caps=caps, start=start, gap=solver_gap)
    if not payoff.points:
        return no_front(payoff)
    search = FrontSearch(model, payoff, caps=caps, resolution=resolution, gap=solver_gap)
    done = [_first_row(payoff)]
    for shares in _spread(len(objectives) - 1, rounds):
        within = {kind: search.value_at(kind, share) for kind, share in zip(objectives[1:], shares, strict=True)}
        if _repeats(within, done, {kind: resolution * search.width[kind] for kind in within}):
            continue
        if search.solves >= most_solves or search.anytime_gap() <= gap:
            break
        done.append(search.solve(objectives[0], within, augmentation, _start_within(within, search)))
    return search.front()


def _spread(axes: int, rounds: int) -> Iterator[tuple[float, ...]]:
    """Yield caps as shares, round by round, in each the loosest first, none twice."""
    for round_ in range(1, rounds + 1):
        parts = 2**round_
        steps = itertools.product(range(parts, 0, -1), repeat=axes)
        # What is even throughout was in the round before; all caps at the nadir are in none.
        new = (step for step in steps if any(k % 2 for k in step) or (round_ == 1 and min(step) < parts))
        for step in sorted(new, key=lambda each: (-sum(each), each)):
            yield tuple(k / parts for k in step)


def _first_row(payoff: Payoff) -> CappedSolve:
    """Return the payoff table's first row as what it is: the first objective with no caps on the others."""
    stages = payoff.rows[0].stages
    solution = next(stage.solution for stage in reversed(stages) if has_plan(stage.solution))
    return CappedSolve(payoff.objectives[0], {}, solution, stages[0].solution.bound)


def _repeats(within: Mapping[str, float], done: Sequence[CappedSolve], tolerance: Mapping[str, float]) -> bool:
    """Return whether caps can only give what a solve under looser ones gave: its plan, if that meets them, or none."""
    for solve in done:
        if any(solve.caps.get(kind, math.inf) < cap for kind, cap in within.items()):
            continue
        if solve.solution.status == "infeasible":
            return True
        if has_plan(solve.solution) and all(
            counted_value(solve.solution, kind) <= cap + tolerance[kind] for kind, cap in within.items()
        ):
            return True
    return False


def _start_within(within: Mapping[str, float], search: FrontSearch) -> Any:
    """Return where to begin: the known plan within the caps with least of the first objective, if there is one."""
    first = search.objectives[0]
    fitting: list[FrontPoint] = [
        point for point in search.points if all(point.values[kind] <= cap for kind, cap in within.items())
    ]
    return min(fitting, key=lambda point: point.values[first]).solution.point if fitting else None
