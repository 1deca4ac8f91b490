"""A model as a matrix with named rows and columns, and solves of it with HiGHS.

What explains a plan asks for things that a modelling language hides: the price of a row, a copy of the problem whose
rows give way, the same problem with some integers released. Each is a few array operations here.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .plan import Status
from .presolve import run

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

Name = tuple[str, tuple[Hashable, ...]]
"""Of a row or column: its family in the model, and its index."""

EXACT_GAP = 1e-6
"""Relative gap of solves that tell one amount from another; ten times what HiGHS allows a row to be missed by."""


@dataclass(frozen=True, eq=False)
class Matrix:
    """A mixed-integer linear programme: least `cost x + offset` under row and column bounds."""

    rows: tuple[Name, ...]
    columns: tuple[Name, ...]
    coefficients: csr_array
    """Shape (row, column)."""
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    column_lower: NDArray[np.float64]
    column_upper: NDArray[np.float64]
    cost: NDArray[np.float64]
    """Shape (column,)."""
    offset: float
    integer: NDArray[np.bool_]
    """Shape (column,)."""

    def relaxed(self, released: NDArray[np.bool_] | None = None) -> Matrix:
        """Return the matrix without the integrality of the released columns; of all, without an argument."""
        keep = self.integer & ~released if released is not None else self.integer & False
        return replace(self, integer=keep)

    def fixed(self, columns: NDArray[np.bool_], values: NDArray[np.float64]) -> Matrix:
        """Return the matrix with some columns at given values; integers are rounded to the nearest whole number."""
        import numpy as np

        at = np.where(self.integer, np.round(values), values)
        return replace(
            self,
            column_lower=np.where(columns, at, self.column_lower),
            column_upper=np.where(columns, at, self.column_upper),
        )

    def is_whole(self, values: NDArray[np.float64]) -> bool:
        """Return whether integer columns have whole numbers, to the solver's 1e-6."""
        import numpy as np

        whole = values[self.integer]
        return bool(np.all(np.abs(whole - np.round(whole)) <= 1e-6))

    def extended(
        self,
        *,
        columns: tuple[Name, ...],
        column_lower: NDArray[np.float64],
        column_upper: NDArray[np.float64],
        column_integer: NDArray[np.bool_],
        entries: csr_array,
        rows: tuple[Name, ...] = (),
        row_lower: NDArray[np.float64] | None = None,
        row_upper: NDArray[np.float64] | None = None,
        row_entries: csr_array | None = None,
    ) -> Matrix:
        """Return the matrix with more columns at no cost, then more rows.

        `entries` has shape (row, new column); `row_entries` shape (new row, column and new column).
        """
        import numpy as np
        from scipy.sparse import csr_array, hstack, vstack

        joined = hstack([self.coefficients, entries], format="csr")
        if rows:
            joined = vstack([joined, row_entries], format="csr")
        return replace(
            self,
            rows=self.rows + rows,
            columns=self.columns + columns,
            coefficients=csr_array(joined),
            row_lower=np.concatenate([self.row_lower, row_lower]) if row_lower is not None else self.row_lower,
            row_upper=np.concatenate([self.row_upper, row_upper]) if row_upper is not None else self.row_upper,
            column_lower=np.concatenate([self.column_lower, column_lower]),
            column_upper=np.concatenate([self.column_upper, column_upper]),
            cost=np.concatenate([self.cost, np.zeros(len(columns))]),
            integer=np.concatenate([self.integer, column_integer]),
        )


@dataclass(frozen=True, eq=False)
class Solved:
    """What a solve of a matrix came to; without a solution `objective` is NaN and the arrays are empty."""

    status: Status
    objective: float
    bound: float
    values: NDArray[np.float64]
    """Of the columns."""
    prices: NDArray[np.float64]
    """What raising each column's bounds by one adds to the objective; only where there was no integer."""
    row_prices: NDArray[np.float64]
    """The same of the rows' bounds."""
    branch_nodes: int

    @property
    def found(self) -> bool:
        """Whether there is a solution."""
        return len(self.values) > 0


