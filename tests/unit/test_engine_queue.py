"""Waiting lines: in order of submission, whatever leaves and comes back."""

from __future__ import annotations

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.compiled import plain
from simulator.engine import queue_kernel
from simulator.engine.state import State
from simulator.scheduling.fair_share import FairShare

enqueue, dequeue = plain(queue_kernel.enqueue), plain(queue_kernel.dequeue)


@pytest.fixture
def state() -> State:
    return Hall(fleet([node()]), workload(*[Job(submit_s=0, work=1) for _ in range(6)])).state


def line(state: State, queue: int = 0) -> list[int]:
    """The jobs of a line from the head, after walking it from the tail too."""
    forth, job = [], int(state.queues[queue]["head"])
    while job >= 0:
        forth.append(job)
        job = int(state.jobs[job]["next"])
    back, job = [], int(state.queues[queue]["tail"])
    while job >= 0:
        back.append(job)
        job = int(state.jobs[job]["previous"])
    assert back == forth[::-1]
    assert state.queues[queue]["size"] == len(forth)
    return forth


def test_jobs_line_up_in_order_of_submission(state: State) -> None:
    for job in (0, 1, 2):
        enqueue(state, job)
    assert line(state) == [0, 1, 2]
    assert state.clock[0]["queued"] == 3


def test_a_job_that_comes_back_takes_its_old_place(state: State) -> None:
    for job in (1, 3, 4, 0, 2):
        enqueue(state, job)
    assert line(state) == [0, 1, 2, 3, 4]


def test_leaving_from_head_middle_and_tail_keeps_the_line_whole(state: State) -> None:
    for job in range(5):
        enqueue(state, job)
    for leaver, left in ((0, [1, 2, 3, 4]), (2, [1, 3, 4]), (4, [1, 3]), (3, [1]), (1, [])):
        dequeue(state, leaver)
        assert line(state) == left
    assert state.clock[0]["queued"] == 0


def test_a_line_after_any_coming_and_going_is_sorted(state: State) -> None:
    draws = np.random.default_rng(3)
    waiting: set[int] = set()
    for job in draws.integers(0, 6, 500).tolist():
        if job in waiting:
            dequeue(state, job)
            waiting.remove(job)
        else:
            enqueue(state, job)
            waiting.add(job)
        assert line(state) == sorted(waiting)


def test_arrival_asks_for_a_scheduling_pass(state: State) -> None:
    state.clock[0]["schedule_needed"] = 0
    enqueue(state, 0)
    assert state.clock[0]["schedule_needed"] == 1


def test_each_user_has_a_line_under_fair_share() -> None:
    jobs = [Job(submit_s=0, work=1, user=user) for user in ("ada", "bob", "ada")]
    state = Hall(fleet([node()]), workload(*jobs), FairShare()).state
    for job in range(3):
        enqueue(state, job)
    assert line(state, 0) == [0, 2]
    assert line(state, 1) == [1]
