"""The plan that a solution stands for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..formulation.formulation import START, THOUSAND
from ..plan import GROUPS, Plan
from .decisions import decisions_of
from .operation import allocation_of, served_of
from .shortfalls import shortfalls_of
from .site_quarters import site_quarters_of
from .supply import supply_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..formulation.formulation import Formulation
    from ..instance.instance import Instance
    from ..solution import Solution


def plan_of(formulation: Formulation, objectives: Sequence[str], solution: Solution) -> Plan:
    """Return a solution as a plan, money discounted to the start in USD; without a point its numbers are NaN.

    The formulation's variables must have the values of the solution's point.
    """
    instance = formulation.instance
    notes = (*instance.notes, *notes_of(instance))
    if solution.point is None:
        nothing = dict.fromkeys(GROUPS, math.nan)
        return Plan(
            name=instance.name, status=solution.status, objective_kind=instance.objective, objective=math.nan,
            bound=solution.bound, gap=math.nan, groups=nothing, objectives=dict.fromkeys(objectives, math.nan),
            decisions=(), site_quarters=(), served=(), branch_nodes=solution.branch_nodes, notes=notes,
        )  # fmt: skip
    taken_over, *by_quarter, left_at_end = (
        {group: THOUSAND * formulation.cost[group, t].value for group in GROUPS}
        for t in (START, *range(formulation.quarters), formulation.end)
    )
    served = served_of(formulation)
    return Plan(
        name=instance.name,
        status=solution.status,
        objective_kind=instance.objective,
        objective=solution.objective,
        bound=solution.bound,
        gap=solution.gap,
        groups={
            group: taken_over[group] + sum(each[group] for each in by_quarter) + left_at_end[group] for group in GROUPS
        },
        objectives={kind: solution.values[kind] for kind in objectives},
        decisions=decisions_of(formulation),
        site_quarters=site_quarters_of(formulation),
        served=served,
        groups_by_quarter=tuple(by_quarter),
        taken_over=taken_over,
        left_at_end=left_at_end,
        resale_by_quarter=tuple(THOUSAND * each.value for each in formulation.resale),
        branch_nodes=solution.branch_nodes,
        notes=(*notes, *shortfalls_of(instance, served), *_errors_of(formulation)),
        allocation=allocation_of(formulation),
        supply=supply_of(formulation),
    )


def notes_of(instance: Instance) -> tuple[str, ...]:
    """Return what a reader must know of an instance's risk."""
    level = instance.cvar_level
    least = min(each.probability for each in instance.futures)
    if len(instance.futures) > 1 and 1.0 - level <= least + 1e-12:
        return (
            f"CVaR{100.0 * level:g} of {len(instance.futures)} futures is the worst of them alone: "
            f"each is likelier than {100.0 * (1.0 - level):g}%",
        )
    if len(instance.futures) == 1:
        return ("there is one future: risk is what it leaves unserved",)
    return ()


def _errors_of(formulation: Formulation) -> tuple[str, ...]:
    """Return the greatest error of the lines that stand for the curves of the modules that the plan uses."""
    modules = formulation.instance.modules
    used = {p for (_, p, _), variable in formulation.found["modules"].items() if variable.value > 0.5}
    if not used:
        return ()
    worst = max(used, key=lambda p: (modules[p].largest_error, -p))
    if modules[worst].largest_error <= 0.0:
        return ()
    where = f" ({modules[worst].error_at})" if modules[worst].error_at else ""
    return (
        f"facility power is linear in the plan: {100.0 * modules[worst].largest_error:.2g}% off at most, "
        f"for '{modules[worst].name}'{where}; a decision that is close can turn on it",
    )
