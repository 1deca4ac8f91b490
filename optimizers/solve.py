"""HiGHS over a Pyomo model: compiled once, changed in place, solved again and again.

Pyomo compiles the model to a sparse matrix (`LinearStandardFormCompiler`), and HiGHS keeps it between solves: caps,
weights and bounds are changed there. (At 51,000 variables that costs 1.4 CPU-seconds once; Pyomo's own persistent
interface to HiGHS takes 4.5, for it walks every expression by itself.) Solves end on their gap or their number of
branch-and-bound nodes, never on the clock: the same model gives the same outcome on a slower machine.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .branching import CHOICES, LEAST_COLUMNS, LEAST_GAP, MOST_NODES, Branched, Branching
from .plan import Status
from .presolve import run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

UNLIMITED = math.inf
"""The bound of a row or variable that has none."""


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a solve came to, in the model's units. Without a plan `objective` is NaN and `columns` is None."""

    status: Status
    objective: float
    bound: float
    gap: float
    branch_nodes: int
    cpu_s: float
    columns: NDArray[np.float64] | None
    """The value of each column."""
    duals: NDArray[np.float64] | None = None
    """Of each row, of a relaxed solve: what one more of its right-hand side adds to the objective."""


class Solver:
    """HiGHS with a Pyomo model in it, one thread and a fixed seed.

    `ranks` says by a variable's identity how weighty an integer is for branching; see `Branching`.
    """

    def __init__(self, model: Any, *, seed: int = 0, ranks: Mapping[int, float] | None = None) -> None:
        import highspy
        import numpy as np
        from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

        compiled = LinearStandardFormCompiler().write(model, mixed_form=True)
        self.columns = compiled.columns
        self.column_of = {id(variable): place for place, variable in enumerate(self.columns)}
        self.row_of = {id(row.constraint): place for place, row in enumerate(compiled.rows)}
        self.rows = [row.constraint for row in compiled.rows]
        matrix = compiled.A.tocsc()
        kinds = np.array([row.bound_type for row in compiled.rows], dtype=np.int64)
        rhs = np.asarray(compiled.rhs, dtype=np.float64)
        made: Any = highspy.Highs  # published without types
        highs = self._highs = made()
        linear = highspy.HighsLp()
        linear.num_col_, linear.num_row_ = len(self.columns), len(self.rows)
        linear.col_cost_ = np.zeros(len(self.columns))
        lower, upper = zip(*(each.bounds for each in self.columns), strict=True)
        linear.col_lower_ = np.array([-highspy.kHighsInf if each is None else each for each in lower], dtype=np.float64)
        linear.col_upper_ = np.array([highspy.kHighsInf if each is None else each for each in upper], dtype=np.float64)
        linear.row_lower_ = np.where(kinds == 1, -highspy.kHighsInf, rhs)
        linear.row_upper_ = np.where(kinds == -1, highspy.kHighsInf, rhs)
        linear.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        linear.a_matrix_.start_ = matrix.indptr
        linear.a_matrix_.index_ = matrix.indices
        linear.a_matrix_.value_ = matrix.data
        self.integers = np.array([not each.is_continuous() for each in self.columns])
        whole, real = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
        linear.integrality_ = [whole if each else real for each in self.integers]
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("random_seed", seed)
        highs.passModel(linear)
        self._ranks = ranks or {}

    def cost(self, variable: Any, coefficient: float) -> None:
        """Set what a variable adds to the objective."""
        self._highs.changeColCost(self.column_of[id(variable)], coefficient)

    def bounds(self, variable: Any, lower: float, upper: float) -> None:
        """Set a variable's bounds, here alone: the Pyomo model keeps its own."""
        self._highs.changeColBounds(self.column_of[id(variable)], lower, upper)

    def coefficient(self, constraint: Any, variable: Any, value: float) -> None:
        """Set a coefficient of a row."""
        self._highs.changeCoeff(self.row_of[id(constraint)], self.column_of[id(variable)], value)

    def row_bounds(self, constraint: Any, lower: float, upper: float) -> None:
        """Set a row's bounds."""
        self._highs.changeRowBounds(self.row_of[id(constraint)], lower, upper)

    def fix(self, variables: Iterable[Any], values: NDArray[np.float64]) -> None:
        """Fix variables at their values in a solution, integers rounded."""
        for variable in variables:
            place = self.column_of.get(id(variable))
            if place is not None:
                value = float(values[place])
                value = float(round(value)) if self.integers[place] else value
                self._highs.changeColBounds(place, value, value)

    def free(self, variables: Iterable[Any]) -> None:
        """Give variables back the bounds that they have in the Pyomo model."""
        for variable in variables:
            if id(variable) in self.column_of:
                lower, upper = variable.bounds
                self.bounds(variable, -UNLIMITED if lower is None else lower, UNLIMITED if upper is None else upper)

    def relax(self, variables: Iterable[Any], *, relaxed: bool) -> None:
        """Let integer variables be real, or make them integer again."""
        import highspy

        kind = highspy.HighsVarType.kContinuous if relaxed else highspy.HighsVarType.kInteger
        for variable in variables:
            place = self.column_of.get(id(variable))
            if place is not None and self.integers[place]:
                self._highs.changeColIntegrality(place, kind)

    def solve(
        self,
        *,
        gap: float,
        most_nodes: int,
        start: NDArray[np.float64] | None = None,
        relaxed: bool = False,
    ) -> Outcome:
        """Solve; `start` is a solution to begin from. `relaxed` solves the linear relaxation, which has duals."""
        import highspy

        highs = self._highs
        # What a solve finds must not hang on the solves before it.
        highs.clearSolver()
        highs.setOptionValue("mip_rel_gap", gap)
        highs.setOptionValue("mip_max_nodes", most_nodes)
        highs.setOptionValue("solve_relaxation", relaxed)
        before_s = time.process_time()
        if start is None and not relaxed and gap >= LEAST_GAP and self._is_large(most_nodes):
            branched = self._branching().run(gap)
            start = branched.columns
            if start is not None and branched.objective - branched.bound <= gap * abs(branched.objective):
                return self._branched(branched, time.process_time() - before_s)
            highs.setOptionValue("mip_rel_gap", gap)
            highs.setOptionValue("mip_max_nodes", most_nodes)
        if start is not None and not relaxed:
            given = highspy.HighsSolution()
            given.col_value = list(start)
            highs.setSolution(given)
        run(highs, whole=not relaxed)
        return self._outcome(time.process_time() - before_s, relaxed=relaxed)

    def _is_large(self, most_nodes: int) -> bool:
        """Whether to branch on choices first: not where less is allowed than that may take."""
        return len(self.columns) >= LEAST_COLUMNS and most_nodes >= MOST_NODES

    def _branching(self) -> Branching:
        import highspy
        import numpy as np

        # Some may be real for now: see `relax`. What stands of whole orders is whole too, unless these are not.
        kinds = self._highs.getLp().integrality_
        integer = np.array([kind == highspy.HighsVarType.kInteger for kind in kinds])
        ranked = np.array([id(each) in self._ranks for each in self.columns])
        whole = np.nonzero(integer | ranked if np.array_equal(integer, self.integers) else integer)[0]
        ranks = [self._ranks.get(id(self.columns[place]), float(len(CHOICES))) for place in whole]
        return Branching(self._highs, whole.astype(np.int64), np.array(ranks, dtype=np.float64))

    def _branched(self, found: Branched, cpu_s: float) -> Outcome:
        gap = (found.objective - found.bound) / abs(found.objective) if found.objective else 0.0
        return Outcome("optimal", found.objective, found.bound, gap, found.nodes, cpu_s, found.columns)

    def _outcome(self, cpu_s: float, *, relaxed: bool) -> Outcome:
        import highspy
        import numpy as np

        highs = self._highs
        status, info, solution = highs.getModelStatus(), highs.getInfo(), highs.getSolution()
        branch_nodes = max(int(info.mip_node_count), 0)
        statuses = highspy.HighsModelStatus
        if status in {statuses.kInfeasible, statuses.kUnbounded, statuses.kUnboundedOrInfeasible}:
            name: Status = "unbounded" if status == statuses.kUnbounded else "infeasible"
            return Outcome(name, math.nan, math.nan, math.nan, branch_nodes, cpu_s, None)
        has_plan = info.primal_solution_status == 2
        linear = relaxed or not self.integers.any()
        objective = float(info.objective_function_value) if has_plan else math.nan
        bound = objective if linear and status == statuses.kOptimal else float(info.mip_dual_bound)
        gap = abs(objective - bound) / abs(objective) if objective else abs(objective - bound)
        columns = np.array(solution.col_value) if has_plan else None
        duals = np.array(solution.row_dual) if linear and solution.dual_valid else None
        name = "optimal" if status == statuses.kOptimal else "limit"
        return Outcome(name, objective, bound, gap, branch_nodes, cpu_s, columns, duals)
