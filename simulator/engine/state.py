"""The state of the hall as arrays: what the compiled loops read and write.

One record a job, node, rack, queue; times are seconds from the scenario's start. Indices are never reused.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numba
import numpy as np
from numba.experimental import structref
from numpy.typing import NDArray

from models.compiled import compiled_as

_numba: Any = numba  # numba has no types of its own.
_structref: Any = structref
_types, _typeof = _numba.types, _numba.typeof
COMPILES_NOT: bool = bool(_numba.config.DISABLE_JIT)
"""Whether NUMBA_DISABLE_JIT is set: everything then runs as plain Python and gives the same bits."""

PENDING, QUEUED, RUNNING, COMPLETED, REJECTED, KILLED = range(6)
"""Status of a job. KILLED is a job that was ended at its estimate."""

ABSENT, IN_SERVICE, DRAINING, RETIRED, DOWN, CORDONED = range(6)
"""Status of a node. A draining node runs what it holds and takes nothing new until it is retired, a cordoned one until
it is uncordoned; one that is down comes back."""

WORKING, STARTING, SAVING, EVALUATING, HUNG = range(5)
"""What a running job does: its `pause`. Only one that works makes progress; batch jobs pause where they hang or are
moved to other nodes."""
STARTED, ENDED, INTERRUPTED, PAUSED, RESUMED = 1, 2, 4, 8, 16
"""What a training job has to tell since it was last asked: bits of `news`."""

(
    IT_POWER, QUEUED_JOBS, RUNNING_JOBS, HELD_NODES, NODES_IN_SERVICE, GRANTED, ACTIVE, ACCELERATORS_IN_SERVICE,
    FACILITY_POWER, GRID_POWER, BACKUP_POWER, SPILLED_POWER,
) = range(12)  # fmt: skip
"""Quantities that the hall's meters integrate; GRANTED and ACTIVE count accelerators."""
QUANTITIES = (
    "it_power_w", "queued_jobs", "running_jobs", "held_nodes", "nodes_in_service", "granted_accelerators",
    "active_accelerators", "accelerators_in_service", "facility_power_w", "grid_power_w", "backup_power_w",
    "spilled_power_w",
)  # fmt: skip
GRID, BACKUP, DARK = range(3)
"""Where the hall's power comes from: `clock.supply`. While it is dark nothing is drawn and nothing is lost."""
FIRST_STAGE = 12
"""The meters from here on integrate what each stage of the power chain loses [W], in the order of `State.stages`."""

SHARED, DEDICATED_NODES, DEDICATED_PODS = range(3)
"""Whose jobs may be on a node at once: `clock.tenancy`. Anybody's; of one tenant; and of one tenant in its rack too."""

REACHED, BUDGET, NEEDS_BUCKETS, NEEDS_CHANGE_POINTS, WATCHED, RESTLESS = range(6)
"""Why `advance` returned: instant reached, events done, room needed, a job is heard of, no rest at an instant."""

JOB = np.dtype(
    [
        # What every change of a running job touches comes first, to lie in few cache lines.
        ("status", "i1"), ("dirty", "i1"), ("exclusive", "i1"), ("watched", "i1"), ("phase", "i4"),
        ("first_holding", "i4"), ("heap_position", "i4"), ("remaining_s", "f8"), ("rate", "f8"), ("as_of_s", "f8"),
        ("clock", "f8"), ("due_s", "f8"), ("energy_j", "f8"), ("speed", "f8"), ("training", "i4"), ("pause", "i1"),
        ("kill_at_s", "f8"), ("expected_end_s", "f8"), ("share", "f8"),
        # What waiting jobs are looked through for.
        ("next", "i4"), ("previous", "i4"), ("tasks", "i4"), ("constraint", "i4"), ("queue", "i4"),
        ("interruptions", "i4"), ("estimate_s", "f8"), ("accelerators_milli", "i8"), ("cpu_milli", "i8"),
        ("memory_b", "i8"), ("submit_s", "f8"), ("priority", "i8"),
        # What is read once or twice. `done_s` counts the nominal seconds of the phases that are over.
        ("first_phase", "i4"), ("end_phase", "i4"), ("done_s", "f8"), ("checkpoint_interval_s", "f8"),
        ("first_start_s", "f8"), ("start_s", "f8"), ("end_s", "f8"), ("held_s", "f8"), ("lost_s", "f8"),
        ("first_node", "i4"), ("tenant", "i4"), ("kill_on_overrun", "i1"),
    ],
    align=True,
)  # fmt: skip

