"""What the node types on sale cost, draw and take, from the catalogue and the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models import catalog
from models.nodes.node import Node
from models.power.node_power import node_power_w
from models.problems import nearest

from ..given.hardware import Sku
from ..given.quarter import MoneyCurve, by_quarter, quarter_number
from ..instance.hardware import Cohort, NodeFigures
from ..problem import Problem
from .prices import counts
from .refusals import Refusals

Array = NDArray[np.float64]


def nodes_of(problem: Problem, own: Mapping[str, Node], refusals: Refusals) -> dict[str, Node]:
    """Return the node of each SKU, of the plan's own or else of the catalogue; what is in neither is refused."""
    found: dict[str, Node] = {}
    for name, sku in problem.skus.items():
        if sku.node in own:
            found[name] = own[sku.node]
        elif sku.node in catalog.names("nodes"):
            found[name] = catalog.entry("nodes", sku.node)
        else:
            known = [*own, *catalog.names("nodes")]
            text = f"'{sku.node}' is neither in 'nodes' nor in the catalogue{nearest(sku.node, known)}"
            refusals.refuse(f"plan.skus.{name}.node", text)
    return found


def curve(
    problem: Problem, given: MoneyCurve, path: str, refusals: Refusals, *, wanted: NDArray[np.bool_] | None = None
) -> Array:
    """Return a price by quarter [USD]; it is refused where it is not stated for a quarter in which it is `wanted`."""
    try:
        return np.array(by_quarter(given, problem.first_quarter, problem.quarters, None), dtype=np.float64)
    except ValueError as error:
        assert isinstance(given, Mapping)
        first = min(given, key=quarter_number)
        early = np.array([quarter_number(name) < quarter_number(first) for name in problem.quarter_names])
        if wanted is None or np.any(early & wanted):
            refusals.refuse(path, str(error))
        return np.array(by_quarter(given, problem.first_quarter, problem.quarters, given[first]), dtype=np.float64)


def supply_of(problem: Problem, sku: Sku) -> NDArray[np.int64]:
    """Return the batches that can be ordered by quarter: none before the release."""
    supply = np.array(by_quarter(sku.supply, problem.first_quarter, problem.quarters, 0), dtype=np.int64)
    if sku.released is not None:
        early = max(quarter_number(sku.released) - quarter_number(problem.first_quarter), 0)
        supply[:early] = 0
    return supply


def node_figures(problem: Problem, nodes: Mapping[str, Node], refusals: Refusals) -> tuple[NodeFigures, ...]:
    """Return the figures of each SKU whose node is known. A missing price is refused."""
    return tuple(
        _figures(problem, name, sku, nodes[name], refusals) for name, sku in problem.skus.items() if name in nodes
    )


def _figures(problem: Problem, name: str, sku: Sku, node: Node, refusals: Refusals) -> NodeFigures:
    path = f"plan.skus.{name}"
    supply = supply_of(problem, sku)
    exists = any(each.sku == name for each in problem.existing)
    if not supply.any() and not exists:
        refusals.refuse(f"{path}.supply", "nothing can be ordered in any quarter, and none exists: leave the SKU out")
    price = np.zeros(problem.quarters)
    if sku.price is not None:
        price = curve(problem, sku.price, f"{path}.price", refusals, wanted=supply > 0)
    elif node.price is not None:
        price = np.full(problem.quarters, node.price.value)
    else:
        refusals.refuse(f"{path}.price", f"is missing, and the catalogue knows no price of {sku.node}: state one")
    embodied: float | None = sku.embodied_carbon
    if embodied is None and node.embodied_carbon is not None:
        embodied = node.embodied_carbon.value
    if embodied is None and counts(problem, "carbon"):
        text = f"is missing, and the catalogue knows none of {sku.node}: carbon counts in this plan"
        refusals.refuse(f"{path}.embodied_carbon", text)
    elif embodied is None:
        refusals.note(f"{name}: the carbon of making it is unknown and not counted")
    ports = 0
    if problem.fabrics and node.network is not None:
        ports = node.network.count
    elif problem.fabrics:
        refusals.note(f"{name}: takes no ports, since {sku.node} has no network interfaces")
    return NodeFigures(
        name=name,
        batch=sku.batch,
        nodes_per_rack=sku.nodes_per_rack,
        accelerators=node.accelerators,
        cooling=sku.cooling,
        provisioned_w=node.provisioned_power_w,
        rated_w=node.rated_power_w,
        idle_w=node.power.idle_power_w,
        price_usd=price,
        supply=supply,
        lead=sku.lead_quarters,
        life=sku.life_quarters,
        value_kept=sku.value_kept,
        embodied_kg=embodied or 0.0,
        ports=ports,
    )


def cohorts_of(problem: Problem, figures: tuple[NodeFigures, ...], refusals: Refusals) -> tuple[Cohort, ...]:
    """Return what stands there at the start; nodes that are beyond their life already are refused."""
    sites, skus = list(problem.sites), [each.name for each in figures]
    found = []
    for number, each in enumerate(problem.existing):
        if each.sku not in skus:
            continue
        kind = figures[skus.index(each.sku)]
        path = f"plan.existing[{number}]"
        if not problem.sites[each.site].exists:
            refusals.refuse(f"{path}.site", f"'{each.site}' does not exist when the plan begins; no nodes stand there")
        if each.age_quarters >= kind.life:
            text = f"{each.age_quarters} quarters in service are not below the life of {kind.life}: leave them out"
            refusals.refuse(f"{path}.age_quarters", text)
        price = float(kind.price_usd[0]) if each.price is None else float(each.price)
        found.append(Cohort(sites.index(each.site), skus.index(each.sku), each.count, each.age_quarters, price))
    return tuple(found)


def busy_w(node: Node, activity: float) -> float:
    """Return what a node draws above idle [W] at an activity of accelerators and processors of 0 to 1."""
    return float(node_power_w(node.power, activity, activity, 1.0)) - node.power.idle_power_w
