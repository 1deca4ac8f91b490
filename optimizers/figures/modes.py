"""What each pair of a maintenance tier and a security level gives and costs: the modes that a site can be run in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from models.operations.staff import staff_year

from ..derates import Derates
from ..instance.hardware import NodeFigures
from ..instance.modes import ModeFigures
from ..problem import Problem
from ..refusals import Refusals
from .hours import edges_utc_s
from .repairs import left_out, repairs
from .security_terms import security_terms

if TYPE_CHECKING:
    from models.nodes.node import Node


_QUARTERS_OF_YEAR = 4.0


def mode_figures(
    problem: Problem,
    nodes: Mapping[str, Node],
    figures: tuple[NodeFigures, ...],
    count: int,
    derates: Derates,
    refusals: Refusals,
) -> tuple[ModeFigures, ...]:
    """Return every mode: each tier with each level, in the order in which the plan has them.

    Crews, shelves and controls are those of a site of `count` nodes.
    """
    start = edges_utc_s(problem)[0]
    for text in left_out(problem.reliability):
        refusals.note(text)
    found = []
    for tier_name, tier in problem.maintenance.items():
        path = f"plan.maintenance.{tier_name}"
        factor = {part: derates.spares.get((tier_name, part), 1.0) for part in tier.spares}
        alone, prices, parts = [], [], []
        for kind in figures:
            availability = 1.0
            with refusals.within(f"{path}.crew"):
                fares = repairs(
                    tier, problem.reliability, nodes[kind.name], nodes=count, nodes_per_rack=kind.nodes_per_rack,
                    from_utc_s=start, spares_factor=factor,
                )  # fmt: skip
                availability = fares.availability * derates.availability.get((tier_name, kind.name), 1.0)
            alone.append(min(availability, 1.0))
            usd = sum(
                factor[part] * spares.per_100_nodes / 100.0 * spares.price for part, spares in tier.spares.items()
            )
            prices.append(usd)
            parts.append(usd / float(kind.price_usd[0]) if kind.price_usd[0] > 0.0 else 0.0)
        crew_usd = staff_year(tier.crew, "UTC", start).cost_usd / _QUARTERS_OF_YEAR
        for level_name, level in problem.security.items():
            terms = security_terms(problem, level, nodes, figures, count, level_name, refusals)
            found.append(
                ModeFigures(
                    name=f"{tier_name}, {level_name}",
                    maintenance=tier_name,
                    security=level_name,
                    availability=np.array(alone) * (1.0 - np.array(terms.lost)),
                    spares_per_node=np.array(parts),
                    spares_usd_per_node=np.array(prices),
                    maintenance_usd=crew_usd,
                    maintenance_usd_per_node=np.full(len(figures), tier.contract_per_node / _QUARTERS_OF_YEAR),
                    security_usd=terms.usd,
                    security_usd_per_node=np.array(terms.usd_per_node),
                )
            )
    return tuple(found)
