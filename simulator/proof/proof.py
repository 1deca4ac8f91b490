"""What a proof came to: its rounds, the best plan, planned against delivered. Pure data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from optimizers.derates import Derates
from optimizers.plan import Plan

from .comparison import ComparisonRow, worst_miss
from .observed import Cause


@dataclass(frozen=True)
class Round:
    """One plan and what its simulation showed."""

    plan: Plan
    derates: Derates
    """With which it was planned."""
    rows: tuple[ComparisonRow, ...]
    causes: tuple[Cause, ...]
    """What was changed after it; empty where it was confirmed or was the last."""
    simulations: int
    """Weeks that were simulated for it; what was known before is not among them."""

    @property
    def confirmed(self) -> bool:
        """Whether every figure that decides is within its tolerance."""
        return bool(self.rows) and all(row.within for row in self.rows if row.decides)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, without the plan itself."""
        return {
            "objective": self.plan.objective,
            "status": self.plan.status,
            "confirmed": self.confirmed,
            "worst_miss": worst_miss(self.rows),
            "derates": plain_derates(self.derates),
            "causes": [cause.as_dict() for cause in self.causes],
            "simulations": self.simulations,
            "table": [row.as_dict() for row in self.rows],
        }


@dataclass(frozen=True)
class Proof:
    """What a proof came to."""

    converged: bool
    """Whether the best plan delivers what it promises, within the tolerance."""
    rounds: tuple[Round, ...]
    best: int | None
    """Index of the round whose plan is best: of those that were confirmed the one of least objective, else the one
    that missed least; None where there was no plan."""
    tolerance: float
    notes: tuple[str, ...] = field(default=())

    @property
    def best_plan(self) -> Plan | None:
        """The plan to build; None where there was none."""
        return None if self.best is None else self.rounds[self.best].plan

    @property
    def table(self) -> tuple[ComparisonRow, ...]:
        """Planned against delivered, of the best plan."""
        return () if self.best is None else self.rounds[self.best].rows

    @property
    def derates(self) -> Derates:
        """With which the best plan was made."""
        return Derates() if self.best is None else self.rounds[self.best].derates

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON."""
        return {
            "converged": self.converged,
            "tolerance": self.tolerance,
            "best": self.best,
            "table": [row.as_dict() for row in self.table],
            "derates": plain_derates(self.derates),
            "rounds": [each.as_dict() for each in self.rounds],
            "notes": list(self.notes),
        }


def plain_derates(derates: Derates) -> dict[str, dict[str, float]]:
    """Return factors by name, what each is on joined by `/`."""
    return {
        part.name: {"/".join(key): value for key, value in sorted(getattr(derates, part.name).items())}
        for part in dataclasses.fields(derates)
    }
