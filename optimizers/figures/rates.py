"""What each class of work gets out of each SKU, with nothing yet taken off for how a site is run."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models.problems import InputError

from ..given.demand.batch import BatchDemand
from ..given.demand.demand import Demand
from ..given.demand.serving import ServingDemand
from ..given.demand.training import TrainingDemand
from ..given.quarter import by_quarter
from ..instance.hardware import NodeFigures
from ..problem import Problem
from ..refusals import Refusals
from ..stated.work import barred
from .hours import HOUR_S, quarters_of
from .serving_rate import CanNotServe, serving_rate
from .training_rate import TrainingRate, effective_share, training_rate

if TYPE_CHECKING:
    from models.nodes.node import Node

Array = NDArray[np.float64]
RateOf = Callable[[int, str, "Node"], tuple[float, float]]
"""What returns (rate, activity) on a SKU, given its index, its name and its node; it raises CanNotServe."""


@dataclass(frozen=True, eq=False)
class ClassRates:
    """A class of work by SKU."""

    rate: Array
    """Units of work a second of a node, or tokens a second of a gang with its ETTR; 0 where it can not run."""
    activity: Array
    """How busy that keeps a node, 0 to 1."""
    gangs: Mapping[int, TrainingRate] = field(default_factory=dict)
    """Of a training run, by index of the SKU that it can run on."""


def class_rates(
    problem: Problem, nodes: Mapping[str, Node], figures: tuple[NodeFigures, ...], refusals: Refusals
) -> dict[str, ClassRates]:
    """Return the rates of every class of work; what is unknown is refused, what can not run is noted."""
    return {name: _of_class(problem, name, demand, nodes, figures, refusals) for name, demand in problem.demand.items()}


def population(problem: Problem, figures: tuple[NodeFigures, ...], rates: Mapping[str, ClassRates]) -> int:
    """Return the nodes that a crew and its shelves are held against.

    That is what the plan's greatest demand takes, all classes together on the SKU that takes most nodes for it, or
    what stands at one site if that is more; yet no more than any one site can have: what there is and can be ordered,
    what the greatest tranche of its grid feeds at provisioned power, and what its modules take. Sites that share the
    demand have fewer nodes each, whose crews wait less for technicians, and whose few parts run out a little sooner.
    """
    asked = sum(nodes_asked(problem, rates).values())
    most, stands_at_one = 0, 0
    for site_name, site in problem.sites.items():
        grid_w = max(by_quarter(site.grid, problem.first_quarter, problem.quarters, 0.0))
        stands_at_one = max(stands_at_one, sum(each.count for each in problem.existing if each.site == site_name))
        for kind in figures:
            stands = sum(e.count for e in problem.existing if e.sku == kind.name and e.site == site_name)
            ordered = int(kind.supply[: max(len(kind.supply) - kind.lead, 0)].sum()) * kind.batch
            room_w = sum(m.capacity * m.most for m in problem.modules.values() if m.cooling == kind.cooling)
            most = max(most, min(stands + ordered, int(min(grid_w, room_w) / kind.provisioned_w)))
    return max(min(max(math.ceil(asked), stands_at_one), most), 1)


def nodes_asked(problem: Problem, rates: Mapping[str, ClassRates]) -> dict[str, float]:
    """Return by class the nodes that it takes at its greatest demand, on the SKU that takes most."""
    return {name: _nodes_asked(problem, name, found) for name, found in rates.items()}


def _nodes_asked(problem: Problem, name: str, found: ClassRates) -> float:
    demand = problem.demand[name]
    factor = max(future.demand_factor for future in problem.futures)
    if found.gangs and isinstance(demand, TrainingDemand):
        return max(gang.nodes for gang in found.gangs.values()) + demand.spare_nodes
    slowest = min((float(rate) for rate in found.rate if rate > 0.0), default=math.inf)
    if isinstance(demand, ServingDemand):
        curve = by_quarter(demand.requests_per_s, problem.first_quarter, problem.quarters, 0.0)
        return factor * max(curve) * max(demand.profile) / slowest
    if isinstance(demand, BatchDemand):
        curve = by_quarter(demand.accelerator_hours, problem.first_quarter, problem.quarters, 0.0)
        each_s = [HOUR_S * quarter.hours_h for quarter in quarters_of(problem)]
        return factor * max(amount / length_s for amount, length_s in zip(curve, each_s, strict=True)) / slowest
    return 0.0


def _of_class(
    problem: Problem,
    name: str,
    demand: Demand,
    nodes: Mapping[str, Node],
    figures: tuple[NodeFigures, ...],
    refusals: Refusals,
) -> ClassRates:
    gangs: dict[int, TrainingRate] = {}
    rate_of = _rate_of(problem, name, demand, gangs, refusals)
    rates, activity = np.zeros(len(figures)), np.zeros(len(figures))
    reasons = []
    for index, kind in enumerate(figures):
        sku = kind.name
        if demand.skus is not None and sku not in demand.skus:
            continue
        try:
            rates[index], activity[index] = rate_of(index, sku, nodes[sku])
        except CanNotServe as error:
            reasons.append(f"{sku}: {error}")
    for reason in reasons:
        refusals.note(f"{name} does not run on {reason}")
    if reasons and not rates.any():
        refusals.refuse(f"plan.demand.{name}", "runs on no SKU: " + "; ".join(reasons))
    return ClassRates(rates, activity, gangs)


def _rate_of(problem: Problem, name: str, demand: Demand, gangs: dict[int, TrainingRate], refusals: Refusals) -> RateOf:
    """Return what tells the rate of a demand on a SKU; the gangs of a training run are kept in `gangs`."""

    def of_serving(index: int, sku: str, node: Node) -> tuple[float, float]:  # noqa: ARG001 - as the others
        assert isinstance(demand, ServingDemand)
        stated = demand.stated.get(sku)
        if stated is not None:
            return stated.requests_per_s, stated.activity
        found = serving_rate(demand, node)
        if found.in_pieces:
            text = "one piece of a prompt in an iteration is its limit; engines that take several serve more"
            refusals.note(f"{name} on {sku}: {text}")
        return found.requests_per_s, found.activity

    def of_batch(index: int, sku: str, node: Node) -> tuple[float, float]:  # noqa: ARG001 - as the others
        assert isinstance(demand, BatchDemand)
        stated = demand.stated[sku]
        reason = barred(demand, sku, node)
        if reason:
            raise CanNotServe(reason)
        return stated.speed * node.accelerators / HOUR_S, stated.activity

    def of_training(index: int, sku: str, node: Node) -> tuple[float, float]:
        assert isinstance(demand, TrainingDemand)
        try:
            gang = training_rate(demand, sku, node)
        except InputError as error:
            raise CanNotServe("; ".join(fault.message for fault in error.problems)) from None
        gangs[index] = gang
        for text in gang.notes:
            refusals.note(f"{name} on {sku}: {text}")
        ettr = effective_share(
            problem.reliability, node, gang.nodes, write_s=demand.checkpoint_write, restart_s=demand.restart
        )
        return gang.tokens_per_s * ettr, gang.activity

    if isinstance(demand, ServingDemand):
        return of_serving
    return of_batch if isinstance(demand, BatchDemand) else of_training