TRAINING = np.dtype(
    [
        ("checkpoint_left_s", "f8"), ("evaluation_left_s", "f8"), ("gang_speed", "f8"), ("pause_activity", "f8"),
        ("startup_s", "f8"), ("restart_s", "f8"), ("saving_s", "f8"), ("durable_after_s", "f8"),
        ("evaluation_interval_s", "f8"), ("evaluation_s", "f8"),
        ("kept_s", "f8"), ("pending_s", "f8"), ("durable_at_s", "f8"), ("pause_since_s", "f8"),
        ("paused_s", "f8", (5,)), ("checkpoints", "i8"), ("regrown", "i8"), ("idle_left", "i8"),
        ("news", "i4"), ("broken_off", "i4"),
        ("wanted_tasks", "i4"), ("least_tasks", "i4"), ("task_step", "i4"), ("first_speed", "i4"),
    ],
    align=True,
)  # fmt: skip
"""What a training job has besides: a job's `training` is its row, -1 for others.

After each `checkpoint_interval_s` of work it pauses for `saving_s` and keeps what it had done `durable_after_s` later:
`kept_s`, until then `pending_s`. After each `evaluation_interval_s` it pauses for `evaluation_s`, and at its start for
`startup_s`, later for `restart_s`. A pause of infinity ends when the engine is told. `paused_s` sums pauses by kind.
With `least_tasks` its gang shrinks where less is free, in steps of `task_step`, to a speed of `State.gang_speeds`, and
`regrown` counts how often it stopped to grow again; it does not try before more are idle than the `idle_left` at its
start, which its placement may not have let it take. `broken_off` is the pause in which it began to hang."""

NODE = np.dtype(
    [
        # What every start and end of a job touches comes first, to lie in few cache lines.
        ("model", "i4"), ("rack", "i4"), ("residents", "i4"), ("status", "i1"), ("dirty", "i1"), ("exclusive", "i1"),
        ("first_holding", "i8"), ("power_w", "f8"), ("unheld_w", "f8"), ("as_of_s", "f8"), ("energy_j", "f8"),
        ("unheld_energy_j", "f8"), ("peak_w", "f8"), ("clock", "f8"), ("active", "f8"), ("held_since_s", "f8"),
        ("free_cpu_milli", "i8"), ("free_memory_b", "i8"), ("free_accelerators_milli", "i8"), ("first_slot", "i8"),
        ("held_s", "f8"), ("service_since_s", "f8"), ("service_s", "f8"), ("cap_w", "f8"), ("tenant", "i4"),
        ("block", "i4"), ("counted", "i8"),
    ],
    align=True,
)  # fmt: skip
"""`cap_w` is the most that the node may draw; its clock falls until it does. `tenant` is whose job it took last.
`block` is the group of nodes that share leaf switches (from 0, fewer than nodes), or the node's place in a torus (see
`models.topology.laid_out.torus_position`; -1 outside of it). `counted` is scratch of a placement."""

MODEL = np.dtype(
    [
        ("accelerators", "i8"), ("cpu_milli", "i8"), ("memory_b", "i8"), ("first_part", "i8"), ("end_part", "i8"),
        ("idle_w", "f8"), ("clock_exponent", "f8"), ("clocked", "i4"), ("idle_nodes", "i8"),
        ("free_accelerators_milli", "i8"), ("free_cpu_milli", "i8"), ("slowed_clock", "f8"), ("slowed", "f8"),
        ("whole_busy", "f8"), ("whole_accelerators_w", "f8"), ("whole_processors_w", "f8"),
    ],
    align=True,
)  # fmt: skip
"""A node model of this hall with its power parts, and the sums over its nodes that can take work."""

