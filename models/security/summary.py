"""What controls cost and avert together: what a planner weighs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .controls.control import ControlCost, SecurityControl
from .incidents.credential_theft import CredentialTheft
from .incidents.incident import SecurityIncident
from .incidents.ransomware import Ransomware
from .incidents.tenant_escape import TenantEscape
from .incidents.vulnerable_firmware import VulnerableFirmware
from .levels import Level, controls_of
from .moved_bytes import NodeWork
from .reimaging import Reimaging
from .security import combined_change

USUAL_INCIDENTS: tuple[SecurityIncident, ...] = (Ransomware(), CredentialTheft(), VulnerableFirmware(), TenantEscape())
"""Every kind of incident with its defaults, which are assumptions."""


@dataclass(frozen=True)
class SecuritySummary:
    """What controls cost a hall and what is left of incidents."""

    cost: ControlCost
    """All controls together: factors multiply, the rest adds up."""
    incidents_per_year: float
    """Incidents that are left [1/a]."""
    lost_node_h_per_year: float
    """Node-hours of a year out of service for them, from detection until the nodes are made anew [h/a]."""


def combined_cost(controls: Sequence[SecurityControl], work: NodeWork) -> tuple[tuple[ControlCost, ...], ControlCost]:
    """Return what each control costs, the later ones with the cores that the earlier have left, and all together.

    That factors multiply is an assumption: transfers that slow one another down cost less together.
    """
    each: list[ControlCost] = []
    for control in controls:
        each.append(control.cost(work))
        work = work.taking(each[-1].cpu_cores)
    throughput = network = 1.0
    for cost in each:
        throughput *= cost.throughput_factor
        network *= cost.network_bytes_factor
    return tuple(each), ControlCost(
        throughput_factor=throughput,
        network_bytes_factor=network,
        cpu_cores=math.fsum(cost.cpu_cores for cost in each),
        storage_b=math.fsum(cost.storage_b for cost in each),
        people_h_per_year=math.fsum(cost.people_h_per_year for cost in each),
        money_usd_per_year=math.fsum(cost.money_usd_per_year for cost in each),
    )


def security_summary(
    controls: Sequence[SecurityControl] | Level,
    work: NodeWork,
    *,
    incidents: Sequence[SecurityIncident] = USUAL_INCIDENTS,
    reimaging: Reimaging | None = None,
) -> SecuritySummary:
    """Return what controls, or a level of them, cost `work` and leave of incidents.

    Time lost counts from detection; a restore from backup, which depends on storage, is not in it. Raises ValueError
    where there is no such level.
    """
    if isinstance(controls, str):
        controls = controls_of(controls)
    anew = Reimaging() if reimaging is None else reimaging
    rate = lost_h = 0.0
    for incident in incidents:
        change = combined_change(tuple(controls), incident.kind_name)
        per_year = incident.expected_per_year(change)
        hit = incident.reach(work.nodes, change)
        held_s = incident.investigation * change.investigation
        # Nodes come back batch by batch.
        batches = -(-hit // anew.at_once)
        mean_s = anew.node_s * sum(min(hit - n * anew.at_once, anew.at_once) * (n + 1) for n in range(batches)) / hit
        rate += per_year
        lost_h += per_year * hit * (held_s + mean_s) / 3600.0
    return SecuritySummary(combined_cost(controls, work)[1], rate, lost_h)
