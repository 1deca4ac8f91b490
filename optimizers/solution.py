"""What a solve returns, and what every way of trading objectives off asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .plan import Status


@dataclass(frozen=True)
class Solution:
    """A solve's outcome. Without a plan `objective` and `values` are NaN and empty, `point` is None."""

    status: Status
    objective: float
    bound: float
    gap: float
    values: Mapping[str, float]
    """Each objective's value, by kind."""
    branch_nodes: int
    solve_cpu_s: float
    """For benchmarks; no decision hangs on it."""
    point: Any = None
    """What the model can make a plan of, or begin another solve from."""


class Solvable(Protocol):
    """A model with objectives that can be solved again and again; the solver keeps what it can in between."""

    @property
    def objectives(self) -> tuple[str, ...]:
        """The kinds of objectives, in their usual order."""

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
        """Return the solution that minimises the weighted sum of objectives under caps on objectives.

        With a `target` it minimises instead max over the target's objectives of (value - target) / scale, plus the
        weighted sum (augmented Tchebycheff). `start` is an earlier solution's `point` to begin from. `gap` replaces the
        instance's. The objective and bound returned are of what was minimised.
        """