PART = np.dtype(
    [
        ("follows", "i4"), ("curve", "i4"), ("range_w", "f8"), ("first_row", "i8"), ("rows", "i8"),
    ],
    align=True,
)  # fmt: skip
"""A power part. `range_w` is peak less idle: of each accelerator, or of all processors together."""
FOLLOWS_ACCELERATOR, FOLLOWS_PROCESSOR = range(2)
"""What a part follows; a model is `clocked` by the one that its clock fraction slows."""

HOLDING = np.dtype(
    [
        ("job", "i4"), ("node", "i4"), ("next_of_job", "i4"), ("next_on_node", "i4"), ("previous_on_node", "i4"),
        ("slots", "i8"), ("power_w", "f8"), ("as_of_s", "f8"),
    ],
    align=True,
)  # fmt: skip
"""One task on one node. `slots` is the set of accelerators as bits; a share below one accelerator has one bit."""

RACK = np.dtype(
    [("power_w", "f8"), ("lost_w", "f8"), ("as_of_s", "f8"), ("energy_j", "f8"), ("peak_w", "f8"),
     ("bucket", "i8"), ("edge_s", "f8"), ("nodes_in_service", "i8"), ("shared_w", "f8"), ("drawn_shared_w", "f8"),
     ("counted", "i8"), ("dirty", "i1"), ("tenant", "i4"), ("held_nodes", "i8"), ("future_held", "i8")],
    align=True,
)  # fmt: skip
"""`shared_w` is what the rack draws besides its nodes while any is in service. `lost_w` holds what the sum of doubles
lost so far (Neumaier), so that adding and removing leaves no residue. `counted` is scratch of a placement. With a
`tenancy`, `tenant` is whose job it took last, `held_nodes` how many of its nodes hold jobs, `future_held` how many
will."""

QUEUE = np.dtype(
    [("head", "i8"), ("tail", "i8"), ("size", "i8"), ("weight", "f8"), ("usage", "f8"), ("running_share", "f8")],
    align=True,
)  # fmt: skip

STAGE = np.dtype([("constant_w", "f8"), ("linear", "f8"), ("quadratic_per_w", "f8"), ("beside_w", "f8")], align=True)
"""A stage of the power chain, from the racks towards the grid. It loses constant_w + P (linear + P quadratic_per_w)
while it gives P, as in `models.power.distribution`; `beside_w` is what it feeds besides the stage before it, such as
pumps on the UPS."""

METER = np.dtype(
    [("level", "f8"), ("as_of_s", "f8"), ("integral", "f8"), ("greatest", "f8"), ("bucket", "i8"), ("edge_s", "f8")],
    align=True,
)

FUTURE = np.dtype(
    [("free_cpu_milli", "i8"), ("free_memory_b", "i8"), ("residents", "i8"), ("reserved", "i8")], align=True
)
"""A node as it will be, used by a policy that looks ahead; filled anew at each look."""

TASK_SHAPE = np.dtype(
    [("accelerators_milli", "i8"), ("cpu_milli", "i8"), ("memory_b", "i8"), ("share", "f8")], align=True
)
"""A kind of task with its share among the tasks expected, for fragmentation-aware placement."""

CLOCK = np.dtype(
    [
        ("now_s", "f8"), ("next_job", "i8"), ("heap_size", "i8"), ("free_holding", "i8"),
        ("dirty_nodes", "i8"), ("dirty_jobs", "i8"), ("dirty_racks", "i8"), ("schedule_needed", "i1"),
        ("all_exclusive", "i1"), ("tenancy", "i1"), ("wanted_slot", "i8"), ("power_w", "f8"), ("lost_w", "f8"),
        ("queued", "i8"), ("running", "i8"), ("held_nodes", "i8"), ("nodes_in_service", "i8"), ("granted_milli", "i8"),
        ("active", "f8"), ("accelerators_in_service", "i8"), ("completed", "i8"), ("killed", "i8"), ("rejected", "i8"),
        ("interruptions", "i8"), ("events", "i8"), ("first_edge_s", "f8"), ("interval_s", "f8"),
        ("rack_first_edge_s", "f8"), ("rack_interval_s", "f8"),
        ("change_points", "i8"), ("keep_change_points", "i1"), ("random", "i8"),
        ("watched_ended", "i8"), ("told", "i8"),
        ("usage_as_of_s", "f8"),
        # What the power chain carries besides nodes and racks: other IT equipment, what hangs on the grid's own side,
        # and what sources beside the grid give.
        ("other_it_w", "f8"), ("beside_w", "f8"), ("sources_w", "f8"), ("supply", "i1"), ("chain_dirty", "i1"),
    ],
    align=True,
)  # fmt: skip


