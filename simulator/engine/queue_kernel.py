"""Waiting lines: doubly linked through the jobs, each in order of submission."""

from __future__ import annotations

from typing import Any

from models.compiled import compiled


@compiled
def enqueue(state: Any, job: int) -> None:
    """Put a job into its line, behind every job submitted before it (an interrupted job returns to its place)."""
    jobs = state.jobs
    queue = state.queues[jobs[job]["queue"]]
    behind = queue["tail"]
    if behind > job:  # A job that comes back is old: search from the head.
        behind = -1
        ahead = queue["head"]
        while ahead >= 0 and ahead < job:
            behind = ahead
            ahead = jobs[ahead]["next"]
    else:
        ahead = -1
    jobs[job]["previous"] = behind
    jobs[job]["next"] = ahead
    if behind >= 0:
        jobs[behind]["next"] = job
    else:
        queue["head"] = job
    if ahead >= 0:
        jobs[ahead]["previous"] = job
    else:
        queue["tail"] = job
    queue["size"] += 1
    state.clock[0]["queued"] += 1
    state.clock[0]["schedule_needed"] = 1


@compiled
def dequeue(state: Any, job: int) -> None:
    """Take a job out of its line."""
    jobs = state.jobs
    queue = state.queues[jobs[job]["queue"]]
    behind, ahead = jobs[job]["previous"], jobs[job]["next"]
    if behind >= 0:
        jobs[behind]["next"] = ahead
    else:
        queue["head"] = ahead
    if ahead >= 0:
        jobs[ahead]["previous"] = behind
    else:
        queue["tail"] = behind
    queue["size"] -= 1
    state.clock[0]["queued"] -= 1
