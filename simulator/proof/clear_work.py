"""What a class of work gets out of a node with nothing taken off: neither interruptions nor security nor derates.

A simulation takes these off by itself, as they happen; a plan has them in its rates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models import catalog
from models.nodes.node import Node
from optimizers.figures.serving_rate import serving_rate
from optimizers.figures.training_rate import training_rate
from optimizers.given.demand.batch import BatchDemand
from optimizers.given.demand.serving import ServingDemand
from optimizers.given.demand.training import TrainingDemand
from optimizers.problem import Problem

if TYPE_CHECKING:
    from models.workload.training_plan import TrainingPlan

HOUR_S = 3600.0


@dataclass(frozen=True)
class ClearWork:
    """A class of work on a type of node."""

    per_s: float
    """Requests or units of work a second of one node; tokens a second of a whole gang, on a network that holds nothing
    up."""
    activity: float
    """How busy that keeps its nodes, 0 to 1."""
    plan: TrainingPlan | None = None
    """The step of a gang, where its model and layout are known."""


def node_of(problem: Problem, nodes: Mapping[str, Node], sku: str) -> Node:
    """Return the node of a SKU: one of the plan file's own, or the catalogue's."""
    name = problem.skus[sku].node
    return nodes[name] if name in nodes else catalog.entry("nodes", name)


def clear_work(problem: Problem, nodes: Mapping[str, Node], work: str, sku: str) -> ClearWork:
    """Return what a class of work gets out of a SKU that it can run on.

    Raises InputError or ValueError as the plan's own figures do where it can not run there.
    """
    demand, node = problem.demand[work], node_of(problem, nodes, sku)
    if isinstance(demand, TrainingDemand):
        rate = training_rate(demand, sku, node)
        return ClearWork(rate.tokens_per_s, rate.activity, rate.plan)
    if isinstance(demand, BatchDemand):
        stated = demand.stated[sku]
        return ClearWork(stated.speed * node.accelerators / HOUR_S, stated.activity)
    assert isinstance(demand, ServingDemand)
    served = demand.stated.get(sku)
    if served is not None:
        return ClearWork(served.requests_per_s, served.activity)
    found = serving_rate(demand, node)
    return ClearWork(found.requests_per_s, found.activity)
