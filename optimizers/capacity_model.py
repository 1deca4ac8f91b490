"""The capacity plan as a model that is built once and solved under many weights, caps and targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .objectives.objective import objectives
from .reading.plans import plan_of
from .solution import Solution
from .solve import UNLIMITED, Outcome, Solver

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .formulation.terms import Terms
    from .instance.instance import Instance
    from .plan import Plan


_WITHOUT_TARGET = 1e30
"""Keeps a row in the model that binds only where a target is given; Pyomo drops rows without any bound."""


@dataclass(frozen=True)
class Relaxation:
    """The linear relaxation's outcome, or that of the plan's linear part with its integers fixed."""

    solution: Solution
    duals: Mapping[str, Mapping[Any, float]]
    """By family and row: what one more of the row's right-hand side adds to the objective, in the objective's unit.
    Rows are in MW, MWh, thousands of USD, tonnes and thousands of m3."""


class CapacityModel:
    """A `Solvable` capacity plan. `model` is its Pyomo model: families of rows by name, indexed by readable names."""

    def __init__(self, instance: Instance) -> None:
        from pyomo.common.gc_manager import PauseGC

        from .formulation.build import formulate
        from .formulation.ranks import ranks

        self.instance = instance
        self._kinds = objectives()
        self._terms: dict[str, Terms] = {}
        self._penalties: dict[str, Terms] = {}
        # A model is many small objects that live as long as it does: looking among them for garbage is wasted time.
        with PauseGC():
            self.formulation = formulate(instance)
            self.model = self.formulation.model
            self._add_objectives()
            self.solver = Solver(self.model, seed=instance.seed, ranks=ranks(self.formulation))
        self._arrays: dict[int, tuple[Terms, NDArray[np.float64], NDArray[np.int64]]] = {}

    @property
    def objectives(self) -> tuple[str, ...]:
        """The kinds of objectives, in their usual order."""
        return tuple(self._kinds)

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
        """Return the solution that minimises the weighted sum of objectives, or the distance from a target.

        See `Solvable.minimise`. What unserved work costs is added with the weight of `cost`, and to `cost` where that
        has a target; a cap on `cost` is on the five groups alone. Caps of the instance hold beside those given.
        `values` also holds `unserved_usd`.

        Raises
        ------
        ValueError
            A weight, cap or target is of no objective that there is.
        """
        factor = self._aim(weights, caps or {}, target or {}, scales or {})
        outcome = self.solver.solve(
            gap=self.instance.gap if gap is None else gap, most_nodes=self.instance.most_nodes, start=start
        )
        return self._solution(outcome, factor)

    def relaxed(
        self,
        weights: Mapping[str, float] | None = None,
        *,
        caps: Mapping[str, float] | None = None,
        fixed_at: Any = None,
    ) -> Relaxation:
        """Return the linear relaxation with its duals; with integers fixed at a solution's `point`, that plan's."""
        factor = self._aim(weights or {self.instance.objective: 1.0}, caps or {}, {}, {})
        whole = [each for each, integer in zip(self.solver.columns, self.solver.integers, strict=True) if integer]
        if fixed_at is not None:
            self.solver.fix(whole, fixed_at)
        outcome = self.solver.solve(gap=self.instance.gap, most_nodes=self.instance.most_nodes, relaxed=True)
        if fixed_at is not None:
            self.solver.free(whole)
        duals: dict[str, dict[Any, float]] = {}
        if outcome.duals is not None:
            for row, dual in zip(self.solver.rows, outcome.duals.tolist(), strict=True):
                duals.setdefault(row.parent_component().name, {})[row.index()] = dual * factor
        return Relaxation(self._solution(outcome, factor), duals)

    def solve(self, *, start: Any = None, gap: float | None = None) -> Solution:
        """Return the solution that minimises the instance's own objective."""
        return self.minimise({self.instance.objective: 1.0}, start=start, gap=gap)

    def plan(self, solution: Solution) -> Plan:
        """Return the plan that a solution stands for; without one, a plan whose numbers are NaN."""
        if solution.point is not None:
            self.load(solution.point)
        return plan_of(self.formulation, self.objectives, solution)

    def integers_of(self, quarter: int | None) -> list[Any]:
        """Return the integer variables of a quarter; of None those that hold for all quarters, such as modes."""
        chosen = []
        for name, variables in self.formulation.found.items():
            dimensions = self.formulation.dimensions[name]
            place = dimensions.find("t")
            if (place < 0) != (quarter is None):
                continue
            for key, variable in variables.items():
                # Some families lend their variables to others under another name.
                if variable.parent_component().name != name:
                    continue
                if not variable.is_continuous() and (quarter is None or key[place] == quarter):
                    chosen.append(variable)
        return chosen

    def load(self, point: NDArray[np.float64]) -> None:
        """Give the Pyomo model's variables their values in a solution; those that no row knows stay 0."""
        for variable, value in zip(self.solver.columns, point.tolist(), strict=True):
            variable.set_value(value, skip_validation=True)

    def read(self, terms: Terms, point: NDArray[np.float64]) -> float:
        """Return the value of a sum in a solution."""
        import numpy as np

        if id(terms) not in self._arrays:
            known = [
                (coefficient, self.solver.column_of[id(variable)])
                for coefficient, variable in zip(terms.coefficients, terms.variables, strict=True)
                if id(variable) in self.solver.column_of
            ]
            factors = np.array([each for each, _ in known], dtype=np.float64)
            self._arrays[id(terms)] = terms, factors, np.array([each for _, each in known], dtype=np.int64)
        _, factors, places = self._arrays[id(terms)]
        return terms.constant + float(factors @ point[places])

    def _add_objectives(self) -> None:
        """Add a variable for each objective, so that a cap is its bound and a weight its cost.

        The instance's own caps are bounds of the model from the start: who reads the model past this class finds all of
        the plan's limits in it.
        """
        import pyomo.environ as pyo

        model = self.model
        model.value = pyo.Var(list(self._kinds), initialize=0.0)
        model.penalty = pyo.Var(list(self._kinds), initialize=0.0)
        model.worst = pyo.Var(initialize=0.0)
        model.value_of = pyo.Constraint(pyo.Any)
        model.penalty_of = pyo.Constraint(pyo.Any)
        model.reach = pyo.Constraint(pyo.Any)
        model.group = pyo.Expression(pyo.Any)
        model.weight = pyo.Param(list(self._kinds), initialize=0.0, mutable=True)
        for kind, objective in self._kinds.items():
            terms = self._terms[kind] = objective.terms(self.formulation)
            if kind in self.instance.caps:
                model.value[kind].setub(self.instance.caps[kind] / objective.scale)
            model.value_of.add(kind, (_less(terms, model.value[kind]), -terms.constant))
            penalty = objective.penalty(self.formulation)
            if penalty:
                self._penalties[kind] = penalty
                model.penalty_of.add(kind, (_less(penalty, model.penalty[kind]), -penalty.constant))
            else:
                model.penalty[kind].fix(0.0)
            model.reach.add(kind, (None, model.value[kind] + model.penalty[kind] - model.worst, _WITHOUT_TARGET))
        model.weight[self.instance.objective] = 1.0
        model.aim = pyo.Objective(
            expr=sum(model.weight[kind] * (model.value[kind] + model.penalty[kind]) for kind in self._kinds)
        )

    def _aim(
        self,
        weights: Mapping[str, float],
        caps: Mapping[str, float],
        target: Mapping[str, float],
        scales: Mapping[str, float],
    ) -> float:
        """Set costs, caps and targets; return what 1 of the model's objective is in the unit of what is minimised."""
        self._check((*weights, *caps, *target))
        model, solver = self.model, self.solver
        rates = {kind: weights.get(kind, 0.0) * objective.scale for kind, objective in self._kinds.items()}
        factor = max([abs(rate) for rate in rates.values()] + ([1.0] if target else [])) or 1.0
        for kind, objective in self._kinds.items():
            solver.cost(model.value[kind], rates[kind] / factor)
            model.weight[kind] = rates[kind] / factor
            if kind in self._penalties:
                solver.cost(model.penalty[kind], rates[kind] / factor)
            cap = min(caps.get(kind, math.inf), self.instance.caps.get(kind, math.inf))
            upper = cap / objective.scale if math.isfinite(cap) else UNLIMITED
            solver.bounds(model.value[kind], -UNLIMITED, upper)
            if kind in target:
                step = (scales.get(kind) or 1.0) / objective.scale
                solver.coefficient(model.reach[kind], model.worst, -step)
                solver.row_bounds(model.reach[kind], -UNLIMITED, target[kind] / objective.scale)
            else:
                solver.row_bounds(model.reach[kind], -UNLIMITED, UNLIMITED)
        solver.cost(model.worst, 1.0 / factor if target else 0.0)
        solver.bounds(model.worst, -UNLIMITED if target else 0.0, UNLIMITED if target else 0.0)
        return factor

    def _check(self, kinds: Iterable[str]) -> None:
        for kind in kinds:
            if kind not in self._kinds:
                raise ValueError(f"there is no objective '{kind}'; there are {', '.join(self._kinds)}")

    def _solution(self, outcome: Outcome, factor: float) -> Solution:
        values: dict[str, float] = {}
        if outcome.columns is not None:
            point = outcome.columns
            for kind, objective in self._kinds.items():
                values[kind] = objective.value(
                    self.formulation, self._terms[kind], lambda terms: self.read(terms, point)
                )
            penalty = self._penalties.get("cost")
            values["unserved_usd"] = 0.0 if penalty is None else self.read(penalty, point) * self._kinds["cost"].scale
        return Solution(
            status=outcome.status,
            objective=outcome.objective * factor,
            bound=outcome.bound * factor,
            gap=outcome.gap,
            values=values,
            branch_nodes=outcome.branch_nodes,
            solve_cpu_s=outcome.cpu_s,
            point=outcome.columns,
        )


def solved(instance: Instance) -> Plan:
    """Return the plan that minimises an instance's objective."""
    model = CapacityModel(instance)
    return model.plan(model.solve())


def _less(terms: Terms, variable: Any) -> Any:
    from .formulation.terms import Terms

    row = Terms()
    row.coefficients = [*terms.coefficients, -1.0]
    row.variables = [*terms.variables, variable]
    return row.expression()
