"""What holds for every hall, whatever jobs come and whatever is done to it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from models.units import quantity
from models.workload.synthetic import Synthetic
from simulator.engine import state as layout
from simulator.engine.batch import Batch
from simulator.placement.best_fit import BestFit
from simulator.placement.dot_product import DotProduct
from simulator.placement.first_fit import FirstFit
from simulator.placement.fragmentation_aware import FragmentationAware
from simulator.placement.pack_by_rack import PackByRack
from simulator.placement.rail import Rail
from simulator.placement.random import Random
from simulator.placement.spread import Spread
from simulator.random_streams import stream
from simulator.scheduling.easy_backfill import EasyBackfill
from simulator.scheduling.fair_share import FairShare
from simulator.scheduling.fcfs import FirstComeFirstServed
from simulator.scheduling.policy import SchedulingPolicy
from simulator.scheduling.priority import Priority

SCHEDULING: list[SchedulingPolicy] = [
    FirstComeFirstServed(overrun="kill"),
    EasyBackfill(missing_estimate=quantity("30 s")),
    EasyBackfill(overrun="kill", depth=2),
    Priority(),
    Priority(preempt=False, overrun="kill"),
    FairShare(half_life=quantity("60 s")),
    FairShare(preempt=True),
]
PLACEMENT = [FirstFit(), BestFit(), DotProduct(), PackByRack(), Rail(), Spread(), Random(), FragmentationAware()]
SHAPES: list[dict[str, float]] = [
    {"gpus": 0.3, "cores": 0.5},
    {"gpus": 0.5, "memory_gib": 20},
    {"gpus": 2},
    {"cores": 3},
    {"memory_gib": 40},
    {},
]
SMALL, LARGE = node(cores=4, accelerators=2), node(cores=8, accelerators=4, curve="square_root")

instants = st.integers(0, 200).map(float) | st.floats(0, 200, allow_nan=False)


@st.composite
def any_job(draw: st.DrawFn) -> Job:
    work = st.floats(0.5, 60) | st.integers(1, 60)
    return Job(
        draw(instants),
        draw(st.lists(st.tuples(work, st.sampled_from([0.0, 0.3, 1.0])), min_size=1, max_size=3)),
        tasks=draw(st.integers(1, 5)),
        estimate_s=draw(st.just(float("nan")) | st.floats(1, 200)),
        checkpoint_s=draw(st.just(float("nan")) | st.sampled_from([1.0, 7.0])),
        priority=draw(st.integers(0, 3)),
        user=draw(st.sampled_from(["ada", "bob"])),
        accepts=draw(st.sampled_from([frozenset[str](), frozenset({"m0"})])),
        **draw(st.sampled_from(SHAPES)),  # type: ignore[arg-type]
    )


action_kinds = st.sampled_from(["clock", "job clock", "drain", "retire", "commission"])
actions = st.tuples(instants, action_kinds, st.integers(0, 4))


def act(action: str, index: int) -> Any:
    """What a control event does to the hall."""

    def done(batch: Batch) -> None:
        if action == "clock":
            batch.set_node_clock([index], 0.5)
        elif action == "job clock":
            batch.set_job_clock([index % len(batch.state.jobs)], 0.7)
        elif action == "commission":
            batch.commission([index])
        else:
            batch.retire([index], drain=action == "drain")

    return done


def assert_nothing_is_granted_twice(batch: Batch) -> None:
    """What the holdings hold and what is free make up each node."""
    state = batch.state
    cores, memory = state.models["cpu_milli"][state.nodes["model"]], state.models["memory_b"][state.nodes["model"]]
    held = {name: np.zeros(len(state.nodes), np.int64) for name in ("cpu_milli", "memory_b", "tasks", "exclusive")}
    for job, row in enumerate(state.jobs):
        index, tasks = int(row["first_holding"]), 0
        while index >= 0:
            holding = state.holdings[index]
            assert holding["job"] == job
            held["cpu_milli"][holding["node"]] += row["cpu_milli"]
            held["memory_b"][holding["node"]] += row["memory_b"]
            held["exclusive"][holding["node"]] += row["exclusive"]
            held["tasks"][holding["node"]] += 1
            tasks, index = tasks + 1, int(holding["next_of_job"])
        assert tasks == (row["tasks"] if row["status"] == layout.RUNNING else 0)
    assert (state.nodes["free_cpu_milli"] == cores - held["cpu_milli"]).all()
    assert (state.nodes["free_memory_b"] == memory - held["memory_b"]).all()
    assert (state.nodes["free_cpu_milli"] >= 0).all()
    assert (state.nodes["free_memory_b"] >= 0).all()
    assert (state.slots[:, 0] >= 0).all()
    assert (state.slots[:, 0] <= 1000).all()
    assert (state.nodes["residents"] == held["tasks"]).all()
    assert ((held["exclusive"] == 0) | (held["tasks"] == 1)).all()
    assert (state.nodes["residents"][np.isin(state.nodes["status"], [layout.ABSENT, layout.RETIRED])] == 0).all()
    assert state.clock[0]["granted_milli"] == (1000 - state.slots[:, 0]).sum()


@given(
    st.lists(any_job(), min_size=1, max_size=25),
    st.sampled_from(SCHEDULING),
    st.sampled_from(PLACEMENT),
    st.lists(actions, max_size=5),
    st.none() | st.floats(1, 400),
)
@settings(max_examples=250, deadline=None)
def test_no_job_is_lost_nothing_granted_twice_and_energy_conserved(
    jobs: list[Job], scheduling: Any, placement: Any, events: list[tuple[float, str, int]], until_s: float | None
) -> None:
    halls = fleet(
        [SMALL, LARGE, SMALL, LARGE, SMALL],
        racks=[0, 0, 1, 1, 2],
        rack_power_w=[3.0, 0.0, 1.0],
        commission_s=[0, 0, 0, 0, 50],
    )
    hall = Hall(halls, workload(*jobs), scheduling, placement, interval_s=50)
    for at_s, action, index in events:
        hall.at(at_s, act(action, index))
    for at_s in (0.0, 20.0, 60.5, 120.0):
        hall.at(at_s, assert_nothing_is_granted_twice)
    hall.run(until_s)
    state, clock = hall.state, hall.state.clock[0]
    assert_nothing_is_granted_twice(hall.batch)
    assert_energy_is_whole(hall)

    rows = state.jobs
    status = rows["status"]
    assert clock["completed"] == np.count_nonzero(status == layout.COMPLETED)
    assert clock["killed"] == np.count_nonzero(status == layout.KILLED)
    assert clock["rejected"] == np.count_nonzero(status == layout.REJECTED)
    assert clock["running"] == np.count_nonzero(status == layout.RUNNING) == clock["heap_size"]
    assert clock["queued"] == np.count_nonzero(status == layout.QUEUED) == state.queues["size"].sum()
    assert clock["interruptions"] == rows["interruptions"].sum()
    submitted = rows["submit_s"] <= hall.end_s
    assert not submitted[status == layout.PENDING].any()
    assert submitted[~np.isin(status, [layout.PENDING, layout.REJECTED])].all()
    if until_s is None:
        assert submitted.all()

    started = ~np.isnan(rows["first_start_s"])
    assert (rows["first_start_s"][started] >= rows["submit_s"][started]).all()
    done = status == layout.COMPLETED
    assert (rows["end_s"][done] - rows["first_start_s"][done] >= hall.workload.work_s[done] * (1 - 1e-9)).all()
    assert (rows["held_s"][done] >= hall.workload.work_s[done] + rows["lost_s"][done] - 1e-6).all()
    greatest = state.meters["greatest"]
    assert greatest[layout.GRANTED] <= greatest[layout.ACCELERATORS_IN_SERVICE]
    assert greatest[layout.HELD_NODES] <= greatest[layout.NODES_IN_SERVICE]


def waits_s(nodes: int, rows: Iterable[tuple[float, float, int]]) -> np.ndarray[Any, Any]:
    jobs = [Job(submit_s, work_s, tasks=tasks) for submit_s, work_s, tasks in rows]
    hall = Hall(fleet([SMALL] * nodes), workload(*jobs)).run()
    return np.array(hall.state.jobs["first_start_s"] - hall.state.jobs["submit_s"])


@given(st.lists(st.tuples(instants, st.integers(1, 50).map(float), st.integers(1, 4)), min_size=1, max_size=40))
@settings(max_examples=60, deadline=None)
def test_more_nodes_never_let_anyone_wait_longer_under_fcfs(rows: list[tuple[float, float, int]]) -> None:
    """Equal nodes, each held whole, and lengths that do not depend on who else runs; jobs of several nodes included.

    Sort the instants at which the nodes fall free. A job of w nodes starts at the w-th of them, at its submission or
    with its predecessor, whichever comes last, and replaces the first w by its end. If one hall's instants are no
    later than the other's one by one, so they are afterwards, and so is the start (Kiefer and Wolfowitz 1955). It does
    not hold once later jobs may pass, as in backfilling.
    """
    fewer, more = waits_s(4, rows), waits_s(5, rows)
    assert (more <= fewer).all()


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(1, 50), st.integers(1, 6)), min_size=2, max_size=40),
    st.integers(1, 3),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_easy_never_starts_the_head_after_its_reservation(
    rows: list[tuple[int, int, int]], over: int, shared: bool
) -> None:
    """Estimates are exact, or too long by a factor. A job is the head once all before it have started; its reservation
    is the instant at which the jobs that then run leave it enough nodes by their estimates."""
    jobs = [Job(float(s), float(w), tasks=t, estimate_s=float(w * over), cores=4 if shared else 0) for s, w, t in rows]
    hall = Hall(fleet([SMALL] * 6), workload(*jobs), EasyBackfill()).run()
    row = hall.state.jobs
    start_s, end_s, estimate_s = row["first_start_s"], row["end_s"], row["estimate_s"]
    for job in range(len(row)):
        head_s = max(row["submit_s"][job], start_s[:job].max(initial=0.0))
        ahead = np.arange(len(row)) < job
        runs = ((start_s < head_s) | (ahead & (start_s == head_s))) & (end_s > head_s)
        free = 6 - row["tasks"][runs].sum()
        reservation_s = head_s
        for end, tasks in sorted(zip((start_s + estimate_s)[runs], row["tasks"][runs], strict=True)):
            if free >= row["tasks"][job]:
                break
            free += tasks
            reservation_s = max(end, head_s)
        assert start_s[job] <= reservation_s


@pytest.mark.parametrize(
    "changed",
    [{"users": {"count": 5}}, {"estimates": {"factor": 1, "up_to": 3}}, {"priorities": [{"value": 1}, {"value": 2}]}],
    ids=["users", "estimates", "priorities"],
)
def test_a_further_stream_leaves_the_draws_of_the_others_alone(changed: dict[str, Any]) -> None:
    given: dict[str, Any] = {
        "jobs_per_hour": 60,
        "count": 200,
        "duration": {"kind": "lognormal", "median": "1 h", "sigma": 1.0},
        "tasks": {"kind": "uniform", "minimum": 1, "maximum": 8},
    }
    one = Synthetic.model_validate(given).read(0.0, lambda *name: stream(5, *name))
    other = Synthetic.model_validate(given | changed).read(0.0, lambda *name: stream(5, *name))
    assert (one.submit_s == other.submit_s).all()
    assert (one.work_s == other.work_s).all()
    assert (one.tasks == other.tasks).all()


def test_two_placements_of_one_seed_meet_the_same_jobs_and_draw_the_same_places() -> None:
    jobs = [Job(float(at_s), 30.0, tasks=2, gpus=0.5) for at_s in range(50)]
    first, again = (Hall(fleet([SMALL] * 6), workload(*jobs), placement=Random()).run() for _ in range(2))
    assert first.first_nodes == again.first_nodes
    assert first.energy_j == again.energy_j
