"""What is to be served, held against the SKUs that could serve it: as far as nothing has to be computed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from models import catalog
from models.neural_networks.transformer import Transformer

from ..given.demand.batch import BatchDemand
from ..given.demand.demand import Demand
from ..given.demand.training import TrainingDemand
from ..given.quarter import by_quarter
from ..problem import Problem
from ..refusals import Refusals

if TYPE_CHECKING:
    from models.nodes.node import Node


def check_work(problem: Problem, nodes: Mapping[str, Node], refusals: Refusals) -> None:
    """Refuse demands that nothing can serve, whatever is bought, and a plan without any."""
    for name, demand in problem.demand.items():
        path = f"plan.demand.{name}"
        if demand.security is not None and not demand.security:
            allowed = ", ".join(problem.security)
            refusals.refuse(f"{path}.security", f"an empty list; allowed: levels of the plan, of {allowed}")
        if demand.skus is not None and not demand.skus:
            refusals.refuse(f"{path}.skus", "names no SKU: name one, or leave it out for all")
        # Names of quarters are in order as texts: four digits, Q and one.
        if isinstance(demand, TrainingDemand) and demand.start is not None and demand.start > demand.by:
            text = f"training may begin in {demand.start} and must end by {demand.by}: there is no quarter for it"
            refusals.refuse(f"{path}.start", text)
        _runs_somewhere(problem, path, demand, nodes, refusals)
    if not any(_asks(problem, demand) for demand in problem.demand.values()):
        refusals.refuse("plan.demand", "is 0 in every quarter: there is nothing to plan for")


def barred(demand: Demand, sku: str, node: Node) -> str:
    """Return why a demand can not run on a SKU's node; empty where it takes computing to tell, or it can.

    A gang is of whole nodes, and its layout divides model, batch and accelerators (`Layout.problems`).
    """
    if isinstance(demand, BatchDemand) and node.accelerators == 0:
        return "the node has no accelerators, and its speed is that of one"
    if not isinstance(demand, TrainingDemand):
        return ""
    if node.accelerators == 0 or demand.accelerators % node.accelerators:
        each = f"{node.accelerators} accelerators each" if node.accelerators else "no accelerators"
        return f"{demand.accelerators} do not make whole nodes of {each}"
    if sku in demand.stated or demand.model is None or demand.layout is None:
        return ""
    model = catalog.entry("models", demand.model)
    if not isinstance(model, Transformer):
        return f"'{demand.model}' is a {model.kind}; layouts are known for transformers"
    return "; ".join(fault.message for fault in demand.layout.problems(model, demand.accelerators))


def _runs_somewhere(problem: Problem, path: str, demand: Demand, nodes: Mapping[str, Node], refusals: Refusals) -> None:
    reasons: dict[str, list[str]] = {}
    able = False
    for sku in problem.skus if demand.skus is None else demand.skus:
        if sku not in getattr(demand, "stated", {}) and getattr(demand, "model", None) is None:
            text = f"says nothing of '{sku}': state it, give a 'model', or leave it out of 'skus'"
            refusals.refuse(f"{path}.stated", text)
            able = True
        elif sku not in nodes:
            able = True
        elif reason := barred(demand, sku, nodes[sku]):
            reasons.setdefault(reason, []).append(sku)
        else:
            able = True
    if reasons and not able:
        told = (f"{', '.join(skus)}: {reason}" for reason, skus in reasons.items())
        refusals.refuse(path, "runs on no SKU: " + "; ".join(told))


def _asks(problem: Problem, demand: Demand) -> bool:
    """Return whether anything is asked for in any quarter of any future."""
    if not any(future.demand_factor for future in problem.futures):
        return False
    curves = [getattr(demand, key) for key in demand.curves]
    return not curves or any(any(by_quarter(curve, problem.first_quarter, problem.quarters, 0.0)) for curve in curves)