def matrix_of(model: Any) -> Matrix:
    """Return a Pyomo model with at most one active objective, to be minimised, as a matrix.

    Variables that are fixed become numbers. A row's family is its constraint's local name.
    """
    import numpy as np
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler
    from scipy.sparse import csr_array

    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    sense = np.array([kind for _, kind in form.rows], dtype=int)
    limit = np.asarray(form.rhs, dtype=float)
    bounds = [variable.bounds for variable in form.columns]
    return Matrix(
        rows=tuple(name_of(row) for row, _ in form.rows),
        columns=tuple(name_of(column) for column in form.columns),
        coefficients=csr_array(form.A),
        row_lower=np.where(sense <= 0, limit, -math.inf),
        row_upper=np.where(sense >= 0, limit, math.inf),
        column_lower=np.array([-math.inf if low is None else low for low, _ in bounds], dtype=float),
        column_upper=np.array([math.inf if high is None else high for _, high in bounds], dtype=float),
        cost=np.asarray(form.c.todense(), dtype=float).reshape(-1) if form.objectives else np.zeros(len(bounds)),
        offset=float(form.c_offset[0]) if form.objectives else 0.0,
        integer=np.array([variable.is_integer() for variable in form.columns], dtype=bool),
    )


def name_of(component: Any) -> Name:
    """Return the name of a Pyomo variable or constraint."""
    index = component.index()
    return component.parent_component().local_name, index if isinstance(index, tuple) else (index,)


def values_of(matrix: Matrix, values: Mapping[Name, float]) -> NDArray[np.float64]:
    """Return the values of a matrix's columns by name; 0 where there is none."""
    import numpy as np

    return np.array([values.get(name, 0.0) for name in matrix.columns], dtype=float)


def solve_matrix(
    matrix: Matrix,
    *,
    gap: float = EXACT_GAP,
    most_nodes: int = 100_000,
    seed: int = 0,
    most_rounds: int | None = None,
) -> Solved:
    """Return what HiGHS finds: one thread, no clock, ended by gap, nodes or rounds alone.

    `most_rounds` ends a search in whole numbers that has not left its root after so many of the solver's rounds of cuts
    and heuristics: nodes do not bound the work there, and a clock would make the outcome hang on the machine.

    Raises
    ------
    RuntimeError
        Where HiGHS refuses the matrix.
    """
    import highspy
    import numpy as np

    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", seed)
    solver.setOptionValue("mip_rel_gap", gap)
    solver.setOptionValue("mip_max_nodes", most_nodes)
    if solver.passModel(_highs(matrix)) == highspy.HighsStatus.kError:
        raise RuntimeError("HiGHS refuses the matrix")
    if most_rounds is not None and matrix.integer.any():
        rounds = 0

        def enough(event: Any) -> None:
            nonlocal rounds
            rounds += 1
            if rounds >= most_rounds and event.data_out.mip_node_count <= 1:
                event.interrupt()

        solver.cbMipInterrupt.subscribe(enough)
    run(solver, whole=bool(matrix.integer.any()))
    state = solver.getModelStatus()
    ends = highspy.HighsModelStatus
    ended: dict[Any, Status] = {ends.kOptimal: "optimal", ends.kInfeasible: "infeasible", ends.kUnbounded: "unbounded"}
    info = solver.getInfo()
    solution = solver.getSolution()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    integers = bool(matrix.integer.any())
    objective = float(info.objective_function_value) if found else math.nan
    return Solved(
        status=ended.get(state, "limit"),
        objective=objective,
        bound=float(info.mip_dual_bound) if integers else objective,
        values=np.array(solution.col_value, dtype=float) if found else np.empty(0),
        prices=np.array(solution.col_dual, dtype=float) if found and not integers else np.empty(0),
        row_prices=np.array(solution.row_dual, dtype=float) if found and not integers else np.empty(0),
        branch_nodes=max(0, int(info.mip_node_count)),
    )


def _highs(matrix: Matrix) -> Any:
    import highspy
    import numpy as np

    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.coefficients.shape
    lp.col_cost_, lp.offset_ = matrix.cost, matrix.offset
    lp.col_lower_, lp.col_upper_ = matrix.column_lower, matrix.column_upper
    lp.row_lower_, lp.row_upper_ = matrix.row_lower, matrix.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.num_row_, lp.a_matrix_.num_col_ = matrix.coefficients.shape
    lp.a_matrix_.start_ = matrix.coefficients.indptr.astype(np.int32)
    lp.a_matrix_.index_ = matrix.coefficients.indices.astype(np.int32)
    lp.a_matrix_.value_ = matrix.coefficients.data.astype(float)
    if matrix.integer.any():
        kinds = highspy.HighsVarType
        lp.integrality_ = [kinds.kInteger if each else kinds.kContinuous for each in matrix.integer]
    return lp
