"""From a plan file to its plan: the figures, the model, the solve; and its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.problems import InputError
from optimizers.derates import Derates

from .assumed import assumed

if TYPE_CHECKING:
    from optimizers.capacity_model import CapacityModel
    from optimizers.instance.instance import Instance
    from optimizers.plan import Plan
    from optimizers.solution import Solution

    from ..proof.proving import Proof
    from ..scenario.plan_file import LoadedPlan

MOST_ASSUMED = 8
"""Assumptions that are listed where a plan is printed; the `run.json` of a plan that is saved has all."""


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan with the numbers, the model and the solution that it comes from: trade-offs and explanations need them."""

    loaded: LoadedPlan
    instance: Instance
    plan: Plan
    model: CapacityModel
    solution: Solution
    windows: tuple[str, ...] = ()
    """How a rolling horizon came to the plan, a sentence a window."""

    def __repr__(self) -> str:
        """Return the plan's name and how its solve ended; all of its numbers would fill pages."""
        why = "; explain_plan(solved) tells why" if self.plan.status == "infeasible" else ""
        return f"<Solved '{self.plan.name}': {self.plan.status}{why}>"

    @property
    def quarters(self) -> tuple[str, ...]:
        """Names of the quarters, in order."""
        return tuple(quarter.name for quarter in self.instance.quarters)

    @property
    def probabilities(self) -> dict[str, float]:
        """Of each future, by name."""
        return {future.name: future.probability for future in self.instance.futures}

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know: of the plan's figures, of the plan, and which defaults are assumptions."""
        notes = (*self.windows, *self.instance.notes, *self.plan.notes, *_assumptions(self.loaded))
        return tuple(dict.fromkeys(notes))


def instance_for(loaded: LoadedPlan) -> Instance:
    """Return a plan file's problem in numbers; raise InputError, each problem at its line, where there are none."""
    from optimizers.figures.instance_of import instance_of

    plan_file = loaded.plan_file
    try:
        return instance_of(plan_file.plan, plan_file.nodes, name=plan_file.name, seed=plan_file.seed, derates=Derates())
    except InputError as error:
        raise InputError(loaded.placed(error.problems)) from None


def solve_plan(loaded: LoadedPlan) -> Solved:
    """Return the plan that minimises a plan file's objective.

    Where no plan keeps every limit, `plan.found` is False and `explain_plan` of what is returned tells why. With
    `rolling` its quarters are decided in windows, one after another. Raises InputError where the file's figures make no
    problem.
    """
    return _solved(loaded, instance_for(loaded))


def prove_plan(
    loaded: LoadedPlan, progress: Callable[[str], None] | None = None, scenarios_into: Path | None = None
) -> tuple[Solved, Proof]:
    """Return the plan that a simulation confirmed, or that missed least, and its proof; a plan file's first plan where
    there is none to prove.

    The scenarios that it was simulated with are written into `scenarios_into`, to be run with `datahall run`. Raises
    InputError where the file's figures make no problem, or a simulation can not be set up.
    """
    from ..proof.proving import prove

    plan_file = loaded.plan_file
    made: list[Solved] = []

    def planner(instance: Instance, start: Any) -> tuple[Plan, Any]:
        made.append(_solved(loaded, instance, start))
        return made[-1].plan, made[-1].solution.point

    try:
        proof = prove(
            plan_file.plan,
            plan_file.nodes,
            name=plan_file.name,
            seed=plan_file.seed,
            folder=loaded.path.parent,
            data_root=loaded.data_root,
            planner=planner,
            progress=progress,
            scenarios_into=scenarios_into,
        )
    except InputError as error:
        raise InputError(loaded.placed(error.problems)) from None
    best = next((each for each in made if each.plan is proof.best_plan), made[0])
    return best, proof


def largest_difference(proof: Proof) -> float:
    """Return how far delivered is from what was planned, at most of the figures that decide, as a share."""
    from ..proof.comparison import worst_miss

    return worst_miss(proof.table) * proof.tolerance


def _solved(loaded: LoadedPlan, instance: Instance, start: Any = None) -> Solved:
    from optimizers.capacity_model import CapacityModel

    model = CapacityModel(instance)
    terms = loaded.plan_file.plan.rolling
    if terms is None:
        # An earlier point is of use only to a model of the same columns: rates that became 0 leave some out.
        usable = start is not None and len(start) == len(model.solver.columns)
        solution = model.solve(start=start if usable else None)
        return Solved(loaded, instance, model.plan(solution), model, solution)
    from optimizers.rolling_horizon import rolled

    found = rolled(model, window=terms.window_quarters, step=terms.step_quarters)
    return Solved(loaded, instance, found.plan, model, found.solution, found.sentences)


def _assumptions(loaded: LoadedPlan) -> Iterator[str]:
    """Yield one note on the defaults that are assumptions, each key once however often it stands."""
    found = assumed(loaded.plan_file.plan, "plan")
    told: dict[str, str] = {}
    for each in found:
        if each.value not in (None, [], ""):
            told.setdefault(each.path.rpartition(".")[2], f"{each.path} {each.value}")
    if told:
        first = ", ".join(list(told.values())[:MOST_ASSUMED])
        left = len(told) - MOST_ASSUMED
        more = f" and {left} more: with `--output` all are in run.json" if left > 0 else ""
        yield f"assumed, for want of other words in the file: {first}{more}"
