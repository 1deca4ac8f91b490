"""Where a plan's figures come from: what was measured, published, derived, assumed, or written in the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from models.problems import InputError
from models.sourced import IN_SCENARIO, Entry, Status, numbers

from ..given.demand.serving import ServingDemand
from ..given.demand.training import TrainingDemand
from ..problem import Problem
from ..refusals import Refusals
from ..stated.checks import nodes_of
from .node_figures import node_figures
from .rates import class_rates, population
from .repairs import repairs
from .serving_rate import FRAMEWORK, CanNotServe, serving_rate
from .training_rate import training_rate

if TYPE_CHECKING:
    from models.nodes.node import Node

IN_PLAN = "written in the plan"
_OF_NODES = ("price", "embodied_carbon", "rated_power", "provisioned_power", "power.")
"""What of a node a plan looks at."""


class Figure(NamedTuple):
    """A number of a plan and where it comes from."""

    path: str
    value: float
    """In SI units; money in USD."""
    status: Status
    text: str


def provenance(problem: Problem, nodes: Mapping[str, Node]) -> tuple[Figure, ...]:
    """Return prices, powers, throughputs and failures of a plan with their status and source.

    `nodes` are the plan file's own node types. Throughputs are of one node without security controls, of training runs
    of the whole gang with nothing lost. Raises InputError where a node type is unknown.
    """
    refusals = Refusals()
    found = nodes_of(problem, nodes, refusals)
    refusals.raise_if_any()
    return (*_of_skus(problem, found), *_of_demand(problem, found), *_of_failures(problem), *_of_modes(problem, found))


def _of_skus(problem: Problem, nodes: Mapping[str, Node]) -> Iterator[Figure]:
    for name, sku in problem.skus.items():
        path = f"plan.skus.{name}"
        if sku.price is not None:
            given = sku.price if isinstance(sku.price, Mapping) else {"": sku.price}
            for quarter, usd in given.items():
                yield Figure(f"{path}.price.{quarter}".rstrip("."), float(usd), "scenario", IN_PLAN)
        if sku.embodied_carbon is not None:
            yield Figure(f"{path}.embodied_carbon", float(sku.embodied_carbon), "scenario", IN_PLAN)
        stated = {"price"} if sku.price is not None else set()
        stated |= {"embodied_carbon"} if sku.embodied_carbon is not None else set()
        for number in _numbers(nodes[name]):
            first = number.path.split(".")[0]
            if number.path.startswith(_OF_NODES) and first not in stated:
                yield Figure(f"{path}.{sku.node}.{number.path}", number.value, number.status, number.text)


def _of_demand(problem: Problem, nodes: Mapping[str, Node]) -> Iterator[Figure]:
    for name, demand in problem.demand.items():
        path = f"plan.demand.{name}"
        stated = getattr(demand, "stated", {})
        for sku in problem.skus:
            if demand.skus is not None and sku not in demand.skus:
                continue
            if sku in stated:
                for key, value in stated[sku].model_dump().items():
                    yield Figure(f"{path}.stated.{sku}.{key}", float(value), "scenario", IN_PLAN)
            elif isinstance(demand, ServingDemand) and demand.model is not None:
                try:
                    rate = serving_rate(demand, nodes[sku])
                except CanNotServe:
                    continue
                text = (
                    f"{demand.model} on {rate.tensor} accelerators a replica, {rate.concurrency} requests at once: "
                    f"kernels of {FRAMEWORK} and host overhead as calibrated, steady state without queues"
                )
                yield Figure(f"{path}.{sku}.requests_per_s", rate.requests_per_s, "derived", text)
            elif isinstance(demand, TrainingDemand) and demand.model is not None:
                try:
                    gang = training_rate(demand, sku, nodes[sku])
                except InputError:
                    continue
                text = f"{demand.model} on {gang.nodes} nodes: kernels and exchanges as calibrated ({gang.basis})"
                yield Figure(f"{path}.{sku}.tokens_per_s", gang.tokens_per_s, "derived", text)


def _of_failures(problem: Problem) -> Iterator[Figure]:
    if problem.reliability is None:
        return
    for number, given in enumerate(problem.reliability.failures):
        for mode in given.modes():
            path = f"plan.reliability.failures[{number}].{mode.label}.mtbf"
            rate_per_s = mode.between.rate_per_s
            if not rate_per_s > 0.0:
                continue
            published = mode is not given
            own = any(getattr(mode, key, None) is not None for key in ("mtbf", "per_year", "times"))
            status: Status = "measured" if published or not own else "scenario"
            text = IN_PLAN if status == "scenario" else " ".join((type(mode).__doc__ or "").split())
            yield Figure(path, 1.0 / rate_per_s, status, f"set '{given.set}'" if hasattr(given, "set") else text)


def _of_modes(problem: Problem, nodes: Mapping[str, Node]) -> Iterator[Figure]:
    refusals = Refusals()
    figures = node_figures(problem, nodes)
    count = population(problem, figures, class_rates(problem, nodes, figures, refusals))
    for name, tier in problem.maintenance.items():
        for kind in figures:
            try:
                fares = repairs(
                    tier, problem.reliability, nodes[kind.name], nodes=count, nodes_per_rack=kind.nodes_per_rack
                )
            except ValueError:
                continue
            text = (
                f"failures, triage and hands with the defaults of 'operations' (assumptions); {count} nodes wait for "
                "the crew, and parts for their orders"
            )
            yield Figure(f"plan.maintenance.{name}.availability.{kind.name}", fares.availability, "derived", text)


def _numbers(node: Entry) -> Iterator[Figure]:
    for path, value, _, status, text in numbers(node):
        yield Figure(path, value, status, IN_PLAN if text == IN_SCENARIO else text)
