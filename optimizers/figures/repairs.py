"""How long nodes are down: their failures, what is done from afar, and the wait for technicians and parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.operations.machine_repair import machine_repair
from models.operations.operations import Operations
from models.operations.spare_stock import spare_stock
from models.operations.triage import Triage
from models.reliability.modes.component_failures import ComponentFailures
from models.reliability.modes.failure_mode import JOB, RandomFailures

if TYPE_CHECKING:
    from models.nodes.node import Node
    from models.reliability.reliability import Reliability

    from ..given.maintenance import MaintenanceTier, SpareTerms

_YEAR_S = 365.25 * 86_400.0
_ROUNDS = 20
"""Availability and the demand for parts depend on each other; each round leaves a small share of what was missing."""


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
    availability, waits = 1.0, dict.fromkeys(tier.spares, 0.0)
    for _ in range(_ROUNDS):  # what is down breaks nothing: fewer parts are asked for
        waits = {
            part: _part_wait_s(part, spares, hazards, availability * nodes, nodes, (spares_factor or {}).get(part, 1.0))
            for part, spares in tier.spares.items()
        }
        down = sum(
            h.per_s * (h.afar_s + h.by_hand * (wait_s + stretch * h.hands_s) + h.takes_part * waits.get(h.part, 0.0))
            for h in hazards
        )
        availability = 1.0 / (1.0 + down)
    return Repairs(availability, used, wait_s, waits)


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
    mode: RandomFailures, node: Node, nodes_per_rack: int, terms: Operations, reliability: Reliability
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


def _part_wait_s(
    part: str, spares: SpareTerms, hazards: list[_Hazard], running: float, nodes: int, factor: float
) -> float:
    """Return the mean wait for a part [s], with so many of the nodes running."""
    per_s = sum(h.per_s * h.takes_part for h in hazards if h.part == part)
    stock = math.ceil(factor * spares.per_100_nodes / 100.0 * nodes - 1e-9)
    return spare_stock(stock=stock, demands_per_s=per_s * running, mean_lead_time_s=spares.lead_time).mean_wait_s


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
