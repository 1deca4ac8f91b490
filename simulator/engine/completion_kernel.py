"""The heap of what falls due: one entry a running job, the earliest first, ties by job.

An indexed binary heap, so that a changed rate moves an entry instead of leaving a stale one behind.
"""

from __future__ import annotations

from typing import Any

from models.compiled import compiled


@compiled
def _before(jobs: Any, one: int, other: int) -> bool:
    due, other_due = jobs[one]["due_s"], jobs[other]["due_s"]
    return bool(due < other_due or (due == other_due and one < other))


@compiled
def _sift_up(jobs: Any, heap: Any, position: int) -> None:
    job = heap[position]
    while position > 0:
        parent = (position - 1) >> 1
        if not _before(jobs, job, heap[parent]):
            break
        heap[position] = heap[parent]
        jobs[heap[position]]["heap_position"] = position
        position = parent
    heap[position] = job
    jobs[job]["heap_position"] = position


@compiled
def _sift_down(jobs: Any, heap: Any, position: int, size: int) -> None:
    job = heap[position]
    while True:
        child = 2 * position + 1
        if child >= size:
            break
        if child + 1 < size and _before(jobs, heap[child + 1], heap[child]):
            child += 1
        if not _before(jobs, heap[child], job):
            break
        heap[position] = heap[child]
        jobs[heap[position]]["heap_position"] = position
        position = child
    heap[position] = job
    jobs[job]["heap_position"] = position


@compiled
def push(state: Any, job: int, due_s: float) -> None:
    """Enter a job that falls due at `due_s`."""
    clock = state.clock[0]
    state.jobs[job]["due_s"] = due_s
    state.heap[clock["heap_size"]] = job
    clock["heap_size"] += 1
    _sift_up(state.jobs, state.heap, clock["heap_size"] - 1)


@compiled
def move(state: Any, job: int, due_s: float) -> None:
    """Give an entered job another instant."""
    earlier = due_s < state.jobs[job]["due_s"]
    state.jobs[job]["due_s"] = due_s
    position = state.jobs[job]["heap_position"]
    if earlier:
        _sift_up(state.jobs, state.heap, position)
    else:
        _sift_down(state.jobs, state.heap, position, state.clock[0]["heap_size"])


@compiled
def remove(state: Any, job: int) -> None:
    """Take a job out."""
    clock = state.clock[0]
    position = state.jobs[job]["heap_position"]
    state.jobs[job]["heap_position"] = -1
    clock["heap_size"] -= 1
    last = state.heap[clock["heap_size"]]
    if last == job:
        return
    state.heap[position] = last
    state.jobs[last]["heap_position"] = position
    _sift_up(state.jobs, state.heap, position)
    _sift_down(state.jobs, state.heap, state.jobs[last]["heap_position"], clock["heap_size"])


@compiled
def restore_order(state: Any) -> None:
    """Make a heap again of entries whose instants were changed where they stand (Floyd 1964); cheap where many were."""
    size = state.clock[0]["heap_size"]
    for position in range((size >> 1) - 1, -1, -1):
        _sift_down(state.jobs, state.heap, position, size)
