"""Nodes that together must compute less: the case, what a plan of it costs, and its optimum in closed form."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .projection import nearest_with_total

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Reduction:
    """Nodes with their present rates, which are to come down to a total.

    A plan of rates costs `sum weight (present - rate)^2`, in no unit: what a node gives up hurts the more, the more it
    has given up already. A watt costs `watt_cost` beside it.
    """

    present: Array
    """What each node computes now, and the most that it can [GFLOP/s], shape (node,)."""
    weight: Array
    """What it costs to take one GFLOP/s from a node [1/(GFLOP/s)^2], shape (node,)."""
    total: float
    """What all nodes shall compute together [GFLOP/s]."""
    idle_w: float = 0.0
    """What a node draws that is on and computes nothing [W]."""
    busy_w: float = 0.0
    """What it draws at its present rate [W]."""
    watt_cost: float = 0.0
    """What one watt costs, in the unit of the rest."""

    def __post_init__(self) -> None:
        if not self.present.size or self.present.shape != self.weight.shape or self.present.ndim != 1:
            raise ValueError("one weight for each node, and at least one node")
        if not (np.isfinite(self.present).all() and (self.present > 0.0).all()):
            raise ValueError("the nodes' rate must be above 0")
        if not (np.isfinite(self.weight).all() and (self.weight > 0.0).all()):
            raise ValueError("every weight must be above 0: without one, a node's share is undecided")
        most = math.fsum(self.present.tolist())
        if not 0.0 <= self.total <= most:
            raise ValueError(f"the total ({self.total:g}) must lie between 0 and what all nodes do now ({most:g})")
        if not 0.0 <= self.idle_w <= self.busy_w < math.inf:
            raise ValueError(
                f"a node's idle power ({self.idle_w:g} W) must not be negative, nor exceed its busy power "
                f"({self.busy_w:g} W)"
            )
        if not 0.0 <= self.watt_cost < math.inf:
            raise ValueError(f"what a watt costs ({self.watt_cost:g}) must not be negative")

    def cost(self, rates: Array) -> float:
        """Return what rates [GFLOP/s] cost, power apart."""
        return math.fsum((self.weight * (self.present - rates) ** 2).tolist())

    def gradient(self, rates: Array) -> Array:
        """Return how that cost changes with each node's rate [1/(GFLOP/s)]."""
        return 2.0 * self.weight * (rates - self.present)

    def power_w(self, rates: Array, on: NDArray[np.bool_] | None = None) -> float:
        """Return what nodes draw at rates [GFLOP/s]; by default all are on."""
        idle = self.idle_w * (self.present.size if on is None else int(on.sum()))
        return idle + (self.busy_w - self.idle_w) * math.fsum((rates / self.present).tolist())

    def optimum(self) -> Array:
        """Return the rates of least cost, power apart [GFLOP/s].

        The conditions of Karush, Kuhn and Tucker: where a rate is between its limits, `2 weight (present - rate)` is
        the same number for every node. That is the point of the plans' set that is nearest to the present rates, in the
        norm of the weights.
        """
        return nearest_with_total(self.present, total=self.total, most=self.present, weight=self.weight)
