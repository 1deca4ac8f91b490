"""Batch jobs that are moved together for one that waits: which, how many, at what cost, and never in vain."""

from __future__ import annotations

from typing import Any

import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from models.operations.balancing import Defragmentation
from models.units import quantity
from simulator.balancing.defragmentation import Defragmenting, next_to_start
from simulator.balancing.plan import moves_for
from simulator.facility.hall import Hall as Parts
from simulator.placement.spread import Spread
from simulator.scheduling.fair_share import FairShare
from simulator.scheduling.fcfs import FirstComeFirstServed
from simulator.scheduling.policy import SchedulingPolicy
from simulator.scheduling.priority import Priority

GPUS = node(cores=8, accelerators=4)
TERMS = Defragmentation(
    every=quantity("10 s"),
    wait=quantity("15 s"),
    bandwidth=quantity("8 GB/s"),
    state_per_accelerator=quantity("80 GB"),
    restart=quantity("5 s"),
)


def spread_out(
    *waiting: Job, terms: Defragmentation = TERMS, checkpoint_s: float = 10.0, gpus: int = 1, nodes: int = 4
) -> tuple[Hall, Defragmenting]:
    """Four nodes of four GPUs with a job of one on each, and what comes then."""
    small = [Job(at, 1000, name=f"small-{at}", gpus=gpus, checkpoint_s=checkpoint_s) for at in range(nodes)]
    hall = Hall(fleet([GPUS] * nodes), workload(*small, *waiting), placement=Spread())
    story = Defragmenting(terms, hall.scheduling, hall.workload.name)
    parts = Parts.around(hall.timeline, hall.batch, hall.settlement, [])
    hall.timeline.process(story.run(parts))
    return hall, story


def test_a_gang_that_lacks_two_whole_nodes_gets_them_at_the_first_look_after_its_wait() -> None:
    hall, story = spread_out(Job(20, 100, name="wide", tasks=2))
    hall.run(until_s=3000)
    assert hall.starts_s["wide"] == 40.0  # it waits from 20, looks are at 30 and 40
    assert [(moved.at_s, moved.jobs, moved.tasks) for moved in story.moved] == [(40.0, 2, 2)]
    # 80 GB at 8 GB/s and 5 s: those who moved stand still for 15 s, and no longer.
    late = {
        name: end_s - start_s - 1000 for name, end_s in hall.ends_s.items() if (start_s := hall.starts_s[name]) < 20
    }
    assert sorted(late.values()) == [0.0, 0.0, 15.0, 15.0]
    assert set(hall.of_jobs("lost_s").values()) == {0.0}
    assert story.moved[0].paused_s == 30.0
    assert_energy_is_whole(hall)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"checkpoint_s": float("nan")}, "they can not be moved"),
        ({"gpus": 3}, "no node has room for two"),
        ({"terms": TERMS.model_copy(update={"most_tasks": 1})}, "it would take two moves"),
        ({"terms": TERMS.model_copy(update={"wait": 2000.0})}, "it has not waited long enough"),
    ],
)
def test_nothing_moves_in_vain(change: dict[str, Any], why: str) -> None:
    hall, story = spread_out(Job(20, 100, name="wide", tasks=2), **change)
    hall.run(until_s=990)
    assert not hall.starts_s["wide"] >= 0.0, why
    assert story.moved == []


def test_no_more_is_moved_than_one_node_needs() -> None:
    hall, story = spread_out(Job(5, 1000, name="two", gpus=2, checkpoint_s=10), Job(20, 100, name="wide", tasks=1))
    hall.run(until_s=3000)
    assert [(moved.jobs, moved.tasks) for moved in story.moved] == [(1, 1)]
    assert hall.of_jobs("held_s")["two"] == 1000.0  # it shares its node with another: two tasks, not one


def test_room_is_made_for_tasks_that_need_several_accelerators_of_a_node() -> None:
    hall, story = spread_out(Job(20, 100, name="whole", gpus=4))
    hall.run(until_s=3000)
    assert hall.starts_s["whole"] == 40.0
    assert story.moved[0].tasks == 1


def test_shares_of_accelerators_move_together() -> None:
    jobs = [Job(at, 1000, name=f"half-{at}", gpus=0.5, checkpoint_s=1) for at in range(3)]
    hall = Hall(fleet([GPUS] * 3), workload(*jobs, Job(5, 9, name="wide", tasks=2)), placement=Spread())
    planned: list[Any] = []
    hall.at(6, lambda batch: planned.extend(moves_for(batch.state, 3, 64))).run(until_s=10)
    assert [(move.source, move.target) for move in planned] == [(0, 1), (2, 1)]


def test_a_node_that_received_tasks_is_not_emptied_in_turn() -> None:
    hall, story = spread_out(Job(20, 100, name="wide", tasks=3))
    hall.run(until_s=3000)
    assert hall.starts_s["wide"] == 40.0
    assert (story.moved[0].tasks, story.moved[0].jobs) == (3, 3)


@pytest.mark.parametrize(
    ("policy", "name"),
    [(FirstComeFirstServed(), "b"), (Priority(), "d"), (FairShare(), "c"), (FairShare(preempt=True), "d")],
)
def test_the_next_to_start_is_the_policys(policy: SchedulingPolicy, name: str) -> None:
    jobs = workload(
        Job(0, 100, user="ada", priority=9),
        Job(1, 10, user="ada"),
        Job(2, 10, user="bob"),
        Job(3, 10, user="ada", priority=5),
    )
    hall = Hall(fleet([GPUS]), jobs, policy)
    found: list[int] = []
    hall.at(50, lambda batch: found.append(next_to_start(batch.state, policy))).run()
    assert hall.workload.name[found[0]] == name
