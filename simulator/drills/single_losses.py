"""What the hall does for some hours without some of its components, from an instant on."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from simpy.core import StopSimulation
from simpy.events import URGENT

from models.operations.drills.lose_component import LoseComponent
from models.operations.every_single import EverySingle

from ..engine import state as layout
from ..engine.settlement import Timeline
from ..facility.outdoors import OutdoorAir
from ..operations.component import Component
from ..results.incidents import during
from ..results.work import work_done_s
from .component_loss import lose_components
from .drill_watch import DrillWatch

if TYPE_CHECKING:
    from ..operations.running import Running


def live_through(
    running: Running, terms: EverySingle, air: OutdoorAir | None, lost: Sequence[Component]
) -> dict[str, float]:
    """Return figures of the hours after some components, or none, have failed together; the run goes on to their end.

    It is called from a story at an instant, and takes the timeline on from there; the caller does not go on. NaN stands
    for what there was not.
    """
    timeline, building = running.hall.timeline, running.building
    if air is not None and building is not None:
        building.meet(air)
    from_s = timeline.now + terms.settle
    until_s = from_s + terms.duration + terms.watch
    watch = DrillWatch(running)
    running.hall.settlement.join(watch)
    drill = LoseComponent.model_construct(name="single", at=from_s, duration=terms.duration, detection=terms.detection)
    least = _Least(running)
    running.hall.settlement.join(least)
    running.hall.settlement.mark()
    timeline.process(lose_components(running, watch, drill, lost))
    _run_to(timeline, from_s)
    before, worked_s = running.hall.batch.integrals_at(from_s), _work_s(running)
    _run_to(timeline, until_s)
    running.close_building(until_s)
    running.hall.batch.close(until_s)
    record = watch.records[0]
    record.level.look(until_s)
    integrals = running.hall.batch.integrals_at(until_s) - before
    hottest = during(building.ledger, from_s, until_s) if building is not None else {}
    return {
        "nodes_out": float(record.level.nodes_before - record.level.least_nodes),
        "jobs_hit": float(record.level.hit.sum()),
        "interruptions": float(record.level.interruptions),
        "work_least_share": record.level.least_share,
        "down_s": record.recovery_time_s,
        "lost_accelerator_h": record.level.lost_accelerator_s / 3600.0,
        "it_power_w": float(integrals[layout.IT_POWER]) / (until_s - from_s),
        "work_h": (_work_s(running) - worked_s) / 3600.0,
        "cooling_w": _least_cooling_w(running, from_s, from_s + terms.duration),
        "fabric_share": least.fabric,
        "storage_share": least.storage,
        "inlet_greatest_c": hottest.get("inlet", math.nan),
        "coolant_greatest_c": hottest.get("coolant", math.nan),
    }


class _Least:
    """The least bandwidth of fabric and storage at any settlement, as a share of the whole."""

    unsettled = False
    finished = True

    def __init__(self, running: Running) -> None:
        self._running = running
        self.fabric = self.storage = 1.0

    def announce(self) -> bool:
        """Nobody waits for it."""
        return False

    def settle(self, now_s: float) -> None:  # noqa: ARG002 - the contract of a component
        """Look at what is left."""
        fabric, storage = self._running.fabric, self._running.storage
        if fabric is not None:
            whole_b_per_s = float(fabric.built.capacity_b_per_s.sum())
            self.fabric = min(self.fabric, float(fabric.capacity_b_per_s.sum()) / whole_b_per_s)
        if storage is not None:
            shares = [tier.sized.rate_share(tier.servers_out) for tier in storage.tiers.values()]
            self.storage = min([self.storage, *shares])

    def advance(self, until_s: float) -> float:
        """It has nothing to run."""
        return until_s


def _work_s(running: Running) -> float:
    """Return the work that all jobs have done and kept by now [task-seconds]."""
    running.hall.batch.close(running.hall.timeline.now)
    return float(work_done_s(running.hall.batch.state).sum())


def _least_cooling_w(running: Running, from_s: float, to_s: float) -> float:
    """Return the least heat that cooling could take away at any look between two instants [W]; NaN without any."""
    if running.building is None:
        return math.nan
    ledger = running.building.ledger
    rows = (ledger.column("to_s") > from_s) & (ledger.column("from_s") < to_s)
    capacity_w = ledger.column("air_capacity_w") + ledger.column("liquid_capacity_w")
    return float(np.min(capacity_w[rows], initial=math.inf))


def _run_to(timeline: Timeline, until_s: float) -> None:
    """Take the timeline on to an instant, at which nobody has spoken yet but those who came first."""
    there = timeline.at(until_s, URGENT)
    while not there.processed:
        with contextlib.suppress(StopSimulation):  # The run itself may end before.
            timeline.step()