class State(NamedTuple):
    """Every array of a running hall. Arrays keep their identity but for those that grow (buckets, change points)."""

    jobs: NDArray[np.void]
    phases: NDArray[np.float64]
    """Shape (phase, 3): work [nominal s], activity (0 to 1), share of compute in what bounds its speed (0 to 1)."""
    nodes: NDArray[np.void]
    idle: NDArray[np.int8]
    """1 for a node in service that holds nothing: small enough to be scanned for every job."""
    slots: NDArray[np.int64]
    """Shape (slot, 3): free thousandths now, as they will be (see FUTURE), and scratch of a placement."""
    slot_activity: NDArray[np.float64]
    """Shape (slot, 2): utilisation, and dynamic watts per utilisation; scratch of a node's evaluation."""
    models: NDArray[np.void]
    parts: NDArray[np.void]
    curve_table: NDArray[np.float64]
    holdings: NDArray[np.void]
    racks: NDArray[np.void]
    queues: NDArray[np.void]
    accepts: NDArray[np.bool_]
    """Shape (constraint + 1, node model): whether a job of that constraint may use the model; last row: any."""
    heap: NDArray[np.int64]
    order: NDArray[np.int64]
    """Scratch of shape (jobs + 1,): jobs in the order in which a look ahead expects them to end."""
    dirty: NDArray[np.int64]
    """Shape (max(nodes, racks, jobs), 3): stacks of nodes, jobs and racks touched since the last settlement."""
    future: NDArray[np.void]
    task_shapes: NDArray[np.void]
    stages: NDArray[np.void]
    meters: NDArray[np.void]
    """One for each of QUANTITIES, then one for each stage of the power chain."""
    hall_buckets: NDArray[np.float64]
    """Shape (quantity, bucket, 3), on the grid of `clock.interval_s`."""
    rack_buckets: NDArray[np.float64]
    """Shape (rack, bucket, 3), of power, on the grid of `clock.rack_interval_s`."""
    change_points: NDArray[np.float64]
    """Shape (n, 2): instant and IT power from then on."""
    clock: NDArray[np.void]
    parameters: NDArray[np.float64]
    """The scheduling policy's numbers, in the order that it states."""
    trainings: NDArray[np.void]
    gang_speeds: NDArray[np.float64]
    """Speeds of gangs that can shrink, from the least tasks to all wanted, job after job."""


def empty_state() -> State:
    """Return a state of the right types without room, from which signatures are made."""
    return State(
        jobs=np.zeros(0, JOB), phases=np.zeros((0, 3)), nodes=np.zeros(0, NODE), idle=np.zeros(0, np.int8),
        slots=np.zeros((0, 3), np.int64),
        slot_activity=np.zeros((0, 2)), models=np.zeros(0, MODEL), parts=np.zeros(0, PART),
        curve_table=np.zeros((0, 2)), holdings=np.zeros(0, HOLDING), racks=np.zeros(0, RACK),
        queues=np.zeros(0, QUEUE), accepts=np.zeros((0, 0), np.bool_), heap=np.zeros(0, np.int64),
        order=np.zeros(0, np.int64), dirty=np.zeros((0, 3), np.int64), future=np.zeros(0, FUTURE),
        task_shapes=np.zeros(0, TASK_SHAPE), stages=np.zeros(0, STAGE), meters=np.zeros(0, METER),
        hall_buckets=np.zeros((0, 0, 3)),
        rack_buckets=np.zeros((0, 0, 3)), change_points=np.zeros((0, 2)), clock=np.zeros(1, CLOCK),
        parameters=np.zeros(0), trainings=np.zeros(0, TRAINING), gang_speeds=np.zeros(0),
    )  # fmt: skip


