"""The payoff table: where each objective at its best leaves the others. It spans the space in which fronts lie."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..plan import Status
from ..solution import Solvable
from .front import FrontPoint, worse_status
from .lexicographic import USUAL_SLACK, Lexicographic, known, lexicographic


@dataclass(frozen=True)
class Payoff:
    """A row an objective: that one first, then the others in their order."""

    objectives: tuple[str, ...]
    rows: tuple[Lexicographic, ...]
    """Only the first where it has no plan. A later one that ran into its limit may be without."""
    ideal: Mapping[str, float]
    """Each objective's bound (its best value where the solver gave no bound). Empty without a plan."""
    nadir: Mapping[str, float]
    """Each objective's greatest value in the rows. Exact for two objectives, to within the gaps; for more the efficient
    plans may reach further."""

    @property
    def solves(self) -> int:
        """How many solves it took: as many as there are objectives, squared."""
        return sum(len(row.stages) for row in self.rows)

    @property
    def status(self) -> Status:
        """`optimal`, `limit`, or why there is no plan."""
        if not self.points:
            return self.rows[0].status
        return worse_status(row.status for row in self.rows)

    @property
    def points(self) -> tuple[FrontPoint, ...]:
        """The rows' plans."""
        found = (row.point for row in self.rows)
        return tuple(
            FrontPoint({kind: point.values[kind] for kind in self.objectives}, point.gap, point.solution)
            for point in found
            if point is not None
        )

    @property
    def width(self) -> Mapping[str, float]:
        """How far each objective ranges, > 0. Where it hardly does, what the solver can not tell from nothing."""
        return {
            kind: max(
                self.nadir[kind] - self.ideal[kind],
                USUAL_SLACK * max(abs(self.nadir[kind]), abs(self.ideal[kind])),
                USUAL_SLACK**2,
            )
            for kind in self.objectives
        }


def payoff_table(
    model: Solvable,
    objectives: Sequence[str],
    *,
    caps: Mapping[str, float] | None = None,
    start: Any = None,
    gap: float | None = None,
) -> Payoff:
    """Return the payoff table of objectives under caps.

    Rows are lexicographic (Mavrotas 2009, section 2.2): a plan that is best in one objective alone may be far worse in
    the others than it need be, and the nadir with it. Raises ValueError as `lexicographic` does.
    """
    kinds = tuple(objectives)
    known(model, kinds)
    rows: list[Lexicographic] = []
    for first in kinds:
        order = (first, *(kind for kind in kinds if kind != first))
        rows.append(lexicographic(model, order, caps=caps, start=start, gap=gap))
        point = rows[-1].point
        if point is not None:
            start = point.solution.point
        elif len(rows) == 1:
            return Payoff(kinds, tuple(rows), {}, {})
    table = Payoff(kinds, tuple(rows), {}, {})
    ideal = {}
    for kind, row in zip(kinds, rows, strict=True):
        least = min(point.values[kind] for point in table.points)
        bound = row.stages[0].solution.bound
        ideal[kind] = min(least, bound) if math.isfinite(bound) else least
    nadir = {kind: max(point.values[kind] for point in table.points) for kind in kinds}
    return Payoff(kinds, tuple(rows), ideal, nadir)
