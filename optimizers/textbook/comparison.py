"""The ways to reduce nodes to a total beside each other, and what tells them apart, in numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gradient_descent import descend_on_total
from .mixed_integer import switched_plan
from .projected_gradient import Descent, projected_gradient
from .reduction import Reduction

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one way came to."""

    name: str
    plan: bool
    """Whether the way defines a plan: the same from every start."""
    rates: Array
    """Shape (node,) [GFLOP/s]."""
    on: NDArray[np.bool_]
    """Shape (node,)."""
    total: float
    """[GFLOP/s]."""
    cost: float
    power_w: float
    cost_with_power: float
    within_limits: bool
    """Whether every rate is between 0 and the node's present rate."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Every way's outcome, and what they show."""

    optimum: Outcome
    gradient: Outcome
    descent: Descent
    pieces: Outcome
    switched: Outcome
    error_bound: float
    """What the pieces are off by at most, of a whole plan's cost."""
    plain: tuple[Outcome, ...]
    """Plain descent on the total alone."""

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """All of them, plans first."""
        return (self.optimum, self.gradient, self.pieces, self.switched, *self.plain)

    @property
    def explanation(self) -> tuple[str, ...]:
        """What the numbers show, a statement each."""
        best, apart = self.optimum.cost, self._greatest_difference()
        said = [
            f"Projected gradient comes to the optimum (steps: {self.descent.steps}), no rate off by more than "
            f"{np.abs(self.gradient.rates - self.optimum.rates).max():.1e} GFLOP/s. Any start and any step length that "
            "converges lead there: the cost is strictly convex, the plans' set is convex.",
            f"The linear program costs {self.pieces.cost - best:,.0f} more than the optimum's {best:,.0f}: its pieces "
            f"are off by at most {self.error_bound:,.0f} for a whole plan, so that twice that is allowed.",
            f"Plain gradient descent minimises (sum of rates - {self.optimum.total:,.0f})^2, which is 0 for every plan "
            "with this total. It stops at the first that it meets: what is given up is shared out in proportion to the "
            f"learning rates, from wherever it started. The {len(self.plain)} runs here all compute "
            f"{self.optimum.total:,.0f} GFLOP/s, differ by up to {apart:,.0f} GFLOP/s in one node, and cost "
            f"{', '.join(f'{run.cost:,.0f}' for run in self.plain)}; the least within limits is {best:,.0f}. "
            "A learning rate decides how fast a method gets somewhere; here it decides where. That is no plan.",
        ]
        outside = sum(not run.within_limits for run in self.plain)
        if outside:
            said.append(f"Runs that end with a rate below 0 or above what the node can do: {outside}.")
        off = int((~self.switched.on).sum())
        if off and self.switched.cost_with_power < self.optimum.cost_with_power:
            said.append(
                f"With every node on, power depends on the total alone ({self.optimum.power_w:,.0f} W): no gradient "
                "prefers one plan to another. Only the program with binary variables sees that nodes can be off, here "
                f"{off}: that draws {self.switched.power_w:,.0f} W and costs {self.switched.cost_with_power:,.0f} with "
                f"power, against {self.optimum.cost_with_power:,.0f}."
            )
        else:
            said.append("At what a watt costs here, no node is worth switching off.")
        return tuple(said)

    def _greatest_difference(self) -> float:
        rates = np.array([run.rates for run in self.plain])
        return float((rates.max(axis=0) - rates.min(axis=0)).max())


def compare(case: Reduction, *, learning_rates: Array, breakpoints: int) -> Comparison:
    """Return what every way comes to for a case.

    Plain descent runs three times: with the mean of the learning rates (shape (node,)) for every node, with each node's
    own, and so again from a start at which the last node computes half. Raises ValueError where a way can not be gone.
    """
    descent = projected_gradient(case)
    pieces = switched_plan(case, breakpoints=breakpoints, switching=False)
    switched = switched_plan(case, breakpoints=breakpoints, switching=True)
    elsewhere = case.present.copy()
    elsewhere[-1] *= 0.5
    alike = np.full_like(learning_rates, learning_rates.mean())
    runs = {
        "descent, equal pace": (case.present, alike),
        "descent, own pace": (case.present, learning_rates),
        "descent, other start": (elsewhere, learning_rates),
    }
    return Comparison(
        optimum=_outcome(case, "optimum", case.optimum()),
        gradient=_outcome(case, "projected gradient", descent.rates),
        descent=descent,
        pieces=_outcome(case, "linear program", pieces.rates),
        switched=_outcome(case, "nodes may be off", switched.rates, switched.on),
        error_bound=pieces.error_bound,
        plain=tuple(
            _outcome(case, name, descend_on_total(start, pace, case.total).rates, plan=False)
            for name, (start, pace) in runs.items()
        ),
    )


def _outcome(
    case: Reduction, name: str, rates: Array, on: NDArray[np.bool_] | None = None, *, plan: bool = True
) -> Outcome:
    on = np.ones(rates.size, dtype=bool) if on is None else on
    cost, power_w = case.cost(rates), case.power_w(rates, on)
    inside = bool(((rates >= 0.0) & (rates <= case.present)).all())
    total = math.fsum(rates.tolist())
    return Outcome(name, plan, rates, on, total, cost, power_w, cost + case.watt_cost * power_w, inside)
