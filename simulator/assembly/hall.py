"""Lay out fleet and workload as the engine's arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.fleet import Fleet
from models.nodes import node_power_kernel as curves
from models.nodes.node import Node
from models.nodes.node_power import CurveTable, PowerPart
from models.series import Series
from models.workload.job import Workload

from ..engine import state as layout
from ..engine.state import State
from ..metering.buckets import empty_buckets
from ..placement.policy import PlacementPolicy
from ..scheduling.policy import SchedulingPolicy
from .signals import policy_numbers

WHOLE = 1000
MOST_ACCELERATORS = 62
"""Accelerators of a node are the bits of one 64-bit integer."""
FEWEST_FIRST_BUCKETS = 64
MOST_FIRST_BUCKETS = 1_000_000
"""Buckets of all rows together that are laid out before it is known whether the run will fill them: 24 MB."""
MOST_TASKS = 2**31 - 1
"""Tasks of a job that the engine can count; a wider job is rejected."""
_CURVES = {
    "idle": curves.IDLE, "linear": curves.LINEAR, "square_root": curves.SQUARE_ROOT, "cubic": curves.CUBIC,
}  # fmt: skip


def build_state(
    fleet: Fleet,
    workload: Workload,
    scheduling: SchedulingPolicy,
    placement: PlacementPolicy,
    *,
    start_utc_s: float,
    interval_s: int,
    rack_interval_s: int,
    keep_change_points: bool = False,
    random_start: int = 1,
    signals: Sequence[Series] = (),
    stages: NDArray[Any] | None = None,
    blocks: NDArray[np.int64] | None = None,
) -> State:
    """Return the hall before its first instant: nodes absent, every job pending or, where it never fits, rejected.

    Meters fold into buckets of `interval_s` (racks: `rack_interval_s`) whose edges are multiples of it in UTC.
    `random_start` (1 to 2**31 - 2) starts the draws of random placement. `signals` are those that the scheduling
    policy asks for. `stages` are the rows (STAGE) of the power chain, from the racks towards the grid; without them the
    facility draws what its IT draws. `blocks` says where nodes stand in the fabric; their racks without it.
    """
    if stages is None:
        stages = np.zeros(0, layout.STAGE)
    empty = layout.empty_state()
    models, parts, table = _models(fleet.models)
    nodes, slot_count = _nodes(fleet, models)
    nodes["block"] = fleet.rack if blocks is None else blocks
    line, weights = scheduling.lines(workload)
    accepts = _accepts(fleet, workload)
    jobs = _jobs(workload, scheduling, line, accepts, fleet)
    queues = np.zeros(len(weights), layout.QUEUE)
    queues["head"] = queues["tail"] = -1
    queues["weight"] = weights
    racks = np.zeros(len(fleet.rack_names), layout.RACK)
    racks["shared_w"] = fleet.rack_power_w
    holdings = np.zeros(_most_holdings(fleet, workload, jobs["status"] == layout.REJECTED), layout.HOLDING)
    holdings["job"] = -1
    holdings["next_of_job"] = np.arange(1, len(holdings) + 1)
    clock = np.zeros(1, layout.CLOCK)
    clock["wanted_slot"] = -1
    clock["all_exclusive"] = bool(workload.exclusive.all())
    clock["rejected"] = np.count_nonzero(jobs["status"] == layout.REJECTED)
    clock["interval_s"], clock["first_edge_s"] = interval_s, interval_s - start_utc_s % interval_s
    clock["rack_interval_s"] = rack_interval_s
    clock["rack_first_edge_s"] = rack_interval_s - start_utc_s % rack_interval_s
    clock["keep_change_points"] = keep_change_points
    clock["random"] = random_start
    clock["chain_dirty"] = 1
    return empty._replace(
        jobs=jobs,
        phases=np.column_stack(
            [workload.phase_work_s, workload.phase_activity, workload.phase_compute_share]
        ).astype(np.float64),
        nodes=nodes, models=models, parts=parts, curve_table=table,
        idle=np.zeros(len(nodes), np.int8),
        slots=np.full((slot_count, 3), WHOLE, np.int64), slot_activity=np.zeros((slot_count, 2)),
        holdings=holdings, racks=racks, queues=queues, accepts=accepts,
        heap=np.zeros(len(jobs), np.int64), order=np.zeros(len(jobs) + 1, np.int64),
        dirty=np.zeros((max(len(nodes), len(racks), len(jobs)), 3), np.int64),
        future=np.zeros(len(nodes), layout.FUTURE), task_shapes=_task_shapes(workload, placement.expects_tasks()),
        stages=stages,
        meters=np.zeros(layout.FIRST_STAGE + len(stages), layout.METER),
        hall_buckets=_first_buckets(layout.FIRST_STAGE + len(stages), workload, interval_s),
        rack_buckets=_first_buckets(len(racks), workload, rack_interval_s),
        change_points=np.zeros((1024 if keep_change_points else 0, 2)),
        clock=clock, parameters=policy_numbers(scheduling, workload, signals, start_utc_s),
    )  # fmt: skip


def _first_buckets(rows: int, workload: Workload, interval_s: int) -> NDArray[np.float64]:
    """Return buckets up to the end of the last job if nobody waits; more are added when they are needed."""
    last_s = float(np.max(workload.submit_s + workload.work_s, initial=0.0))
    count = min(last_s / interval_s + 2.0, MOST_FIRST_BUCKETS / max(rows, 1))
    return empty_buckets(rows, max(int(count), FEWEST_FIRST_BUCKETS))


def room_for_tasks(model: Node, exclusive: bool, accelerators_milli: int, cpu_milli: int, memory_b: int) -> int:
    """Return how many tasks of one shape an empty node of a model has room for; 2**31 where a task asks for nothing."""
    if exclusive:
        return 1
    rooms = [2**31]
    if cpu_milli > 0:
        rooms.append(model.cpu_cores * 1000 // cpu_milli)
    if memory_b > 0:
        rooms.append(int(model.memory_b) // memory_b)
    if 0 < accelerators_milli < WHOLE:
        rooms.append(model.accelerators * (WHOLE // accelerators_milli))
    elif accelerators_milli > 0:
        rooms.append(model.accelerators // (accelerators_milli // WHOLE))
    return min(rooms)


def _models(models: tuple[Node, ...]) -> tuple[NDArray[Any], NDArray[Any], NDArray[np.float64]]:
    rows = np.zeros(len(models), layout.MODEL)
    parts: list[tuple[int, int, float, int, int]] = []
    table: list[tuple[float, float]] = []
    for index, model in enumerate(models):
        if model.accelerators > MOST_ACCELERATORS:
            raise ValueError(f"a node has {model.accelerators} accelerators; allowed: at most {MOST_ACCELERATORS}")
        row = rows[index]
        row["accelerators"], row["cpu_milli"] = model.accelerators, model.cpu_cores * 1000
        row["memory_b"], row["idle_w"] = int(model.memory_b), model.power.idle_power_w
        row["clock_exponent"] = model.power.clock_exponent.value
        accelerated = model.power.clocked == "accelerator"
        row["clocked"] = layout.FOLLOWS_ACCELERATOR if accelerated else layout.FOLLOWS_PROCESSOR
        row["first_part"] = len(parts)
        parts.extend(_part(part, table) for part in model.power.parts if part.follows != "always")
        row["end_part"] = len(parts)
    return rows, np.array(parts, layout.PART), np.array(table, np.float64).reshape(-1, 2)


def _part(part: PowerPart, table: list[tuple[float, float]]) -> tuple[int, int, float, int, int]:
    """Return a part as a row of PART; a measured curve is appended to the table."""
    range_w = part.peak_power_w - part.idle_power_w
    first, rows = len(table), 0
    if isinstance(part.curve, CurveTable):
        curve, rows = curves.TABLE, len(part.curve.table)
        table.extend(part.curve.table)
    else:
        curve = _CURVES[part.curve]
    if part.follows == "accelerator":
        return layout.FOLLOWS_ACCELERATOR, curve, range_w / part.count, first, rows
    return layout.FOLLOWS_PROCESSOR, curve, range_w, first, rows


def _nodes(fleet: Fleet, models: NDArray[Any]) -> tuple[NDArray[Any], int]:
    nodes = np.zeros(len(fleet), layout.NODE)
    nodes["model"], nodes["rack"] = fleet.model, fleet.rack
    accelerators = models["accelerators"][fleet.model]
    nodes["first_slot"] = np.concatenate([[0], np.cumsum(accelerators)[:-1]])
    nodes["free_cpu_milli"] = models["cpu_milli"][fleet.model]
    nodes["free_memory_b"] = models["memory_b"][fleet.model]
    nodes["free_accelerators_milli"] = accelerators * WHOLE
    nodes["first_holding"] = -1
    nodes["clock"] = 1.0
    nodes["cap_w"] = np.inf
    nodes["status"] = layout.ABSENT
    return nodes, int(accelerators.sum())


def _accepts(fleet: Fleet, workload: Workload) -> NDArray[np.bool_]:
    accepts = np.ones((len(workload.constraints) + 1, len(fleet.models)), np.bool_)
    for index, names in enumerate(workload.constraints):
        for column, (name, model) in enumerate(zip(fleet.model_names, fleet.models, strict=True)):
            accepts[index, column] = name in names or model.accelerator_name in names
    return accepts


def _jobs(
    workload: Workload, scheduling: SchedulingPolicy, line: NDArray[np.int64], accepts: NDArray[np.bool_], fleet: Fleet
) -> NDArray[Any]:
    jobs = np.zeros(len(workload), layout.JOB)
    shared = ~workload.exclusive
    jobs["submit_s"], jobs["tasks"] = workload.submit_s, np.minimum(workload.tasks, MOST_TASKS)
    jobs["exclusive"] = workload.exclusive
    jobs["accelerators_milli"] = workload.accelerators_milli * shared
    jobs["cpu_milli"], jobs["memory_b"] = workload.cpu_milli * shared, workload.memory_b * shared
    missing = np.isnan(workload.estimate_s)
    jobs["estimate_s"] = np.where(missing, scheduling.missing_estimate, workload.estimate_s)
    jobs["kill_on_overrun"] = (scheduling.overrun == "kill") & ~missing
    jobs["checkpoint_interval_s"] = np.nan_to_num(workload.checkpoint_interval_s, nan=0.0)
    jobs["priority"], jobs["queue"] = workload.priority, line
    jobs["constraint"] = np.where(workload.constraint < 0, len(workload.constraints), workload.constraint)
    jobs["first_phase"], jobs["end_phase"] = workload.phase_start[:-1], workload.phase_start[1:]
    jobs["phase"] = jobs["first_phase"]
    jobs["remaining_s"] = workload.phase_work_s[jobs["first_phase"]]
    jobs["clock"] = jobs["speed"] = 1.0
    jobs["training"] = -1
    jobs["tenant"] = workload.user
    jobs["first_holding"] = jobs["heap_position"] = jobs["next"] = jobs["previous"] = jobs["first_node"] = -1
    jobs["first_start_s"] = jobs["start_s"] = jobs["end_s"] = np.nan
    shapes, shape_of_job = _distinct_rows(
        [jobs[name] for name in ("constraint", "exclusive", "accelerators_milli", "cpu_milli", "memory_b")]
    )
    nodes_of_model = np.bincount(fleet.model, minlength=len(fleet.models))
    room = np.array(
        [
            sum(
                int(nodes_of_model[column]) * room_for_tasks(model, bool(shape[1]), *map(int, shape[2:]))
                for column, model in enumerate(fleet.models)
                if accepts[shape[0], column]
            )
            for shape in shapes
        ]
    )
    too_wide = workload.tasks > np.minimum(room, MOST_TASKS)[shape_of_job]
    jobs["status"] = np.where(too_wide, layout.REJECTED, layout.PENDING)
    return jobs


def _distinct_rows(columns: list[NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the distinct rows of integer columns, sorted, and the index of each row among them.

    Column by column: numpy's unique over rows compares them as bytes, which is ten times slower.
    """
    code = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if len(column) and (column != column[0]).any():
            _, place = np.unique(column, return_inverse=True)
            _, code = np.unique(code * (int(place.max()) + 1) + place, return_inverse=True)
    _, first = np.unique(code, return_index=True)
    return np.column_stack([np.asarray(column, np.int64)[first] for column in columns]), code