@_structref.register
class HallType(_types.StructRef):  # type: ignore[misc, name-defined]
    """The compiled loops' view of a `State`: one pointer, where a tuple of arrays would be copied at every call."""

    def preprocess_fields(self, fields: Any) -> Any:
        """Take the fields as they are."""
        return tuple((name, _types.unliteral(kind)) for name, kind in fields)


class _Hall(structref.StructRefProxy):
    """What Python holds of a compiled view."""


_new_hall: Any = _Hall
_structref.define_constructor(_Hall, HallType, list(State._fields))
_structref.define_boxing(HallType, _Hall)
STATE: Any = None
if not COMPILES_NOT:
    _hall_type: Any = HallType
    STATE = _hall_type([(name, _typeof(array)) for name, array in empty_state()._asdict().items()])


def _signature(returned: Any, *arguments: Any) -> Any:
    return None if COMPILES_NOT else returned(*arguments)


CHOOSE_SIGNATURE: Any = _signature(_types.int64, STATE, _types.int64, _types.int64)
"""`choose(state, job, previous)`: the node for the job's next task, on which `fits` holds, or -1 where there is none.

`previous` is the node of the task before, -1 for the first.
"""
CHOOSE: Any = None if COMPILES_NOT else _types.FunctionType(CHOOSE_SIGNATURE)
SCHEDULE_SIGNATURE: Any = _signature(_types.int64, STATE, CHOOSE)
"""`schedule(state, choose)`: start what the policy starts at this instant; return how many jobs were started."""
SCHEDULE: Any = None if COMPILES_NOT else _types.FunctionType(SCHEDULE_SIGNATURE)


class Policies(NamedTuple):
    """The compiled functions of the policies in force."""

    schedule: Any
    choose: Any


@_structref.register
class PoliciesType(_types.StructRef):  # type: ignore[misc, name-defined]
    """The compiled loops' view of `Policies`: their addresses, which numba would look up anew at every call."""


class _Bound(structref.StructRefProxy):
    """What Python holds of bound policies."""


_new_bound: Any = _Bound
_structref.define_constructor(_Bound, PoliciesType, list(Policies._fields))
_structref.define_boxing(PoliciesType, _Bound)
_policies_type: Any = PoliciesType
POLICIES: Any = None if COMPILES_NOT else _policies_type([("schedule", SCHEDULE), ("choose", CHOOSE)])
ADVANCE_SIGNATURE: Any = _signature(_types.int64, STATE, POLICIES, _types.float64, _types.int64)
BRING_UP_TO_SIGNATURE: Any = _signature(_types.void, STATE, _types.float64)
CONTROL_SIGNATURE: Any = _signature(_types.void, STATE, _types.int64, _types.int64, _types.float64)
CONTROL_EACH_SIGNATURE: Any = _signature(
    _types.void, STATE, _types.int64, _types.Array(_types.int64, 1, "C"), _types.float64
)
LIST_NODES_SIGNATURE: Any = _signature(_types.int64, STATE, _types.int64, _types.Array(_types.int64, 1, "C"))
MIGRATE_SIGNATURE: Any = _signature(_types.int64, STATE, _types.int64, _types.int64, _types.int64, _types.float64)


@compiled_as(_signature(STATE, _typeof(empty_state())))
def _view(state: Any) -> Any:
    return _new_hall(*state)


def handle(state: State) -> Any:
    """Return what compiled functions take as `state`; it shares the arrays. Without compilation, the state itself."""
    return state if COMPILES_NOT else _view(state)


@compiled_as(_signature(POLICIES, SCHEDULE, CHOOSE))
def _bound(schedule: Any, choose: Any) -> Any:
    return _new_bound(schedule, choose)


def bind(schedule: Any, choose: Any) -> Any:
    """Return what compiled functions take as `policies`. The caller keeps the two functions alive."""
    return Policies(schedule, choose) if COMPILES_NOT else _bound(schedule, choose)
