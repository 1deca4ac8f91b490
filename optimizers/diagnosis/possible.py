"""Whether an instance has a plan at all, whichever is best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..instance.instance import Instance
from ..matrix import Matrix, Solved, matrix_of, solve_matrix

_MOST_ROUNDS = 20
"""Rounds at the root after which a plan is taken not to be found: ten seconds at 15,000 variables."""


def any_plan(instance: Instance, build: Callable[[Instance], Any]) -> tuple[Matrix, Solved]:
    """Return an instance's matrix and some solution of it, if one was found; `build` makes its Pyomo model.

    The status is `infeasible` where there is none, and `limit` where none was found in time.
    """
    matrix = matrix_of(build(instance))
    matrix = replace(matrix, cost=0.0 * matrix.cost, offset=0.0)
    return matrix, solve_matrix(
        matrix, gap=1.0, most_nodes=instance.most_nodes, seed=instance.seed, most_rounds=_MOST_ROUNDS
    )
