"""What holds of every plan to move jobs for another: all of it can be done, and the other then starts."""

from __future__ import annotations

import functools
import operator

from hypothesis import given, settings
from hypothesis import strategies as st

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from simulator.balancing.plan import Move, moves_for
from simulator.engine.batch import Batch
from simulator.engine.state import QUEUED, RUNNING
from simulator.placement.random import Random

SHAPES: list[dict[str, float]] = [
    {"gpus": 0.3, "cores": 0.5},
    {"gpus": 0.5, "memory_gib": 20},
    {"gpus": 1, "cores": 1},
    {"gpus": 2},
    {"cores": 3},
    {},
]
SMALL, LARGE = node(cores=4, accelerators=2), node(cores=8, accelerators=4)
PAUSE_S = 7.0


@st.composite
def halls(draw: st.DrawFn) -> Hall:
    nodes = [draw(st.sampled_from([SMALL, LARGE])) for _ in range(draw(st.integers(2, 8)))]
    small = [
        Job(
            float(index),
            1000.0,
            name=f"j{index}",
            tasks=draw(st.integers(1, 2)),
            checkpoint_s=draw(st.sampled_from([5.0, 5.0, 5.0, float("nan")])),
            accepts=draw(st.sampled_from([frozenset[str](), frozenset[str](), frozenset({"m0"})])),
            **draw(st.sampled_from(SHAPES[:-1])),  # type: ignore[arg-type]
        )
        for index in range(draw(st.integers(1, 10)))
    ]
    shape = draw(st.sampled_from([{}, {}, {"gpus": 2.0}, {"gpus": 4.0}, {"gpus": 1.0, "cores": 2.0}]))
    waiting = Job(50.0, 100.0, name="waits", tasks=draw(st.integers(1, 4)), **shape)  # type: ignore[arg-type]
    return Hall(fleet(nodes), workload(*small, waiting), placement=Random(), random_start=draw(st.integers(1, 99)))


@settings(max_examples=60, deadline=None)
@given(halls())
def test_every_move_of_a_plan_can_be_made_and_the_job_starts_then(hall: Hall) -> None:
    waiting = len(hall.workload) - 1
    plan: list[Move] = []

    def act(batch: Batch) -> None:
        if batch.state.jobs["status"][waiting] != QUEUED or batch.state.clock[0]["queued"] > 1:
            return
        plan.extend(moves_for(batch.state, waiting, 100))
        for move in plan:
            assert batch.migrate(move.job, [(move.source, move.target)], PAUSE_S) == 1

    hall.at(60.0, act).run(until_s=61.0)
    status = hall.state.jobs["status"][waiting]
    if plan:
        assert status == RUNNING
        assert hall.starts_s["waits"] == 60.0
        moved = {move.job for move in plan}
        jobs = hall.state.jobs
        assert (jobs["due_s"][list(moved)] == 60.0 + PAUSE_S).all()
        assert (jobs["lost_s"] == 0.0).all()
    assert_energy_is_whole(hall)
    for index in range(len(hall.fleet)):
        held = hall.state.holdings[(hall.state.holdings["job"] >= 0) & (hall.state.holdings["node"] == index)]
        slots = [int(entry["slots"]) for entry in held if hall.state.jobs["accelerators_milli"][entry["job"]] >= 1000]
        assert sum(slots) == functools.reduce(operator.or_, slots, 0)  # nobody shares a whole accelerator


def test_plans_are_found_at_all() -> None:
    found = []
    jobs = [Job(float(index), 1000.0, name=f"j{index}", gpus=1, checkpoint_s=5) for index in range(4)]
    for seed in range(1, 20):
        hall = Hall(fleet([LARGE] * 4), workload(*jobs, Job(50, 9, tasks=3)), placement=Random(), random_start=seed)
        hall.at(60.0, lambda batch: found.append(len(moves_for(batch.state, 4, 100)))).run(until_s=61.0)
    assert max(found) >= 2
