"""What the node types on sale cost, draw and take, from the catalogue and the plan."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from models.nodes.node import Node
from models.nodes.node_power import node_power_w

from ..given.hardware import Sku
from ..given.quarter import MoneyCurve, by_quarter, quarter_number
from ..instance.hardware import Cohort, NodeFigures
from ..problem import Problem
from ..stated.hardware import supply_of

Array = NDArray[np.float64]


def curve(problem: Problem, given: MoneyCurve) -> Array:
    """Return a price by quarter [USD]; before the first that is stated, where none is wanted, that one."""
    first = given[min(given, key=quarter_number)] if isinstance(given, Mapping) else None
    return np.array(by_quarter(given, problem.first_quarter, problem.quarters, first), dtype=np.float64)


def node_figures(problem: Problem, nodes: Mapping[str, Node]) -> tuple[NodeFigures, ...]:
    """Return the figures of each SKU whose node is known; `optimizers.stated` has refused what is missing."""
    return tuple(_figures(problem, name, sku, nodes[name]) for name, sku in problem.skus.items() if name in nodes)


def _figures(problem: Problem, name: str, sku: Sku, node: Node) -> NodeFigures:
    price = np.full(problem.quarters, 0.0 if node.price is None else node.price.value)
    if sku.price is not None:
        price = curve(problem, sku.price)
    embodied: float | None = sku.embodied_carbon
    if embodied is None and node.embodied_carbon is not None:
        embodied = node.embodied_carbon.value
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
        supply=np.array(supply_of(problem, sku), dtype=np.int64),
        lead=sku.lead_quarters,
        life=sku.life_quarters,
        value_kept=sku.value_kept,
        embodied_kg=embodied or 0.0,
        ports=node.network.count if problem.fabrics and node.network is not None else 0,
    )


def cohorts_of(problem: Problem, figures: tuple[NodeFigures, ...]) -> tuple[Cohort, ...]:
    """Return what stands there at the start."""
    sites, skus = list(problem.sites), [each.name for each in figures]
    found = []
    for each in problem.existing:
        kind = figures[skus.index(each.sku)]
        price = float(kind.price_usd[0]) if each.price is None else float(each.price)
        found.append(Cohort(sites.index(each.site), skus.index(each.sku), each.count, each.age_quarters, price))
    return tuple(found)


def busy_w(node: Node, activity: float) -> float:
    """Return what a node draws above idle [W] at an activity of accelerators and processors of 0 to 1."""
    return float(node_power_w(node.power, activity, activity, 1.0)) - node.power.idle_power_w
