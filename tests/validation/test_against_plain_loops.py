"""Start times against independent loops that fit on a page."""

from __future__ import annotations

import heapq
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from hall import Hall, Job, fleet, node, workload
from models.data_file import DataFolders
from models.workload.job import Workload
from models.workload.swf import StandardWorkloadFormat
from models.workload.synthetic import Synthetic
from simulator.random_streams import stream
from simulator.scheduling.easy_backfill import EasyBackfill


def fcfs_starts_s(jobs: Workload, nodes: int) -> list[float]:
    """First come, first served in ten lines."""
    free, now_s, running, starts_s = nodes, 0.0, list[tuple[float, int]](), list[float]()
    for submit_s, work_s, tasks in zip(jobs.submit_s.tolist(), jobs.work_s.tolist(), jobs.tasks.tolist(), strict=True):
        now_s = max(now_s, submit_s)
        while running and (running[0][0] <= now_s or free < tasks):
            end_s, freed = heapq.heappop(running)
            now_s, free = max(now_s, end_s), free + freed
        starts_s.append(now_s)
        heapq.heappush(running, (now_s + work_s, tasks))
        free -= tasks
    return starts_s


def test_fcfs_starts_wide_jobs_when_a_heap_loop_does() -> None:
    given = {
        "load": {"fraction": 0.9, "nodes": 1000},
        "count": 20_000,
        "duration": {"kind": "lognormal", "median": "1 h", "sigma": 1.0},
        "tasks": {"kind": "uniform", "minimum": 1, "maximum": 64},
    }
    jobs = Synthetic.model_validate(given).read(0.0, lambda *name: stream(1, *name))
    hall = Hall(fleet([node()] * 1000), jobs).run()
    assert hall.state.jobs["first_start_s"].tolist() == fcfs_starts_s(jobs, 1000)
    assert (hall.state.jobs["first_start_s"] > jobs.submit_s).any()


def nasa(public_data: Path) -> Workload:
    given = {"file": "traces/nasa_ipsc_1993.swf", "zero_run_time_as": "1 s"}
    log = StandardWorkloadFormat.model_validate(given, context=DataFolders(public_data))
    return log.read(0.0, lambda *name: stream(1, *name))


def test_fcfs_starts_the_nasa_log_when_a_heap_loop_does(public_data: Path) -> None:
    jobs = nasa(public_data)
    hall = Hall(fleet([node()] * 128), jobs).run()
    assert hall.batch.ended_jobs == len(jobs) == 18_239
    assert hall.state.jobs["first_start_s"].tolist() == fcfs_starts_s(jobs, 128)


def easy_starts_s(
    rows: list[tuple[float, float, float, int]], nodes: int, depth: float = float("inf")
) -> NDArray[np.float64]:
    """EASY backfill over plain lists: rows are submission, length, estimate and width, in order of submission."""
    starts_s = np.full(len(rows), np.nan)
    waiting: list[int] = []
    running: list[tuple[float, float, int]] = []  # end, expected end, width
    coming, now_s = 0, 0.0

    def start(job: int) -> None:
        _, work_s, estimate_s, width = rows[job]
        starts_s[job] = now_s
        running.append((now_s + work_s, now_s + estimate_s, width))
        waiting.remove(job)

    def free(at_s: float) -> int:
        """How many nodes are free once all who are expected to have ended by then have."""
        return nodes - sum(width for _, expected_s, width in running if max(expected_s, now_s) > at_s)

    while coming < len(rows) or waiting or running:
        now_s = min([end_s for end_s, _, _ in running] + [submit_s for submit_s, *_ in rows[coming : coming + 1]])
        running[:] = [job for job in running if job[0] > now_s]
        while coming < len(rows) and rows[coming][0] <= now_s:
            waiting.append(coming)
            coming += 1
        while waiting and rows[waiting[0]][3] <= free(-1.0):
            start(waiting[0])
        if not waiting:
            continue
        needed = rows[waiting[0]][3]
        ends_s = sorted(max(expected_s, now_s) for _, expected_s, _ in running)
        shadow_s = next(end_s for end_s in ends_s if free(end_s) >= needed)
        spare = free(shadow_s) - needed
        for position, job in enumerate(waiting[1:]):
            _, _, estimate_s, width = rows[job]
            in_time = now_s + estimate_s <= shadow_s
            if position < depth and width <= free(-1.0) and (in_time or width <= spare):
                start(job)
                spare -= 0 if in_time else width
    return starts_s


@pytest.mark.parametrize("depth", [None, 2])
@pytest.mark.parametrize(("least", "most"), [(1.0, 1.0), (0.5, 3.0)], ids=["exact", "rough"])
@pytest.mark.parametrize("shared", [False, True], ids=["whole nodes", "shares"])
def test_easy_starts_jobs_when_plain_lists_do(depth: int | None, least: float, most: float, shared: bool) -> None:
    draws = np.random.default_rng(17)
    for _ in range(25):
        count = 40
        submit_s = np.sort(draws.integers(0, 200, count)).astype(float)
        work_s = draws.integers(1, 40, count).astype(float)
        estimate_s = np.ceil(work_s * draws.uniform(least, most, count))
        width = draws.integers(1, 9, count)
        rows = list(zip(submit_s.tolist(), work_s.tolist(), estimate_s.tolist(), width.tolist(), strict=True))
        jobs = [Job(s, w, tasks=t, estimate_s=e, cores=4 if shared else 0) for s, w, e, t in rows]
        hall = Hall(fleet([node(cores=4)] * 8), workload(*jobs), EasyBackfill(depth=depth)).run()
        expected = easy_starts_s(rows, 8, float("inf") if depth is None else depth)
        assert hall.state.jobs["first_start_s"].tolist() == expected.tolist()
