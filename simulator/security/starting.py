"""Put the controls of a scenario in force, and let what they can not stop happen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from models.problems import InputError, Problem, nearest
from models.security.controls.encryption_at_rest import EncryptionAtRest
from models.security.controls.patching import Patching
from models.security.security import Security

from ..assembly.training import place_of
from ..operations.entering import NODE
from ..operations.running import Running
from ..random_streams import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .in_force import WorkUnderControls

    Works = list[tuple[NDArray[np.intp], WorkUnderControls]]


def start_security(running: Running) -> None:
    """Slow jobs and tiers by what controls cost them, keep tenants apart, and start incidents.

    Nothing without `security:`. Raises InputError where controls can not be carried out on the hall's nodes.
    """
    section, hall = running.given.security, running.hall
    if section is None:
        return
    from ..repair.maintenance_rounds import keep_up
    from .accounts import SecurityAccounts
    from .in_force import ControlsInForce
    from .incident_story import IncidentResponse
    from .tenancy import constrain_placement

    constrain_placement(hall.batch, section.tenancy)
    works = [*_training(running, section), *_batch(running, section)]
    speeds = np.ones(len(running.workload))
    for jobs, work in works:
        speeds[jobs] = work.speed
    slowed = np.flatnonzero(speeds < 1.0)
    hall.speeds.set("security", slowed, speeds[slowed])
    running.security = ControlsInForce(section, [work for _, work in works], speeds)
    encrypted = section.control(EncryptionAtRest)
    if encrypted is not None:
        _encrypt_tiers(running, encrypted)
    patching = section.control(Patching)
    if patching is not None:
        zone = "UTC" if running.given.operations is None else running.given.operations.time_zone
        hall.timeline.process(keep_up(running, patching.rounds(), running.components.of_kind(NODE), zone))
    response = IncidentResponse(running, section.reimaging)
    for incident in section.incidents:
        random = stream(running.given.seed, "security", incident.kind_name)
        hall.timeline.process(response.follow(incident, section.change_of(incident.kind_name), random))
    running.parts.append(SecurityAccounts(running, running.security, response))


def _training(running: Running, section: Security) -> Works:
    """Return each training job, with what controls cost it on its nodes."""
    from models.security.node_work import node_work

    from .in_force import training_network_b_per_s, under_controls

    found: Works = []
    for plan, job in zip(running.plans, place_of(running.plans, running.workload), strict=True):
        work = node_work(
            section,
            "training",
            plan.node,
            len(running.fleet),
            network_b_per_s=training_network_b_per_s(plan),
            storage_simulated=running.storage is not None,
        )
        on_links = running.fabric is not None and plan.layout is not None  # A stated step has no bytes to put there.
        costs = under_controls(section, "training", work, nodes=plan.nodes, network_simulated=on_links)
        found.append((np.array([job]), costs))
    return found


def _batch(running: Running, section: Security) -> Works:
    """Return the other jobs by the node models that they accept; the most frequent of these stands for all."""
    from models.security.node_work import node_work

    from .in_force import under_controls

    state, fleet, found = running.hall.batch.state, running.fleet, []
    jobs = np.setdiff1d(np.arange(len(state.jobs)), place_of(running.plans, running.workload))
    counts = np.bincount(fleet.model, minlength=len(fleet.models))
    for constraint in np.unique(state.jobs["constraint"][jobs]):
        accepted = np.where(state.accepts[constraint], counts, 0)
        model = int(np.argmax(accepted))
        work = node_work(
            section, "batch", fleet.models[model], len(fleet), storage_simulated=running.storage is not None
        )
        costs = under_controls(section, "batch", work, nodes=max(int(accepted.sum()), 1))
        found.append((jobs[state.jobs["constraint"][jobs] == constraint], costs))
    return found


def _encrypt_tiers(running: Running, encrypted: EncryptionAtRest) -> None:
    """Slow each tier by what encryption leaves of one of its servers."""
    tiers = {} if running.storage is None else running.storage.tiers
    for name in encrypted.tiers:
        if name not in tiers:
            allowed = ", ".join(tiers) or "none is given: the scenario has no 'storage'"
            text = f"encryption-at-rest: '{name}' is not a tier; allowed: {allowed}{nearest(name, tiers)}"
            raise InputError(Problem("", "security.controls", text))
    for name, tier in tiers.items():
        if running.storage is not None and (not encrypted.tiers or name in encrypted.tiers):
            factor = encrypted.bandwidth_factor(tier.sized.read_b_per_s / max(tier.sized.servers, 1))
            running.storage.set_rate_factor(name, "security", factor)
