"""What a plan aims at, in objectives' own units."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.dimension import DIMENSIONS
from models.problems import nearest

from ..given.quarter import by_quarter
from ..problem import Problem
from .refusals import Refusals

DIMENSION_OF = {"cost": "money", "carbon": "mass", "water": "volume", "risk": "", "slo-shortfall": ""}
"""The dimension of each objective: USD, kg, m3; shares have none."""


def checked_objective(problem: Problem, refusals: Refusals) -> str:
    """Return what is minimised; an unknown kind is refused, and those of the front with it."""
    front = problem.front.objectives if problem.front is not None else ()
    for path, kind in (("plan.objective", problem.objective), *(("plan.front.objectives", each) for each in front)):
        if kind not in DIMENSION_OF:
            known = ", ".join(DIMENSION_OF)
            refusals.refuse(path, f"'{kind}' is no objective; allowed: {known}{nearest(kind, DIMENSION_OF)}")
    return problem.objective


def caps_in_units(problem: Problem, refusals: Refusals) -> dict[str, float]:
    """Return the caps by objective, in its unit (USD, kg, m3, shares); what can not be read is refused."""
    found: dict[str, float] = {}
    for kind, given in problem.caps.items():
        path = f"plan.caps.{kind}"
        if kind not in DIMENSION_OF:
            known = ", ".join(DIMENSION_OF)
            refusals.refuse(path, f"'{kind}' is no objective; allowed: {known}{nearest(kind, DIMENSION_OF)}")
            continue
        dimension = DIMENSION_OF[kind]
        try:
            if isinstance(given, str):
                found[kind] = float(DIMENSIONS[dimension].parse(given)) if dimension else float(given)
            else:
                found[kind] = float(given)
        except ValueError as error:
            refusals.refuse(path, str(error))
            continue
        if not np.isfinite(found[kind]) or found[kind] < 0.0:
            refusals.refuse(path, f"is {found[kind]:g}; a cap is a finite number of at least 0")
    return found


def budget_usd(problem: Problem) -> NDArray[np.float64]:
    """Return what may be spent on purchases by quarter [USD]: infinity where nobody limits it."""
    if problem.budget is None:
        return np.full(problem.quarters, np.inf)
    # Before the first quarter that is stated nobody limits anything.
    return np.array(by_quarter(problem.budget, problem.first_quarter, problem.quarters, np.inf), dtype=np.float64)
