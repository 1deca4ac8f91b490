"""The controls of a hall: what they do to each of its jobs, and what others ask about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.problems import InputError, Problem
from models.security.controls.control import ControlCost, kind_of
from models.security.controls.encryption_in_transit import EncryptionInTransit
from models.security.controls.patching import Patching
from models.security.moved_bytes import NodeWork
from models.security.security import Security, WorkClass
from models.security.summary import combined_cost
from models.workload.training_plan import TrainingPlan


@dataclass(frozen=True)
class WorkUnderControls:
    """Work of one sort, and what each control costs it."""

    sort: WorkClass
    nodes: int
    """Nodes that it is for: the weight of a mean."""
    costs: tuple[ControlCost, ...]
    """In the order of the section's controls."""
    speed: float
    """Its speed over that without controls, as far as nothing simulated slows it: 0 to 1."""


class LinkSpeeds(NamedTuple):
    """Speeds (0 to 1) that links leave a job that has them alone."""

    with_headers: float
    without: float


class ControlsInForce:
    """What controls do to jobs and to what these share."""

    def __init__(self, section: Security, works: Sequence[WorkUnderControls], job_speeds: NDArray[np.float64]) -> None:
        self.section = section
        self.works = tuple(works)
        self.job_speeds = job_speeds
        """The factor of each job's speed, shape (jobs,)."""
        self.link_speeds: dict[str, LinkSpeeds] = {}
        """What links left training jobs, by name, where each was placed last."""

    @property
    def network_bytes_factor(self) -> float:
        """Bytes of training on the network over those in the clear, at least 1: headers of encrypted packets."""
        transit = self.section.control(EncryptionInTransit)
        return 1.0 if transit is None else transit.network_bytes_factor(self.section.training.bytes.packet)

    def note_link_speeds(self, job: str, with_headers: float, without: float) -> None:
        """Take notice of the speeds (0 to 1) that links leave a training job where it has just been placed."""
        self.link_speeds[job] = LinkSpeeds(with_headers, without)


def under_controls(
    section: Security, sort: WorkClass, work: NodeWork, *, nodes: int, network_simulated: bool = False
) -> WorkUnderControls:
    """Return what each control costs, and the speed that is left.

    Patching is left out of the speed: the rounds that take nodes out are simulated. With `network_simulated` headers
    are bytes on links, which slow the work there. Raises InputError where the work moves more than its paths carry, or
    no cores are left to encrypt with.
    """
    try:
        costs, _ = combined_cost(section.in_force, work)
    except ValueError as error:
        raise InputError(Problem("", f"security.{sort}", str(error))) from None
    speed = 1.0
    for control, cost in zip(section.in_force, costs, strict=True):
        if cost.throughput_factor == 0.0:
            text = f"{kind_of(control)} finds no free core for {sort} work: let 'cores' or 'busy_cores' be fewer"
            raise InputError(Problem("", "security.controls", text))
        carried = network_simulated and isinstance(control, EncryptionInTransit) and control.where == "nic"
        if not carried and not isinstance(control, Patching):
            speed *= cost.throughput_factor
    return WorkUnderControls(sort, nodes, costs, speed)


def training_network_b_per_s(plan: TrainingPlan) -> float | None:
    """Return what each node of a training job sends [B/s]; None where its step is stated, without bytes."""
    sent_b = [size_b for (link, _), size_b in plan.network_b.items() if link == "network"]
    return sum(sent_b) / plan.step_s * plan.node.accelerators if plan.network_b else None
