"""What each pair of a maintenance tier and a security level gives and costs: the modes that a site can be run in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from models.operations.machine_repair import machine_repair
from models.operations.operations import Operations
from models.operations.spare_stock import spare_stock
from models.operations.staff import staff_year
from models.operations.triage import Triage
from models.reliability.modes.component_failures import ComponentFailures
from models.reliability.modes.failure_mode import JOB
from models.security.node_work import node_work
from models.security.security import Security, WorkClass
from models.security.summary import SecuritySummary, security_summary

from ..derates import Derates
from ..given.demand.training import TrainingDemand
from ..instance.hardware import NodeFigures
from ..instance.modes import ModeFigures
from ..problem import Problem
from .hours import edges_utc_s
from .refusals import Refusals

if TYPE_CHECKING:
    from models.nodes.node import Node
    from models.reliability.reliability import Reliability

    from ..given.maintenance import MaintenanceTier, SpareTerms

_YEAR_S = 365.25 * 86_400.0
_YEAR_H = _YEAR_S / 3600.0
_QUARTERS_OF_YEAR = 4.0
_FEW = 0.1
"""Shelves are looked at for the whole population and for this share of it: parts are rounded up to whole ones, and few
parts run out sooner than many in proportion. A tenth is an assumption."""


@dataclass(frozen=True)
class Repairs:
    """How a node of one type fares under a tier."""

    availability: float
    """Share of time in which it can work, incidents of security left out."""
    technician_utilization: float
    wait_s: float
    """From a failure that takes hands until a technician begins, mean."""
    part_wait_s: Mapping[str, float]
    """Mean wait for each part that is on shelves."""


def population(problem: Problem, figures: tuple[NodeFigures, ...]) -> int:
    """Return the nodes that a crew is held against: the most that any one site can have within the plan.

    That is the least of what there is and can be ordered, what the greatest tranche of its grid feeds at provisioned
    power, and what its modules take; over node types the greatest. Crews are so never too optimistic: a site with
    fewer nodes waits less.
    """
    most = 0
    for site_name, site in problem.sites.items():
        steps = site.grid.values() if isinstance(site.grid, Mapping) else (site.grid,)
        grid_w = max(steps)
        for kind in figures:
            stands = sum(e.count for e in problem.existing if e.sku == kind.name and e.site == site_name)
            ordered = int(kind.supply[: max(len(kind.supply) - kind.lead, 0)].sum()) * kind.batch
            room_w = sum(m.capacity * m.most for m in problem.modules.values() if m.cooling == kind.cooling)
            most = max(most, min(stands + ordered, int(min(grid_w, room_w) / kind.provisioned_w)))
    return max(most, 1)


def repairs(
    tier: MaintenanceTier, reliability: Reliability | None, node: Node, *, nodes: int, nodes_per_rack: int,
    from_utc_s: float = 0.0, spares_factor: Mapping[str, float] | None = None,
) -> Repairs:  # fmt: skip
    """Return how a node fares among `nodes` of its type: its failures, their repairs, and what these wait for.

    A node is down from a failure until it is noticed, through triage and a reset that is tried, and, where the failure
    is permanent or the reset does not cure it, while it waits for its part and for a technician, who travels and
    works: the terms of `operations` with their defaults, and the tier's crew and shelves. Technicians are the machine
    repair problem (M/M/c//N) with the crew's mean number on duty: c is that number rounded up, and where it is no
    whole number work takes longer in proportion. Parts are a base stock under Poisson demand (Palm). Racks that fail
    take their nodes out; of other failures see `left_out`.
    """
    if reliability is None:
        return Repairs(1.0, 0.0, 0.0, {})
    terms = Operations(crews=(tier.crew,))
    hazards = [
        each for mode in reliability.modes() for each in _hazards(mode, node, nodes_per_rack, terms, reliability)
    ]
    hands_per_s = sum(h.per_s * h.by_hand for h in hazards)
    on_duty = tier.crew.schedule(terms.time_zone).integral_s(from_utc_s, from_utc_s + _YEAR_S) / _YEAR_S
    wait_s = used = 0.0
    stretch = 1.0
    if hands_per_s > 0.0:
        if on_duty <= 0.0:
            raise ValueError("no technician is on duty at any time, and failures take hands: nothing would be repaired")
        technicians = math.ceil(on_duty - 1e-9)
        stretch = technicians / on_duty
        work_s = stretch * sum(h.per_s * h.by_hand * h.hands_s for h in hazards) / hands_per_s
        queue = machine_repair(
            machines=nodes, technicians=technicians,
            mean_time_between_failures_s=1.0 / hands_per_s, mean_repair_s=work_s,
        )  # fmt: skip
        wait_s, used = queue.mean_wait_s, queue.technician_utilization
    waits = {
        part: _part_wait_s(part, spares, hazards, nodes, (spares_factor or {}).get(part, 1.0))
        for part, spares in tier.spares.items()
    }
    down = sum(
        h.per_s * (h.afar_s + h.by_hand * (wait_s + stretch * h.hands_s) + h.takes_part * waits.get(h.part, 0.0))
        for h in hazards
    )
    return Repairs(1.0 / (1.0 + down), used, wait_s, waits)


@dataclass(frozen=True)
class _Hazard:
    """Failures of one sort as one node sees them."""

    per_s: float
    afar_s: float
    """Mean time without hands: until it is noticed, triage, reset."""
    by_hand: float
    """Share that takes hands."""
    hands_s: float
    """What these take, travel included."""
    takes_part: float
    """Share that takes a part."""
    part: str


def _hazards(
    mode: object, node: Node, nodes_per_rack: int, terms: Operations, reliability: Reliability
) -> list[_Hazard]:
    if not isinstance(mode, ComponentFailures) or mode.component not in ("node", "rack"):
        return []
    per_s = mode.between.rate_per_s * (mode.parts_of(node) if mode.component == "node" else 1)
    common = reliability.common_cause
    if mode.component == "node" and common is not None and nodes_per_rack > 1:
        # One neighbour for certain, each of the others with its probability.
        per_s *= 1.0 + common.share * (1.0 + (nodes_per_rack - 2) * common.each)
    triage = terms.triage or Triage(reset=None)
    diagnosis_s = 0.0 if terms.triage is None else triage.time.expected()
    reset_s = 0.0 if triage.reset is None else triage.reset.time
    cured = 0.0 if triage.reset is None else (1.0 - mode.permanent) * triage.reset.cures
    if mode.reboot is not None and triage.reset is not None:
        reset_s = mode.permanent * reset_s + (1.0 - mode.permanent) * mode.reboot.expected()
    ordinary_s = terms.repair_time.expected()
    permanent_s = ordinary_s if mode.repair is None else mode.repair.expected()
    by_hand = 1.0 - cured
    others = by_hand - mode.permanent
    hands_s = (mode.permanent * permanent_s + others * ordinary_s) / by_hand if by_hand > 0.0 else 0.0
    slow = mode.slowdown
    # A node that a failure only slows loses its clock until somebody finds it.
    noticed_s = (1.0 - slow.share) * mode.detection.mean_s + slow.share * (1.0 - slow.clock) * slow.until_noticed
    travel_s = terms.crews[0].travel
    return [
        _Hazard(per_s, noticed_s + diagnosis_s + reset_s, by_hand, hands_s + travel_s, mode.permanent, mode.spare_part)
    ]


def _part_wait_s(part: str, spares: SpareTerms, hazards: list[_Hazard], nodes: int, factor: float) -> float:
    per_s = sum(h.per_s * h.takes_part for h in hazards if h.part == part)
    waits = []
    for count in (nodes, max(math.ceil(_FEW * nodes), 1)):
        stock = math.ceil(factor * spares.per_100_nodes / 100.0 * count - 1e-9)
        found = spare_stock(stock=stock, demands_per_s=per_s * count, mean_lead_time_s=spares.lead_time)
        waits.append(found.mean_wait_s)
    return max(waits)


def left_out(reliability: Reliability | None) -> tuple[str, ...]:
    """Return what availability leaves out of the failures stated, in words."""
    if reliability is None:
        return ("nothing fails in this plan: it has no 'reliability'",)
    found = []
    for mode in reliability.modes():
        if mode.component not in ("node", "rack", JOB):
            found.append(
                f"failures of a {mode.component} ('{mode.label}') are left out: what they take depends on where"
            )
        if isinstance(mode, ComponentFailures) and mode.group is not None:
            found.append(f"failures '{mode.label}' of the group '{mode.group}' are counted for all nodes")
        if isinstance(mode, ComponentFailures) and mode.infant_mortality is not None:
            found.append(f"infant mortality of '{mode.label}' is left out: failures come at their steady rate")
    if any(mode.listed() for mode in reliability.failures):
        found.append("failures that a trace lists are left out: they belong to its own nodes and times")
    return tuple(dict.fromkeys(found))


def secured(
    section: Security, sort: WorkClass, node: Node, nodes: int, network_b_per_s: float | None = None
) -> SecuritySummary:
    """Return what the controls of a level cost work of a sort and leave of incidents, in a hall of so many nodes."""
    work = node_work(section, sort, node, nodes, network_b_per_s=network_b_per_s)
    return security_summary(section.in_force, work, incidents=section.incidents, reimaging=section.reimaging)


def mode_figures(
    problem: Problem, nodes: Mapping[str, Node], figures: tuple[NodeFigures, ...], derates: Derates, refusals: Refusals
) -> tuple[ModeFigures, ...]:
    """Return every mode: each tier with each level, in the order in which the plan has them."""
    count = population(problem, figures)
    start = edges_utc_s(problem)[0]
    for text in left_out(problem.reliability):
        refusals.note(text)
    found = []
    for tier_name, tier in problem.maintenance.items():
        path = f"plan.maintenance.{tier_name}"
        factor = {part: derates.spares.get((tier_name, part), 1.0) for part in tier.spares}
        _check_parts(problem, tier, path, refusals)
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
            fixed_usd, per_node_usd, lost = _security_money(problem, level, nodes, figures, count, level_name, refusals)
            found.append(
                ModeFigures(
                    name=f"{tier_name}, {level_name}",
                    maintenance=tier_name,
                    security=level_name,
                    availability=np.array(alone) * (1.0 - np.array(lost)),
                    spares_per_node=np.array(parts),
                    spares_usd_per_node=np.array(prices),
                    maintenance_usd=crew_usd,
                    maintenance_usd_per_node=np.full(len(figures), tier.contract_per_node / _QUARTERS_OF_YEAR),
                    security_usd=fixed_usd,
                    security_usd_per_node=np.array(per_node_usd),
                )
            )
    return tuple(found)


def _security_money(
    problem: Problem, level: Security, nodes: Mapping[str, Node], figures: tuple[NodeFigures, ...], count: int,
    name: str, refusals: Refusals,
) -> tuple[float, list[float], list[float]]:  # fmt: skip
    """Return (USD of a site and quarter, USD of a node and quarter by type, share of time lost to incidents by type).

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
    return fixed, per_node, lost


def _check_parts(problem: Problem, tier: MaintenanceTier, path: str, refusals: Refusals) -> None:
    if problem.reliability is None:
        return
    taken = {mode.spare_part for mode in problem.reliability.modes() if isinstance(mode, ComponentFailures)}
    for part in tier.spares:
        if part not in taken:
            asked = ", ".join(sorted(taken)) or "none"
            refusals.refuse(f"{path}.spares.{part}", f"no failure of the plan takes this part; they take: {asked}")
