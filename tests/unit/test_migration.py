"""Tasks that move from node to node while their job stands still: whole traces by hand."""

from __future__ import annotations

import math

import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from simulator.engine.batch import Batch
from simulator.scheduling.fcfs import FirstComeFirstServed

GPUS = node(cores=8, accelerators=4)


def move(job: int, *moves: tuple[int, int], pause_s: float = 30.0, moved: int = 1) -> object:
    def act(batch: Batch) -> None:
        assert batch.migrate(job, moves, pause_s) == moved

    return act


def test_a_job_that_moves_keeps_its_work_and_loses_the_pause() -> None:
    hall = Hall(fleet([GPUS] * 2), workload(Job(0, 100, gpus=2)))
    hall.at(40, move(0, (0, 1))).run(until_s=200)  # type: ignore[arg-type]
    assert hall.ends_s == {"a": 130.0}
    assert hall.of_jobs("lost_s") == {"a": 0.0}
    assert hall.of_jobs("interruptions") == {"a": 0}
    assert hall.of_jobs("held_s") == {"a": 130.0}
    assert hall.state.nodes["held_s"].tolist() == [40.0, 90.0]
    # At rest in the pause: two nodes of 300 W and, at work, two GPUs of 350 W and two eighths of no cores.
    assert [at_s for at_s, _ in hall.change_points] == [0.0, 40.0, 70.0, 130.0]
    assert hall.change_points[1][1] == hall.change_points[3][1] == 600.0
    assert_energy_is_whole(hall)


def test_only_the_task_that_is_named_moves_and_what_it_leaves_is_taken_at_once() -> None:
    jobs = workload(Job(0, 100, tasks=2, gpus=3), Job(1, 50, gpus=4))
    hall = Hall(fleet([GPUS] * 3), jobs)
    hall.at(0.5, lambda hall: hall.cordon([2])).at(10, lambda hall: hall.uncordon([2]))
    hall.at(10, move(0, (1, 2)))  # type: ignore[arg-type]
    nodes: list[list[int]] = []
    hall.at(11, lambda hall: nodes.extend(hall.nodes_of(job).tolist() for job in (0, 1)))
    hall.run()
    assert hall.starts_s["b"] == 10.0
    assert nodes == [[0, 2], [1]]
    assert hall.ends_s == {"a": 130.0, "b": 60.0}
    assert_energy_is_whole(hall)


def test_tasks_that_move_together_share_one_pause() -> None:
    hall = Hall(fleet([GPUS] * 4), workload(Job(0, 100, tasks=2)))
    hall.at(40, move(0, (0, 2), (1, 3), moved=2)).run()  # type: ignore[arg-type]
    assert hall.ends_s == {"a": 130.0}


@pytest.mark.parametrize("moves", [(0, 1), (0, 0), (1, 2)])
def test_nothing_moves_to_where_there_is_no_room_or_from_where_it_is_not(moves: tuple[int, int]) -> None:
    jobs = workload(Job(0, 100, gpus=2), Job(0, 100, gpus=4))
    hall = Hall(fleet([GPUS] * 3), jobs)
    hall.at(40, move(0, moves, moved=0)).run()  # type: ignore[arg-type]
    assert hall.ends_s == {"a": 100.0, "b": 100.0}


def test_the_pause_does_not_count_against_the_estimate() -> None:
    hall = Hall(fleet([GPUS] * 2), workload(Job(0, 100, estimate_s=100)), FirstComeFirstServed(overrun="kill"))
    hall.at(40, move(0, (0, 1))).run()  # type: ignore[arg-type]
    assert hall.ends_s == {"a": 130.0}
    assert hall.state.clock[0]["killed"] == 0


def test_a_job_that_hung_past_its_estimate_is_ended_when_it_goes_on() -> None:
    hall = Hall(fleet([GPUS]), workload(Job(0, 100, estimate_s=100)), FirstComeFirstServed(overrun="kill"))
    hall.at(40, lambda hall: hall.hang([0])).at(500, lambda hall: hall.resume([0])).run()
    assert hall.ends_s == {"a": 500.0}
    assert hall.state.clock[0]["killed"] == 1


def test_a_job_that_moves_can_hang_and_be_interrupted() -> None:
    hall = Hall(fleet([GPUS] * 2), workload(Job(0, 100, checkpoint_s=10)))
    hall.at(45, move(0, (0, 1))).at(50, lambda hall: hall.hang([0]))  # type: ignore[arg-type]
    hall.at(60, move(0, (1, 0), moved=0))  # type: ignore[arg-type]
    hall.at(90, lambda hall: hall.interrupt([0])).run()
    assert hall.of_jobs("lost_s") == {"a": 5.0}
    assert hall.ends_s == {"a": 150.0}
    assert math.isfinite(hall.energy_j)
