"""What makes a plan dear: the limits that hold it back, and what one unit more of each would save."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ..matrix import Matrix, Name, matrix_of, name_of, solve_matrix, values_of
from .amounts import amount_text
from .limits.limit import Limit
from .limits.registry import kinds, limits_of, relaxed
from .loosened import Loosened, loosened
from .yardstick import yardsticks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..capacity_model import CapacityModel
    from ..instance.instance import Instance
    from ..solution import Solution

_BEYOND = 1e-4
"""Of a limit's yardstick: how far all limits are relaxed before prices are read. Where a limit and something else hold
a plan back at once (full racks on a full grid), its price is any number between those on either side; the one beyond is
that of relaxing it. Small against any step, large against the solver's 1e-7."""
_NEGLIGIBLE = 1e-7
"""Of the objective: a smaller price is the solver's tolerance."""
_NO_PRICE = 1e-7
"""Of a row, in the model's units: HiGHS holds prices to 1e-7."""


@dataclass(frozen=True)
class Saving:
    """What relaxing a limit by one unit does to the objective: three answers to three questions."""

    limit: Limit
    step: float
    """The unit: what the limit is relaxed by, in its own unit."""
    fixed: float
    """Saved if every purchase and choice stays as planned and only operation adapts: the shadow price of the linear
    programme with its integers fixed, times the step. Of the first bit of it; it may end before the step does."""
    fractions: float
    """Saved if all could be bought in fractions: the shadow price of the linear relaxation, times the step."""
    resolved: float = math.nan
    """Saved by the best plan that was found with the limit relaxed; NaN where it was not solved again."""
    resolved_least: float = math.nan
    """At least this much is saved, whatever the gaps of the two solves hide."""
    resolved_most: float = math.nan
    unit: str = "USD"
    """Of the savings: that of the objective."""
    futures: tuple[str, ...] = ()
    """Those in which the limit holds the plan back; empty where it does so in all, or is none of futures."""
    scope: str = ""
    """Where and when it is relaxed, if that is not plain from the limit."""

    @property
    def sentence(self) -> str:
        """What a planner reads."""
        kind = kinds()[self.limit.kind]
        where = f"{self.limit.where}: " if self.limit.where else ""
        words = f"{where}{kind.gives(self.limit)}"
        if self.futures:
            words += f" in {' and '.join(repr(name) for name in self.futures)}, where that holds the plan back"
        words += f"; {kind.more(self.limit, self.step)}{self.scope} saves "
        words += f"{amount_text(self.fixed, self.unit)} with all purchases as planned, "
        words += f"{amount_text(self.fractions, self.unit)} if all came in fractions"
        if math.isnan(self.resolved):
            return words
        least, most = amount_text(self.resolved_least, self.unit), amount_text(self.resolved_most, self.unit)
        surely = "" if least == most else f" (surely {least} to {most})"
        return f"{words}, {amount_text(self.resolved, self.unit)} planned anew{surely}"


