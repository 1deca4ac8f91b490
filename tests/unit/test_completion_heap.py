"""The heap of what falls due, against a sorted list."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.compiled import compiled_as
from simulator.engine import state as layout
from simulator.engine.completion_kernel import move, push, remove, restore_order

PUSH, MOVE, REMOVE, RESTORE = range(4)
JOBS = 40


@compiled_as(layout.CONTROL_SIGNATURE)
def operate(state: Any, action: int, job: int, due_s: float) -> None:
    if action == PUSH:
        push(state, job, due_s)
    elif action == MOVE:
        move(state, job, due_s)
    elif action == RESTORE:
        restore_order(state)
    else:
        remove(state, job)


def check(state: layout.State, expected: dict[int, float]) -> None:
    """The heap holds what is expected, parents before children, every job knowing its position."""
    size = int(state.clock[0]["heap_size"])
    held = state.heap[:size].tolist()
    assert sorted(held) == sorted(expected)
    due_s = state.jobs["due_s"]
    for position, job in enumerate(held):
        assert state.jobs[job]["heap_position"] == position
        assert due_s[job] == expected[job]
        parent = held[(position - 1) // 2]
        assert position == 0 or (due_s[parent], parent) < (due_s[job], job)
    if held:
        assert held[0] == min(expected, key=lambda job: (expected[job], job))


@pytest.mark.parametrize("seed", range(5))
def test_the_earliest_is_on_top_after_any_pushes_moves_and_removals(seed: int) -> None:
    hall = Hall(fleet([node()]), workload(*[Job(submit_s=0, work=1) for _ in range(JOBS)]))
    state, handle = hall.state, layout.handle(hall.state)
    draws = np.random.default_rng(seed)
    expected: dict[int, float] = {}
    for _ in range(600):
        job, due_s = int(draws.integers(JOBS)), float(draws.integers(20))  # few instants, so that many are equal
        if job not in expected:
            operate(handle, PUSH, job, due_s)
            expected[job] = due_s
        elif draws.random() < 0.5:
            operate(handle, MOVE, job, due_s)
            expected[job] = due_s
        else:
            operate(handle, REMOVE, job, 0.0)
            del expected[job]
        check(state, expected)


def test_jobs_that_fall_due_together_come_in_order_of_submission() -> None:
    hall = Hall(fleet([node()]), workload(*[Job(submit_s=0, work=1) for _ in range(7)]))
    handle = layout.handle(hall.state)
    for job in (4, 2, 6, 0, 5, 1, 3):
        operate(handle, PUSH, job, 10.0)
    order = []
    while hall.state.clock[0]["heap_size"] > 0:
        order.append(int(hall.state.heap[0]))
        operate(handle, REMOVE, order[-1], 0.0)
    assert order == list(range(7))


def test_a_job_that_never_ends_is_last() -> None:
    hall = Hall(fleet([node()]), workload(*[Job(submit_s=0, work=1) for _ in range(3)]))
    handle = layout.handle(hall.state)
    operate(handle, PUSH, 0, float("inf"))
    operate(handle, PUSH, 1, 5.0)
    operate(handle, PUSH, 2, 3.0)
    assert hall.state.heap[0] == 2
    operate(handle, MOVE, 2, float("inf"))
    assert hall.state.heap[0] == 1


@pytest.mark.parametrize("size", [0, 1, 2, 7, JOBS])
def test_a_heap_is_made_anew_where_instants_were_changed_in_place(size: int) -> None:
    hall = Hall(fleet([node()]), workload(*[Job(submit_s=0, work=1) for _ in range(JOBS)]))
    state, handle = hall.state, layout.handle(hall.state)
    draws = np.random.default_rng(size)
    for job in range(size):
        operate(handle, PUSH, job, float(draws.integers(20)))
    state.jobs["due_s"][:size] = draws.integers(0, 20, size)
    operate(handle, RESTORE, 0, 0.0)
    check(state, dict(enumerate(state.jobs["due_s"][:size].tolist())))
