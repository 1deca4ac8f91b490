"""What a plan states of quarters that are not its own."""

from __future__ import annotations

from collections.abc import Mapping

from ..given.quarter import quarter_number
from ..problem import Problem
from ..refusals import Refusals


def note_what_lies_beyond(problem: Problem, refusals: Refusals) -> None:
    """Note values after the last quarter, which are not used, and demands that begin after the first.

    A shorter horizon is a question that a planner asks of the same file: what lies beyond it is no fault.
    """
    first, last = problem.quarter_names[0], problem.quarter_names[-1]
    for path, curve in problem.curves():
        beyond = sorted((name for name in curve if quarter_number(name) > quarter_number(last)), key=quarter_number)
        if beyond:
            verb = "lies" if len(beyond) == 1 else "lie"
            used = "is not used" if len(beyond) == 1 else "are not used"
            text = f"plan.{path}: {', '.join(beyond)} {verb} beyond the plan's last quarter, {last}, and {used}"
            refusals.note(text)
    for name, sku in problem.skus.items():
        if sku.released is not None and quarter_number(sku.released) + sku.lead_quarters > quarter_number(last):
            text = f"plan.skus.{name}.released: what is ordered in {sku.released} serves"
            refusals.note(f"{text} after the plan's last quarter, {last}; it is not bought")
    for name, demand in problem.demand.items():
        for key in demand.curves:
            curve = getattr(demand, key)
            if not isinstance(curve, Mapping):
                continue
            begins = min(curve, key=quarter_number)
            if quarter_number(first) < quarter_number(begins) <= quarter_number(last):
                refusals.note(f"plan.demand.{name}.{key}: begins in {begins}; before it nothing is asked for")
