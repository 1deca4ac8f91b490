"""A front of plans: points that no other point betters in every objective, and what is not known of it. Pure data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..plan import Status
from ..solution import Solution

COUNTED_WITH = {"cost": "unserved_usd"}
"""What is minimised along with an objective and reported apart: work that is left undone has its price. An axis has the
sum, since bounds are of the sum."""


@dataclass(frozen=True)
class FrontPoint:
    """A plan among others."""

    values: Mapping[str, float]
    """What each objective comes to on the front's axes."""
    gap: float
    """The greatest relative gap of the solves that it comes from."""
    solution: Solution

    @classmethod
    def of(cls, solution: Solution, objectives: Sequence[str], *earlier: Solution) -> FrontPoint:
        """Return the point of a solution that has a plan; `earlier` solves set its caps."""
        values = {kind: counted_value(solution, kind) for kind in objectives}
        return cls(values, max(each.gap for each in (solution, *earlier)), solution)


@dataclass(frozen=True)
class Front:
    """Points of which none is at least as good as another in every objective, by the first objective."""

    objectives: tuple[str, ...]
    points: tuple[FrontPoint, ...]
    ideal: Mapping[str, float]
    """Each objective's least possible value, as far as it is proved: no plan is below."""
    nadir: Mapping[str, float]
    """Each objective's greatest value among the plans that are best in another one (an estimate from below where there
    are more than two objectives)."""
    anytime_gap: float
    """Share of the volume between ideal and nadir that is neither bettered by a point nor proved to be empty."""
    solves: int
    status: Status = "optimal"
    """`optimal`: every point within the gap asked for. `limit`: a solve ran into its limit of nodes or iterations.
    Without points: why the first solve gave none."""
    undecided: tuple[tuple[Mapping[str, float], Mapping[str, float]], ...] = ()
    """Lower and upper corner of each box that the anytime gap counts; of two objectives alone."""


def counted_value(solution: Solution, kind: str) -> float:
    """Return what an objective comes to, with what is minimised along with it."""
    beside = COUNTED_WITH.get(kind)
    return solution.values[kind] + (solution.values.get(beside, 0.0) if beside else 0.0)


def has_plan(solution: Solution) -> bool:
    """Return whether a solve came to a plan at all."""
    return bool(solution.values)


def without_dominated(points: Iterable[FrontPoint], tolerance: Mapping[str, float]) -> tuple[FrontPoint, ...]:
    """Return the points that are better than each other one kept by more than `tolerance` in some objective.

    Duplicates and dominated points go. They come in order of the first objective of `tolerance`, then the next.
    """
    kinds = tuple(tolerance)
    kept: list[FrontPoint] = []
    for point in sorted(points, key=lambda each: tuple(each.values[kind] for kind in kinds)):
        if not any(all(one.values[kind] <= point.values[kind] + tolerance[kind] for kind in kinds) for one in kept):
            kept.append(point)
    return tuple(kept)


def worse_status(statuses: Iterable[Status]) -> Status:
    """Return `limit` where any solve ran into its limit, `optimal` otherwise."""
    return "limit" if "limit" in set(statuses) else "optimal"
