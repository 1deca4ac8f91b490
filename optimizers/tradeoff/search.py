"""A search for a front under way: the points it has, what they and the solver's bounds decide, and what it cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..solution import Solvable
from .caps import CappedSolve, minimise_under_caps
from .front import Front, FrontPoint, has_plan, without_dominated, worse_status
from .payoff import Payoff
from .undecided import Undecided


class FrontSearch:
    """Points and proofs so far, from a payoff table on. Positions are shares of the way from ideal to nadir."""

    def __init__(
        self, model: Solvable, payoff: Payoff, *, caps: Mapping[str, float] | None, resolution: float, gap: float | None
    ) -> None:
        self.model, self.payoff, self.caps, self.gap = model, payoff, dict(caps or {}), gap
        self.objectives = payoff.objectives
        self.width = payoff.width
        self.resolution = resolution
        self.undecided = Undecided(len(self.objectives))
        self.solves = payoff.solves
        self.statuses = [payoff.status]
        self.points: tuple[FrontPoint, ...] = ()
        self._keep(*payoff.points)
        for row in payoff.rows:
            for stage in row.stages:
                self._prove(stage.objective, stage.caps, stage.solution.bound)

    def position(self, point: FrontPoint) -> tuple[float, ...]:
        return tuple(self.share_of(kind, point.values[kind]) for kind in self.objectives)

    @property
    def positions(self) -> list[tuple[float, ...]]:
        return [self.position(point) for point in self.points]

    def share_of(self, kind: str, value: float) -> float:
        return (value - self.payoff.ideal[kind]) / self.width[kind]

    def value_at(self, kind: str, share: float) -> float:
        return self.payoff.ideal[kind] + share * self.width[kind]

    def solve(self, objective: str, caps: Mapping[str, float], augmentation: float, start: Any) -> CappedSolve:
        """Minimise one objective under caps on the others, and keep what that shows."""
        solve = minimise_under_caps(
            self.model,
            objective,
            caps,
            self.width,
            augmentation=augmentation,
            also=self.caps,
            start=start,
            gap=self.gap,
        )
        self.solves += 1
        self.statuses.append(solve.solution.status)
        # Where a plan is known to be within the caps, "infeasible" tells of the solver's tolerances, not of plans.
        if start is None or solve.solution.status != "infeasible":
            self._prove(objective, solve.caps, solve.least)
        if has_plan(solve.solution):
            self._keep(FrontPoint.of(solve.solution, self.objectives))
        return solve

    def anytime_gap(self) -> float:
        return self.undecided.share(self.positions)

    def front(self) -> Front:
        """Return what is known by now."""
        objectives = self.objectives
        boxes = self.undecided.boxes(self.positions) if len(objectives) == 2 else []
        return Front(
            objectives,
            self.points,
            self.payoff.ideal,
            self.payoff.nadir,
            self.anytime_gap(),
            self.solves,
            worse_status(self.statuses),
            tuple((self._values(lower), self._values(upper)) for lower, upper in boxes),
        )

    def _values(self, shares: tuple[float, ...]) -> Mapping[str, float]:
        return {kind: self.value_at(kind, share) for kind, share in zip(self.objectives, shares, strict=True)}

    def _keep(self, *points: FrontPoint) -> None:
        tolerance = {kind: self.resolution * self.width[kind] for kind in self.objectives}
        self.points = without_dominated((*self.points, *points), tolerance)

    def _prove(self, objective: str, caps: Mapping[str, float], least: float) -> None:
        """Keep that no plan within the caps has less of the objective; one without a cap counts up to its nadir."""
        corner = {kind: self.share_of(kind, caps[kind]) if kind in caps else 1.0 for kind in self.objectives}
        corner[objective] = self.share_of(objective, least)
        if all(share > 0.0 for share in corner.values()):  # False for NaN too
            self.undecided.prove_empty_below(tuple(corner.values()))


def no_front(payoff: Payoff) -> Front:
    """Return the front where there is no plan: nothing is decided."""
    return Front(payoff.objectives, (), {}, {}, 1.0, payoff.solves, payoff.status)
