"""Tiers of people and parts, held against what fails."""

from __future__ import annotations

from models.reliability.modes.component_failures import ComponentFailures

from ..problem import Problem
from ..refusals import Refusals


def check_upkeep(problem: Problem, refusals: Refusals) -> None:
    """Refuse spares of parts that no failure of the plan takes."""
    if problem.reliability is None:
        return
    taken = {mode.spare_part for mode in problem.reliability.modes() if isinstance(mode, ComponentFailures)}
    asked = ", ".join(sorted(taken)) or "none"
    for name, tier in problem.maintenance.items():
        for part in tier.spares:
            if part not in taken:
                text = f"no failure of the plan takes this part; they take: {asked}"
                refusals.refuse(f"plan.maintenance.{name}.spares.{part}", text)
