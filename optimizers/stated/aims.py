"""What a plan aims at, in objectives' own units."""

from __future__ import annotations

import math

from models.dimension import DIMENSIONS
from models.problems import nearest

from ..objectives.objective import objectives
from ..problem import Problem
from ..refusals import Refusals


def check_aims(problem: Problem, refusals: Refusals) -> None:
    """Refuse objectives that there are not, and caps that can not be read."""
    front = problem.front.objectives if problem.front is not None else ()
    for path, kind in (("plan.objective", problem.objective), *(("plan.front.objectives", each) for each in front)):
        _known(path, kind, refusals)
    caps_in_units(problem, refusals)


def counts(problem: Problem, objective: str) -> bool:
    """Return whether an objective decides anything: it is minimised, capped, or an axis of the front."""
    front = problem.front.objectives if problem.front is not None else ()
    return objective == problem.objective or objective in problem.caps or objective in front


def caps_in_units(problem: Problem, refusals: Refusals) -> dict[str, float]:
    """Return the caps by objective, in its unit (USD, kg, m3, shares); what can not be read is refused.

    A text is a quantity with its unit, such as `12000 t`; a number is in the objective's own unit.
    """
    found: dict[str, float] = {}
    for kind, given in problem.caps.items():
        path = f"plan.caps.{kind}"
        if not _known(path, kind, refusals):
            continue
        unit = objectives()[kind].unit
        dimension = next((each for each in DIMENSIONS.values() if each.si == unit), None)
        try:
            if isinstance(given, str) and dimension is not None:
                found[kind] = float(dimension.parse(given))
            else:
                found[kind] = float(given)
        except ValueError as error:
            refusals.refuse(path, str(error) if dimension is not None else f"'{given}' is no number")
            continue
        if not math.isfinite(found[kind]) or found[kind] < 0.0:
            refusals.refuse(path, f"is {found[kind]:g}; a cap is a finite number of at least 0")
        elif unit == "share" and found[kind] > 1.0:
            refusals.refuse(path, f"is {found[kind]:g}; a share is capped at 0 to 1")
    return found


def _known(path: str, kind: str, refusals: Refusals) -> bool:
    known = objectives()
    if kind in known:
        return True
    refusals.refuse(path, f"'{kind}' is no objective; allowed: {', '.join(known)}{nearest(kind, known)}")
    return False
