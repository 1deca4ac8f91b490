"""The same reduction as a mixed-integer program: pieces in place of squares, and nodes that can be switched off."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..linearization.piecewise import piecewise_linear
from .exact_solve import solve_exactly
from .reduction import Reduction

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SwitchedPlan:
    """A plan of rates, and of which nodes are on."""

    rates: Array
    """Shape (node,) [GFLOP/s]."""
    on: NDArray[np.bool_]
    """Shape (node,)."""
    objective: float
    """Cost and power as the program sees them, with pieces in place of squares."""
    error_bound: float
    """The program sees the cost of no plan wrong by more: its plan costs at most twice this more than the best."""


def switched_plan(case: Reduction, *, breakpoints: int, switching: bool) -> SwitchedPlan:
    """Return the plan of least cost and power, each square as straight pieces with so many breakpoints.

    Squares are convex, so that their pieces need no binary variables: with every node on this is a linear program.
    With `switching`, a node that computes nothing may be off and draw nothing: one binary variable a node. Solved to
    no gap by HiGHS, on one thread.
    """
    import pyomo.environ as pyo

    # As many samples in every piece: the best breakpoints of a parabola lie at equal distances.
    inside = math.ceil(200 / max(breakpoints - 1, 1))
    samples = np.linspace(0.0, 1.0, max(breakpoints - 1, 1) * inside + 1)
    pieces = piecewise_linear(np.square, samples, breakpoints=breakpoints)
    scale = case.weight * case.present**2
    whole = float(scale.max())  # costs in units of the dearest node: coefficients near 1
    nodes = range(case.present.size)
    per_share = case.watt_cost * (case.busy_w - case.idle_w) / whole
    model = pyo.ConcreteModel()
    model.share = pyo.Var(nodes, bounds=(0.0, 1.0), doc="rate over present rate")
    model.on = pyo.Var(nodes, domain=pyo.Binary) if switching else pyo.Param(nodes, default=1)
    model.given_up = pyo.Var(nodes, doc="square of the share given up")
    model.total = pyo.Constraint(
        expr=sum(float(case.present[n] / case.present.max()) * model.share[n] for n in nodes)
        == case.total / float(case.present.max())
    )
    if switching:
        model.off_computes_nothing = pyo.Constraint(nodes, rule=lambda m, n: m.share[n] <= m.on[n])
    model.pieces = pyo.ConstraintList()
    for n in nodes:
        for at_zero, slope in pieces.lines():
            model.pieces.add(model.given_up[n] >= at_zero + slope * (1.0 - model.share[n]))
    model.cost = pyo.Objective(
        expr=sum(
            float(scale[n]) / whole * model.given_up[n]
            + case.watt_cost * case.idle_w / whole * model.on[n]
            + per_share * model.share[n]
            for n in nodes
        )
    )
    if not solve_exactly(model):
        raise ValueError("the program has no solution")
    return SwitchedPlan(
        np.clip([pyo.value(model.share[n]) for n in nodes], 0.0, 1.0) * case.present,
        np.array([pyo.value(model.on[n]) > 0.5 for n in nodes]),
        pyo.value(model.cost) * whole,
        pieces.error_bound * math.fsum(scale.tolist()),
    )
