"""Models to trade objectives off in, whose whole front is known: a list of points, and a program with whole numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from optimizers.plan import Status
from optimizers.solution import Solution


def efficient(points: Sequence[tuple[float, ...]]) -> set[tuple[float, ...]]:
    """Return the points that no other betters, each against each."""
    return {
        point
        for point in points
        if not any(other != point and all(o <= p for o, p in zip(other, point, strict=True)) for other in points)
    }


@dataclass
class ListedPoints:
    """Every plan is a listed point. With a gap the solver stops at a plan and a bound drawn within it."""

    points: Sequence[tuple[float, ...]]
    objectives: tuple[str, ...] = ("cost", "carbon")
    relative_gap: float = 0.0
    seed: int = 0
    give_up_at: frozenset[int] = frozenset()
    """Solves, by number, that run into their limit without a plan."""
    deny_at: frozenset[int] = frozenset()
    """Solves, by number, that call it infeasible though they are given a plan to begin from."""
    calls: list[Mapping[str, Any]] = field(default_factory=list)

    def minimise(
        self,
        weights: Mapping[str, float],
        *,
        caps: Mapping[str, float] | None = None,
        target: Mapping[str, float] | None = None,
        scales: Mapping[str, float] | None = None,
        start: Any = None,
        gap: float | None = None,
    ) -> Solution:
        self.calls.append({"weights": dict(weights), "caps": dict(caps or {}), "start": start})
        if len(self.calls) in self.give_up_at:
            return Solution("limit", math.nan, -math.inf, math.nan, {}, 1, 0.0)
        if len(self.calls) in self.deny_at and start is not None:
            return Solution("infeasible", math.nan, math.nan, math.nan, {}, 1, 0.0)
        at = {kind: axis for axis, kind in enumerate(self.objectives)}
        allowed = [p for p in self.points if all(p[at[kind]] <= cap for kind, cap in (caps or {}).items())]
        if start is not None:
            assert start in allowed, "a start must be within the caps"
        if not allowed:
            return Solution("infeasible", math.nan, math.nan, math.nan, {}, 1, 0.0)

        def worth(point: tuple[float, ...]) -> float:
            total = math.fsum(weight * point[at[kind]] for kind, weight in weights.items())
            if target is not None:
                assert scales is not None
                total += max((point[at[kind]] - value) / scales[kind] for kind, value in target.items())
            return total

        least = min(worth(point) for point in allowed)
        relative = self.relative_gap if gap is None else gap
        random = np.random.default_rng((self.seed, len(self.calls)))
        within = [p for p in allowed if worth(p) - least <= relative * abs(worth(p)) * random.uniform() or p == start]
        within = [p for p in within if worth(p) - least <= relative * abs(worth(p))] or [min(allowed, key=worth)]
        found = within[int(random.integers(len(within)))] if relative else min(allowed, key=worth)
        lowest = worth(found) - relative * abs(worth(found))
        bound = min(least, lowest + random.uniform() * (least - lowest)) if relative else least
        reached = (worth(found) - bound) / abs(worth(found)) if worth(found) != bound else 0.0
        return Solution("optimal", worth(found), bound, reached, self._values(found), 1, 0.0, found)

    def _values(self, point: tuple[float, ...]) -> Mapping[str, float]:
        return dict(zip(self.objectives, point, strict=True))


@dataclass
class WholeNumbers:
    """min C x over whole x within bounds and A x <= b, by scipy's HiGHS."""

    costs: np.ndarray[Any, np.dtype[np.float64]]
    """Shape (objective, variable)."""
    rows: np.ndarray[Any, np.dtype[np.float64]]
    limits: np.ndarray[Any, np.dtype[np.float64]]
    upper: int = 1
    objectives: tuple[str, ...] = ("cost", "carbon")
    solves: int = 0

    def minimise(
        self,
        weights: Mapping[str, float],
        *,
        caps: Mapping[str, float] | None = None,
        target: Mapping[str, float] | None = None,
        scales: Mapping[str, float] | None = None,
        start: Any = None,
        gap: float | None = None,
    ) -> Solution:
        from scipy.optimize import Bounds, LinearConstraint, milp

        assert target is None and scales is None
        assert start is None or (self.rows @ start <= self.limits + 1e-9).all()
        self.solves += 1
        at = {kind: axis for axis, kind in enumerate(self.objectives)}
        minimised = sum(weight * self.costs[at[kind]] for kind, weight in weights.items())
        rows = np.vstack([self.rows, *(self.costs[at[kind]] for kind in caps or {})])
        limits = np.append(self.limits, list((caps or {}).values()))
        outcome = milp(
            minimised,
            constraints=LinearConstraint(rows, ub=limits),
            bounds=Bounds(0, self.upper),
            integrality=np.ones(self.costs.shape[1]),
            options={"mip_rel_gap": gap or 0.0},
        )
        if outcome.x is None:
            status: Status = "infeasible" if outcome.status == 2 else "limit"
            return Solution(status, math.nan, math.nan, math.nan, {}, 1, 0.0)
        values = self.costs @ np.round(outcome.x)
        return Solution(
            "optimal",
            float(outcome.fun),
            float(outcome.mip_dual_bound),
            float(outcome.mip_gap),
            dict(zip(self.objectives, map(float, values), strict=True)),
            1,
            0.0,
            tuple(np.round(outcome.x)),
        )

    def all_points(self) -> list[tuple[float, ...]]:
        """Return what every feasible x comes to, by enumeration."""
        variables = self.costs.shape[1]
        every = np.stack(np.meshgrid(*[np.arange(self.upper + 1)] * variables, indexing="ij"), -1).reshape(
            -1, variables
        )
        feasible = every[(every @ self.rows.T <= self.limits + 1e-9).all(axis=1)]
        return [tuple(map(float, row)) for row in feasible @ self.costs.T]
