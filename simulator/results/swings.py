"""From a run to the swings of its jobs: who swung, who could swing together, and what exceeds a limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models.fleet import Fleet
from models.nodes.node import Node
from models.nodes.node_power import node_power_w
from models.power.power_step import PowerStep
from models.power.swing import Swing, together, widest_overlap
from models.power.swings import Swings
from models.workload.job import Workload

from ..engine.state import State
from .columns import texts
from .tables import table

CHECKPOINT = "checkpoint"
"""A phase of this name is a step of its own."""
MOST_NOTES = 20
"""Sentences that are told; the rest is counted."""


@dataclass(frozen=True)
class _Held:
    """What a job held: nodes, or parts of them, of the type of its first."""

    model: Node
    nodes: float

    @property
    def accelerators(self) -> int:
        return max(round(self.nodes * self.model.accelerators), 1)


def swings_of_run(
    section: Swings, workload: Workload, fleet: Fleet, state: State, *, facility_per_it: float = 1.0
) -> tuple[pa.Table, tuple[str, ...]]:
    """Return the table of the swings of a run, and a sentence for each limit that is exceeded (or that none is).

    The table has a row for each job that started and has an iteration, and two for those that ran at the instant at
    which they could swing widest together, in step and out of step. Steps are those of these jobs, of the start to the
    phase of greatest power, and of the widest job that has no iteration. `facility_per_it` is what gensets and utility
    see for each W of IT that changes.
    """
    end_s = float(state.clock[0]["now_s"])
    swings: list[Swing] = []
    spans_s: list[tuple[float, float]] = []
    steps: list[PowerStep] = []
    for job in np.flatnonzero(~np.isnan(state.jobs["first_start_s"])).tolist():
        iteration = section.iteration_of(workload.name[job])
        if iteration is None:
            continue
        held, row = _held(fleet, state, job), state.jobs[job]
        phases = iteration.of_nodes(held.nodes)
        swings.append(section.swing(workload.name[job], phases, accelerators=held.accelerators))
        spans_s.append((float(row["first_start_s"]), end_s if np.isnan(row["end_s"]) else float(row["end_s"])))
        steps += section.job_steps(
            workload.name[job],
            idle_w=held.nodes * held.model.power.idle_power_w,
            busy_w=max(phase.power_w for phase in phases),
            accelerators=held.accelerators,
            checkpoint_w=next((phase.power_w for phase in phases if phase.name == CHECKPOINT), None),
        )
    steps += _widest_step(section, workload, fleet, state)
    meeting = widest_overlap(spans_s, swings)
    rows = list(swings)
    if len(meeting) > 1:
        names = f"{len(meeting)} jobs that run together"
        both = together(meeting)
        rows += [both.in_step.called(f"{names}, in step"), both.out_of_step.called(f"{names}, out of step")]
    found = section.violations(swings, steps, facility_per_it=facility_per_it, meeting=meeting)
    return _table(rows), _told(found, len(swings), len(steps))


def _held(fleet: Fleet, state: State, job: int) -> _Held:
    row = state.jobs[job]
    model = fleet.models[fleet.model[row["first_node"]]]
    tasks = int(row["tasks"])
    if row["exclusive"]:
        return _Held(model, float(tasks))
    if row["accelerators_milli"] > 0 and model.accelerators > 0:
        return _Held(model, tasks * row["accelerators_milli"] / 1000.0 / model.accelerators)
    return _Held(model, tasks * row["cpu_milli"] / 1000.0 / model.cpu_cores)


def _widest_step(section: Swings, workload: Workload, fleet: Fleet, state: State) -> list[PowerStep]:
    """Return the steps of the job whose start changes most power, among those without an iteration."""
    widest, greatest_w = -1, 0.0
    busiest = np.maximum.reduceat(workload.phase_activity, workload.phase_start[:-1])
    changes_w: dict[tuple[int, float], float] = {}
    for job in np.flatnonzero(~np.isnan(state.jobs["first_start_s"])).tolist():
        if section.iteration_of(workload.name[job]) is not None:
            continue
        held, activity = _held(fleet, state, job), float(busiest[job])
        key = id(held.model), activity
        if key not in changes_w:
            power = held.model.power
            changes_w[key] = node_power_w(power, activity, activity, 1.0) - power.idle_power_w
        if held.nodes * changes_w[key] > greatest_w:
            widest, greatest_w = job, held.nodes * changes_w[key]
    if widest < 0:
        return []
    held = _held(fleet, state, widest)
    idle_w = held.nodes * held.model.power.idle_power_w
    return section.job_steps(
        workload.name[widest], idle_w=idle_w, busy_w=idle_w + greatest_w, accelerators=held.accelerators
    )


def _table(swings: Sequence[Swing]) -> pa.Table:
    names = (
        "least_w", "mean_w", "greatest_w", "period_s", "ramp_w_per_s", "rms_w", "amplitude_in_band_w", "share_in_band",
        "peak_cut", "burnt_w", "storage_j",
    )  # fmt: skip
    columns = {name: np.array([getattr(swing, name) for swing in swings], np.float64) for name in names}
    return table({"job": texts([swing.name for swing in swings]), **columns})


def _told(found: Sequence[str], swings: int, steps: int) -> tuple[str, ...]:
    if not found:
        return (f"swings of {swings} jobs and {steps} steps of power keep to the limits that are stated",)
    told = tuple(found[:MOST_NOTES])
    return (
        told if len(found) <= MOST_NOTES else (*told, f"{len(found) - MOST_NOTES} more limits are exceeded like these")
    )
