"""Plans beyond one solve: quarter after quarter is decided, with all later ones relaxed, and then held.

Fix-and-relax: C. Dillenberger, L. F. Escudero, A. Wollensak and W. Zhang, On practical resource allocation for
production planning and scheduling with period overlapping setups, European Journal of Operational Research 75(2), 1994.
In the first window nothing is fixed and later integers are real numbers, so that its bound is one of the whole problem.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from .plan import Plan, Status

if TYPE_CHECKING:
    from .capacity_model import CapacityModel
    from .solution import Solution


@dataclass(frozen=True)
class Window:
    """One solve on the way."""

    first: str
    """First quarter that was decided in whole numbers; those before it were held."""
    last: str
    """Last such quarter; those after it were relaxed."""
    status: Status
    objective: float
    """Of the relaxed problem; NaN where the window failed."""
    bound: float
    branch_nodes: int


@dataclass(frozen=True)
class Rolled:
    """A plan made window by window."""

    plan: Plan
    """Its bound and gap are of the whole problem."""
    solution: Solution
    windows: tuple[Window, ...]

    @property
    def failed(self) -> int:
        """Windows that found nothing, after each of which the windows became wider."""
        return sum(1 for each in self.windows if math.isnan(each.objective))

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a planner reads, one line each."""
        lines = [
            f"{each.first} to {each.last}: "
            + ("nothing found; one step back, and a wider window" if math.isnan(each.objective) else each.status)
            for each in self.windows
        ]
        if self.plan.found:
            lines.append(
                f"The plan was made in {len(self.windows)} solves and is within {100.0 * self.plan.gap:.2f}% of the"
                " best there can be; how much of that is the method's and how much the bound's is not known."
            )
        return tuple(lines)

    def as_dict(self) -> dict[str, Any]:
        """Return how it was made as plain data, for JSON."""
        windows = [
            {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in each.items()}
            for each in map(asdict, self.windows)
        ]
        return {"windows": windows, "sentences": list(self.sentences)}


def rolled(model: CapacityModel, *, window: int = 4, step: int = 1, gap: float | None = None) -> Rolled:
    """Return a plan for the instance of a model, decided `window` quarters at a time.

    After each window its first `step` quarters are held and the window moves on by as many; what holds for all
    quarters (modes, designs, places of gangs) stays open to the end. A window that finds nothing, because of what was
    held before, releases the last step, and all windows from there on are a step wider: at the latest all quarters are
    one window. `gap` replaces the instance's, in every window.

    Raises
    ------
    ValueError
        The window has no quarter, or the step is not within it.
    """
    if not 1 <= step <= window:
        raise ValueError(f"the step ({step}) must be at least 1 and at most the window ({window})")
    names = [each.name for each in model.instance.quarters]
    whole = [model.integers_of(quarter) for quarter in range(len(names))]
    first, width, bound = 0, min(window, len(names)), -math.inf
    windows: list[Window] = []
    held: Solution | None = None
    try:
        while True:
            last = min(first + width, len(names))
            _set(model, whole, first, last, held)
            solution = model.solve(gap=gap)
            windows.append(
                Window(
                    names[first],
                    names[last - 1],
                    solution.status,
                    solution.objective,
                    solution.bound,
                    solution.branch_nodes,
                )
            )
            if first == 0 and not math.isnan(solution.bound):
                bound = max(bound, solution.bound)
            if solution.point is None:
                if first == 0 and (last == len(names) or solution.status != "limit"):
                    break  # not even the relaxed problem has a solution, or the whole one found none
                first, width = max(first - step, 0), width + step
                continue
            held = solution
            if last == len(names):
                break
            first += step
    finally:
        for variables in whole:
            model.solver.free(variables)
            model.solver.relax(variables, relaxed=False)
    ended = _of_the_whole(solution, bound, model.instance.gap if gap is None else gap)
    return Rolled(model.plan(ended), ended, tuple(windows))


def _set(model: CapacityModel, whole: list[list[Any]], first: int, last: int, held: Solution | None) -> None:
    """Hold the quarters before a window, make those in it whole, relax those after it."""
    for quarter, variables in enumerate(whole):
        model.solver.free(variables)
        model.solver.relax(variables, relaxed=quarter >= last)
        if quarter < first and held is not None:
            model.solver.fix(variables, held.point)


def _of_the_whole(solution: Solution, bound: float, gap: float) -> Solution:
    """Return a solution with the bound of the whole problem; `optimal` only where that proves it."""
    if solution.point is None:
        return solution
    # The bound and the objective come from different solves, each right to the solver's tolerance.
    bound = min(bound, solution.objective)
    left = (solution.objective - bound) / abs(solution.objective) if solution.objective else solution.objective - bound
    status: Status = "optimal" if left <= max(gap, 1e-9) else "limit"
    return replace(solution, bound=bound, gap=left, status=status)