def _most_holdings(fleet: Fleet, workload: Workload, rejected: NDArray[np.bool_]) -> int:
    """Return a bound of the tasks that run at once: a node each if they are exclusive, else all that ever run."""
    return len(fleet) + int(workload.tasks[~workload.exclusive & ~rejected].sum())


def _task_shapes(workload: Workload, popular_share: float) -> NDArray[Any]:
    """Return the most frequent shapes of tasks with accelerators that together make `popular_share` of them."""
    chosen = ~workload.exclusive & (workload.accelerators_milli > 0)
    if popular_share == 0.0 or not chosen.any():
        return np.zeros(0, layout.TASK_SHAPE)
    columns = [column[chosen] for column in (workload.accelerators_milli, workload.cpu_milli, workload.memory_b)]
    shapes, shape_of_task = _distinct_rows(columns)
    counts = np.bincount(shape_of_task, weights=workload.tasks[chosen])
    order = np.lexsort((*shapes.T[::-1], -counts))
    reached = np.cumsum(counts[order]) / counts.sum()
    kept = order[: int(np.searchsorted(reached, popular_share - 1e-12)) + 1]
    rows = np.zeros(len(kept), layout.TASK_SHAPE)
    rows["accelerators_milli"], rows["cpu_milli"], rows["memory_b"] = shapes[kept].T
    rows["share"] = counts[kept] / counts[kept].sum()
    return rows
