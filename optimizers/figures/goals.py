"""What a plan may spend on purchases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..given.quarter import by_quarter
from ..problem import Problem


def budget_usd(problem: Problem) -> NDArray[np.float64]:
    """Return what may be spent on purchases by quarter [USD]: infinity where nobody limits it."""
    if problem.budget is None:
        return np.full(problem.quarters, np.inf)
    # Before the first quarter that is stated nobody limits anything.
    return np.array(by_quarter(problem.budget, problem.first_quarter, problem.quarters, np.inf), dtype=np.float64)
