"""What the batch scheduler is held against: the least that does the same, with a counter instead of named nodes."""

from __future__ import annotations

import bisect
import heapq
import math
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import simpy


@dataclass(frozen=True)
class Jobs:
    """Plain lists, a job each, in order of submission."""

    submit_s: Sequence[float]
    work_s: Sequence[float]
    nodes: Sequence[int]
    estimate_s: Sequence[float]


def heap_fcfs(jobs: Jobs, nodes: int) -> list[float]:
    """Return the waits under first come, first served [s]: a heap of ends and a counter of free nodes."""
    free, now_s = nodes, 0.0
    ends: list[tuple[float, int]] = []
    waits_s = []
    for submit_s, work_s, wanted in zip(jobs.submit_s, jobs.work_s, jobs.nodes, strict=True):
        now_s = max(now_s, submit_s)
        while ends and (ends[0][0] <= now_s or free < wanted):
            end_s, freed = heapq.heappop(ends)
            now_s, free = max(now_s, end_s), free + freed
        free -= wanted
        heapq.heappush(ends, (now_s + work_s, wanted))
        waits_s.append(now_s - submit_s)
    return waits_s


def heap_easy(jobs: Jobs, nodes: int, depth: float = math.inf) -> list[float]:
    """Return the waits under EASY backfill [s]: a heap of ends, a sorted list of expected ends, a counter of nodes.

    No job may outlast its estimate. `depth` is how many jobs behind the head are looked at.
    """
    count = len(jobs.submit_s)
    waits_s = [0.0] * count
    free, arrived = nodes, 0
    ends: list[tuple[float, int]] = []
    expected: list[tuple[float, int]] = []
    queue: deque[int] = deque()

    def begin(job: int, now_s: float) -> None:
        nonlocal free
        free -= jobs.nodes[job]
        waits_s[job] = now_s - jobs.submit_s[job]
        bisect.insort(expected, (now_s + jobs.estimate_s[job], job))
        heapq.heappush(ends, (now_s + jobs.work_s[job], job))

    while arrived < count or ends:
        now_s = min(ends[0][0] if ends else math.inf, jobs.submit_s[arrived] if arrived < count else math.inf)
        while ends and ends[0][0] <= now_s:
            _, job = heapq.heappop(ends)
            free += jobs.nodes[job]
            began_s = jobs.submit_s[job] + waits_s[job]
            # The sum may differ from the one entered in its last bit.
            place = bisect.bisect_left(expected, (began_s + jobs.estimate_s[job] - 1e-3, -1))
            while expected[place][1] != job:
                place += 1
            del expected[place]
        while arrived < count and jobs.submit_s[arrived] <= now_s:
            queue.append(arrived)
            arrived += 1
        while queue and jobs.nodes[queue[0]] <= free:
            begin(queue.popleft(), now_s)
        if len(queue) < 2 or free == 0:
            continue
        room, shadow_s, wanted = free, math.inf, jobs.nodes[queue[0]]
        for end_s, job in expected:
            room += jobs.nodes[job]
            if room >= wanted:
                shadow_s = end_s
                break
        spare = room - wanted
        passed, looked = [queue.popleft()], 0
        while queue and looked < depth and free > 0:
            job = queue.popleft()
            looked += 1
            in_time = now_s + jobs.estimate_s[job] <= shadow_s
            if jobs.nodes[job] <= free and (in_time or jobs.nodes[job] <= spare):
                begin(job, now_s)
                spare -= 0 if in_time else jobs.nodes[job]
            else:
                passed.append(job)
        queue.extendleft(reversed(passed))
    return waits_s


def simpy_fcfs(jobs: Jobs, nodes: int) -> list[float]:
    """Return the waits under first come, first served [s]: a SimPy process a job, a container of nodes."""
    environment = simpy.Environment()
    free = simpy.Container(environment, capacity=nodes, init=nodes)
    waits_s: list[float] = []

    def job(work_s: float, wanted: int) -> Generator[simpy.Event, None, None]:
        submit_s = environment.now
        yield free.get(wanted)
        waits_s.append(environment.now - submit_s)
        yield environment.timeout(work_s)
        yield free.put(wanted)

    def arrivals() -> Generator[simpy.Event, None, None]:
        for submit_s, work_s, wanted in zip(jobs.submit_s, jobs.work_s, jobs.nodes, strict=True):
            yield environment.timeout(submit_s - environment.now)
            environment.process(job(work_s, wanted))

    environment.process(arrivals())
    environment.run()
    return waits_s
