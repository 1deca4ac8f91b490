"""From a plan file to its plan: the figures, the model, the solve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.problems import InputError
from optimizers.derates import Derates

from .assumed import assumed

if TYPE_CHECKING:
    from optimizers.capacity_model import CapacityModel
    from optimizers.instance.instance import Instance
    from optimizers.plan import Plan

    from ..scenario.plan_file import LoadedPlan

MOST_ASSUMED = 8
"""Assumptions that are listed where a plan is printed; `run.json` has all."""


@dataclass(frozen=True, eq=False)
class Solved:
    """A plan with the numbers and the model that it comes from."""

    loaded: LoadedPlan
    instance: Instance
    plan: Plan
    model: CapacityModel
    """Kept, so that trade-offs and explanations need no second one."""
    windows: tuple[str, ...] = ()
    """How a rolling horizon came to the plan, a sentence a window."""

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


def instance_for(loaded: LoadedPlan, derates: Derates | None = None) -> Instance:
    """Return a plan file's problem in numbers; raise InputError, each problem at its line, where there are none."""
    from optimizers.figures.instance_of import instance_of

    plan_file = loaded.plan_file
    try:
        return instance_of(
            plan_file.plan,
            plan_file.nodes,
            name=plan_file.name,
            seed=plan_file.seed,
            derates=derates or Derates(),
        )
    except InputError as error:
        raise InputError(loaded.placed(error.problems)) from None


def solve_plan(loaded: LoadedPlan) -> Solved:
    """Return the plan that minimises a plan file's objective.

    With `rolling` its quarters are decided in windows, one after another. Raises InputError where the file's figures
    make no problem.
    """
    from optimizers.capacity_model import CapacityModel

    instance = instance_for(loaded)
    model = CapacityModel(instance)
    terms = loaded.plan_file.plan.rolling
    if terms is None:
        return Solved(loaded, instance, model.plan(model.solve()), model)
    from optimizers.rolling_horizon import rolled

    found = rolled(model, window=terms.window_quarters, step=terms.step_quarters)
    return Solved(loaded, instance, found.plan, model, found.sentences)


def _assumptions(loaded: LoadedPlan) -> Iterator[str]:
    """Yield one note on the defaults that are assumptions, each key once however often it stands."""
    found = assumed(loaded.plan_file.plan, "plan")
    told = {each.path.rpartition(".")[2]: each.value for each in found if each.value not in (None, [], "")}
    if told:
        first = ", ".join(f"{key} {value}" for key, value in list(told.items())[:MOST_ASSUMED])
        more = f" and {len(told) - MOST_ASSUMED} more, which `run.json` lists" if len(told) > MOST_ASSUMED else ""
        yield f"assumed, for want of other words in the file: {first}{more}"
