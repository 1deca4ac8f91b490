"""What controls cost work, nodes and a site, and what incidents leave of their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.security.node_work import node_work
from models.security.security import Security, WorkClass
from models.security.summary import SecuritySummary, security_summary

from ..given.demand.training import TrainingDemand
from ..instance.hardware import NodeFigures
from ..problem import Problem
from ..refusals import Refusals

if TYPE_CHECKING:
    from models.nodes.node import Node

_YEAR_H = 8766.0
_QUARTERS_OF_YEAR = 4.0


def secured(
    section: Security, sort: WorkClass, node: Node, nodes: int, network_b_per_s: float | None = None
) -> SecuritySummary:
    """Return what the controls of a level cost work of a sort and leave of incidents, in a hall of so many nodes."""
    work = node_work(section, sort, node, nodes, network_b_per_s=network_b_per_s)
    return security_summary(section.in_force, work, incidents=section.incidents, reimaging=section.reimaging)


@dataclass(frozen=True)
class SecurityTerms:
    """What a level costs beside speed."""

    usd: float
    """Of a site and quarter, whatever stands there."""
    usd_per_node: tuple[float, ...]
    """Of a node and quarter, by type."""
    lost: tuple[float, ...]
    """Share of a node's time that incidents take, by type."""


def security_terms(
    problem: Problem, level: Security, nodes: Mapping[str, Node], figures: tuple[NodeFigures, ...], count: int,
    name: str, refusals: Refusals,
) -> SecurityTerms:  # fmt: skip
    """Return what a level costs in a hall of `count` nodes.

    People and money are straight lines in the number of nodes, from one node to the whole population.
    """
    sort: WorkClass = "training" if any(isinstance(d, TrainingDemand) for d in problem.demand.values()) else "batch"
    fixed, per_node, lost = 0.0, [], []
    for kind in figures:
        slope_usd = share = 0.0
        with refusals.within(f"plan.security.{name}"):
            ends = [secured(level, sort, nodes[kind.name], each) for each in (1, count + 1)]
            usd = [
                (each.cost.people_h_per_year * level.cost_per_hour + each.cost.money_usd_per_year) / _QUARTERS_OF_YEAR
                for each in ends
            ]
            slope_usd = (usd[1] - usd[0]) / count
            fixed = max(fixed, usd[0] - slope_usd)
            share = min(ends[1].lost_node_h_per_year / ((count + 1) * _YEAR_H), 1.0)
        per_node.append(slope_usd)
        lost.append(share)
    return SecurityTerms(fixed, tuple(per_node), tuple(lost))
