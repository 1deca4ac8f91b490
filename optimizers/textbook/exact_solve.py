"""A small Pyomo model solved to no gap."""

from __future__ import annotations

from typing import Any


def solve_exactly(model: Any) -> bool:
    """Solve a Pyomo model with HiGHS, on one thread and to no gap; return whether it has a solution.

    The solution is then in the model's variables.
    """
    from pyomo.contrib.appsi.base import TerminationCondition
    from pyomo.contrib.appsi.solvers.highs import Highs

    solver = Highs()
    solver.config.load_solution = False
    solver.highs_options = {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 1e-9}
    outcome = solver.solve(model)
    if outcome.termination_condition != TerminationCondition.optimal:
        return False
    outcome.solution_loader.load_vars()
    return True
