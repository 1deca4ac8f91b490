"""From a plan's YAML to an instance: every set and every number that its optimisation sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..derates import Derates
from ..instance.instance import Instance
from ..instance.time import Future
from ..problem import Problem
from ..refusals import Refusals
from ..stated.aims import caps_in_units
from ..stated.checks import check_stated
from ..stated.magnitudes import refuse_fleets
from .first_quarter import refuse_short_grids
from .goals import budget_usd
from .hours import chosen_hours, end_discount, quarters_of
from .modes import mode_figures
from .node_figures import cohorts_of, node_figures
from .places import fabric_figures, module_figures, module_powers, site_figures, store_figures
from .rates import class_rates, nodes_asked, population
from .throughput import Work

if TYPE_CHECKING:
    from models.nodes.node import Node

_NO_DERATES = Derates()


def instance_of(
    problem: Problem, nodes: Mapping[str, Node], *, name: str, seed: int = 0, derates: Derates = _NO_DERATES
) -> Instance:
    """Return the instance of a plan; `nodes` are the file's own node types beside the catalogue's.

    Every number is the plan's, the catalogue's, or computed from them by `models`; `derates` are factors on what the
    models say. Raises InputError with everything that is missing or contradicts itself, at paths such as
    `plan.skus.h100.price`. What is left out for good reason stands in the instance's `notes`.
    """
    refusals = Refusals()
    found = check_stated(problem, nodes, refusals)
    refusals.raise_if_any()
    quarters, hours = quarters_of(problem), chosen_hours(problem)
    figures = tuple(
        replace(each, idle_w=each.idle_w * derates.idle_power.get((each.name,), 1.0))
        for each in node_figures(problem, found)
    )
    powers = module_powers(problem, hours, refusals)
    sites = site_figures(problem, quarters, hours, powers, refusals)
    modules = module_figures(problem, powers, derates, hours)
    rates = class_rates(problem, found, figures, refusals)
    refuse_fleets(nodes_asked(problem, rates), refusals)
    refusals.raise_if_any()
    modes = mode_figures(problem, found, figures, population(problem, figures, rates), derates, refusals)
    work = Work(problem, found, figures, modes, rates, derates, refusals)
    instance = Instance(
        name=name,
        quarters=quarters,
        hours=hours,
        futures=tuple(
            Future(
                each.name,
                each.probability,
                each.delivery_slip_quarters,
                each.grid_slip_quarters,
                each.price_factor,
                each.demand_factor,
            )
            for each in problem.futures
        ),
        sites=sites,
        nodes=figures,
        cohorts=cohorts_of(problem, figures),
        modules=modules,
        fabrics=fabric_figures(problem),
        stores=store_figures(problem),
        modes=modes,
        serving=work.serving(),
        batch=work.batch(),
        gangs=work.gangs(),
        budget_usd=budget_usd(problem),
        caps=caps_in_units(problem, refusals),
        objective=problem.objective,
        cvar_level=problem.cvar_level,
        gap=problem.solve.gap,
        most_nodes=problem.solve.most_nodes,
        seed=seed,
        end_discount=end_discount(problem),
    )
    refuse_short_grids(instance, refusals)
    refusals.raise_if_any()
    return replace(instance, notes=refusals.notes)
