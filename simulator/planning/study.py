"""A plan and everything that was asked of it at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.problems import InputError, Problem

from .outcome import outcome
from .solving import Solved, largest_difference, prove_plan, solve_plan
from .studies import Reactions, TracedFront, explain_plan, plan_sensitivity, trace_front, value_of_information

if TYPE_CHECKING:
    from optimizers.diagnosis.expensive import Expensive
    from optimizers.diagnosis.infeasible import Infeasible
    from optimizers.reactions.information import Information

    from ..proof.proving import Proof
    from ..scenario.plan_file import LoadedPlan


@dataclass(frozen=True, eq=False)
class Study:
    """A plan and what was asked of it; None for what was not."""

    solved: Solved
    proof: Proof | None = None
    front: TracedFront | None = None
    reactions: Reactions | None = None
    information: Information | None = None
    explanation: Expensive | Infeasible | None = None

    @property
    def outcome(self) -> dict[str, Any]:
        """All of it as plain data."""
        parts: dict[str, Any] = {}
        if self.front is not None:
            parts["front"] = self.front.as_dict()
        if self.reactions is not None:
            parts["sensitivity"] = self.reactions.as_dict()
        if self.information is not None:
            parts["information"] = self.information.as_dict()
        if self.explanation is not None:
            parts["explanation"] = self.explanation.as_dict()
            parts["notes"] = self.solved.notes
        return outcome(self.solved.plan, None if self.proof is None else self.proof.as_dict(), **parts)

    def limits(self) -> list[str]:
        """Return what ended at a limit without what was asked for, with how far it came and what to do."""
        found = []
        terms, plan = self.solved.loaded.plan_file.plan, self.solved.plan
        if plan.status == "limit":
            left = f"with a gap of {100.0 * plan.gap:.2f} %" if plan.found else "without a plan"
            if terms.rolling is None:
                found.append(
                    f"the solve stopped at a limit {left}; asked for: {100.0 * terms.solve.gap:g} % within "
                    f"{terms.solve.most_nodes:,} branch-and-bound nodes; raise plan.solve.most_nodes or "
                    "plan.solve.gap, or decide in windows with plan.rolling"
                )
            else:
                found.append(
                    f"deciding in windows of {terms.rolling.window_quarters} quarters ended {left}; asked for: "
                    f"{100.0 * terms.solve.gap:g} %; raise plan.rolling.window_quarters or plan.solve.gap, or leave "
                    "plan.rolling out"
                )
        if self.proof is not None and self.proof.best is not None and not self.proof.converged:
            rounds, apart = len(self.proof.rounds), 100.0 * largest_difference(self.proof)
            found.append(
                f"the proof stopped after {rounds} round{'' if rounds == 1 else 's'}, planned and delivered "
                f"{apart:.2f} % apart; asked for: {100.0 * terms.proof.tolerance:g} %"
            )
        if self.front is not None and self.front.stopped:
            found.append(
                f"the front stopped after {self.front.front.solves} solves with "
                f"{100.0 * self.front.front.anytime_gap:.2f} % undecided; asked for: {100.0 * self.front.terms.gap:g} %"
            )
        return found


def studied(
    loaded: LoadedPlan,
    *,
    front: bool = False,
    prove: bool = False,
    sensitivity: bool = False,
    information: bool = False,
    explain: bool = False,
    tell: Callable[[str], None],
    scenarios_into: Path | None = None,
) -> Study:
    """Return a plan file's plan and what is asked of it; where there is no plan, always why.

    With a proof the plan is the one that the simulation confirmed, or that missed least. `tell` is told, in words, what
    is being done; `scenarios_into` is where the scenarios of the proof are written. Raises InputError where the file's
    figures make no problem, or information is asked of a plan that minimises risk.
    """
    if information and loaded.plan_file.plan.objective == "risk":
        message = "what information is worth is a mean over futures, and 'risk' is none; leave --information out"
        raise InputError(loaded.placed([Problem("", "plan.objective", message)]))
    proof: Proof | None = None
    if prove:
        solved, proof = prove_plan(loaded, tell, scenarios_into)
    else:
        solved = solve_plan(loaded)
    found, impossible = solved.plan.found, solved.plan.status == "infeasible"
    if impossible:
        tell("no plan keeps every limit; looking for those that would have to give")
    return Study(
        solved,
        proof,
        trace_front(solved) if front and found else None,
        plan_sensitivity(solved) if sensitivity and found else None,
        value_of_information(solved) if information and found else None,
        explain_plan(solved) if impossible or (explain and found) else None,
    )