@dataclass(frozen=True)
class Expensive:
    """The limits that make a plan dear: first those that were solved anew, by what is surely saved, then the others, by
    what they promise in fractions."""

    objective: str
    savings: tuple[Saving, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        if not self.savings:
            return ("No limit makes this plan dearer: one unit more of any would save nothing.",)
        return tuple(each.sentence for each in self.savings)

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data, for JSON; savings that were not solved again have null there."""
        rows = []
        for each in self.savings:
            row = asdict(each) | {"sentence": each.sentence}
            if math.isnan(each.resolved):
                row |= dict.fromkeys(("resolved", "resolved_least", "resolved_most"))
            rows.append(row)
        return {"objective": self.objective, "savings": rows}


def why_expensive(model: CapacityModel, solution: Solution, *, solved_again: int = 3) -> Expensive:
    """Return what relaxing each limit by one unit saves, those that save nothing left out.

    `model` has found `solution`, minimising its instance's own objective. The `solved_again` that promise most are
    relaxed by one unit and solved anew to the instance's gap: prices are of the first bit, and of programmes without
    steps; what a whole unit saves may be more or less.

    Raises
    ------
    ValueError
        The solution has no plan.
    """
    import numpy as np

    if solution.point is None:
        raise ValueError("a solution without a plan has no prices")
    instance = model.instance
    objective = _objective(instance.objective)
    made = matrix_of(model.model)
    known = _by_name(model, solution)
    limits = tuple(limits_of(instance))
    yard = np.array(yardsticks(limits))
    eased = loosened(instance, made, _BEYOND * yard)
    at_plan = values_of(eased.matrix, known)
    whole = eased.matrix.integer & (np.arange(len(at_plan)) < len(made.columns))
    pinned = replace(eased.matrix, column_lower=eased.matrix.column_lower.copy())
    pinned.column_lower[eased.given] = _BEYOND * yard / eased.size
    fixed, in_operation = _prices(pinned.fixed(whole, at_plan), eased)
    fractions, in_fractions = _prices(pinned, eased)
    found = []
    for position, (limit, size, held, loose) in enumerate(zip(limits, eased.size, fixed, fractions, strict=True)):
        kind = kinds()[limit.kind]
        step = kind.one(limit) / float(size) * objective.scale
        # A price that lowers the objective is below 0; what is above is a bound in the wrong direction, at zero.
        kept, loosest = max(0.0, -float(held) * step), max(0.0, -float(loose) * step)
        if max(kept, loosest) > _NEGLIGIBLE * max(abs(solution.objective), 1.0):
            futures = _held_in(instance, in_operation.get(position, set()) | in_fractions.get(position, set()))
            told = replace(limit, amount=kind.amount_in(instance, limit, futures)) if futures else limit
            scope = kind.scope(instance, limit)
            found.append(
                Saving(told, kind.one(limit), kept, loosest, unit=objective.unit, futures=futures, scope=scope)
            )
    found.sort(key=lambda each: -max(each.fixed, each.fractions))
    again = [_again(model, solution, each) for each in found[:solved_again]]
    again.sort(key=lambda each: (math.isnan(each.resolved), -each.resolved_least, -each.resolved))
    rest = sorted(found[solved_again:], key=lambda each: -each.fractions)
    return Expensive(instance.objective, (*again, *rest))


def _objective(kind: str) -> Any:
    from ..objectives.objective import objectives

    return objectives()[kind]


def _by_name(model: CapacityModel, solution: Solution) -> Mapping[Name, float]:
    return {name_of(column): float(value) for column, value in zip(model.solver.columns, solution.point, strict=True)}


def _prices(matrix: Matrix, eased: Loosened) -> tuple[NDArray[np.float64], dict[int, set[str]]]:
    """Return the prices of what limits give in the linear relaxation, and by limit the futures in which it binds; zeros
    and none where it has no solution."""
    import numpy as np

    solved = solve_matrix(matrix.relaxed())
    if not solved.found:
        return np.zeros(len(eased.given)), {}
    binding: dict[int, set[str]] = {}
    for row, position, future in eased.by_future:
        if abs(solved.row_prices[row]) > _NO_PRICE:
            binding.setdefault(position, set()).add(future)
    return solved.prices[eased.given], binding


def _held_in(instance: Instance, futures: set[str]) -> tuple[str, ...]:
    """Return the futures of a set in their order; none where it is all of them."""
    names = [each.name for each in instance.futures]
    return tuple(name for name in names if name in futures) if len(futures) < len(names) else ()


def _again(model: CapacityModel, solution: Solution, saving: Saving) -> Saving:
    """Return a saving with what a plan made anew saves."""
    from ..capacity_model import CapacityModel

    other = CapacityModel(relaxed(model.instance, saving.limit, saving.step)).solve()
    if other.point is None:
        return saving
    # The plan at hand keeps the relaxed limit too: nothing worse need be taken.
    best = min(other.objective, solution.objective)
    saved = solution.objective - best
    return replace(
        saving,
        resolved=saved,
        resolved_least=min(max(0.0, solution.bound - best), saved),
        resolved_most=max(solution.objective - other.bound, saved),
    )
