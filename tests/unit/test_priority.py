"""Priorities with preemption: whole traces by hand."""

from __future__ import annotations

from typing import Literal

import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from simulator.scheduling.priority import Priority

BOX = node(cores=4)


def interruptions(hall: Hall) -> dict[str, int]:
    return {name: count for name, count in hall.of_jobs("interruptions").items() if count}


def test_higher_priority_first_then_order_of_submission() -> None:
    jobs = workload(Job(0, 10), Job(1, 1), Job(2, 1, priority=5), Job(3, 1, priority=5), Job(4, 1, priority=9))
    hall = Hall(fleet([BOX]), jobs, Priority(preempt=False)).run()
    assert hall.starts_s == {"e": 10.0, "c": 11.0, "d": 12.0, "b": 13.0, "a": 0.0}


def test_one_that_does_not_fit_holds_up_lower_priorities() -> None:
    jobs = workload(Job(0, 10), Job(1, 1, tasks=2, priority=1), Job(2, 1))
    hall = Hall(fleet([BOX] * 2), jobs, Priority(preempt=False)).run()
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 11.0}


@pytest.mark.parametrize(
    ("work", "checkpoint_s", "end_s", "lost_s"),
    [
        ("checkpoint", 3.0, 13.0, 1.0),  # at 7 it resumes from 6: 4 s are left when the node is free at 9
        ("checkpoint", 7.0, 12.0, 0.0),
        ("checkpoint", float("nan"), 19.0, 7.0),
        ("lost", 3.0, 19.0, 7.0),
    ],
)
def test_a_preempted_job_keeps_its_work_to_the_last_checkpoint_or_none(
    work: Literal["checkpoint", "lost"], checkpoint_s: float, end_s: float, lost_s: float
) -> None:
    jobs = workload(Job(0, 10, checkpoint_s=checkpoint_s), Job(7, 2, priority=1))
    hall = Hall(fleet([BOX]), jobs, Priority(preempted_work=work)).run()
    assert hall.starts_s == {"a": 0.0, "b": 7.0}
    assert hall.ends_s == {"a": end_s, "b": 9.0}
    assert hall.of_jobs("lost_s") == {"a": lost_s, "b": 0.0}
    assert hall.of_jobs("held_s") == {"a": 7.0 + end_s - 9.0, "b": 2.0}
    assert interruptions(hall) == {"a": 1}
    assert_energy_is_whole(hall)


@pytest.mark.parametrize(
    ("at_s", "points"), [(7.0, [(9.0, 150.0), (13.0, 100.0)]), (4.5, [(7.5, 150.0), (13.5, 100.0)])]
)
def test_a_checkpoint_remembers_the_phase(at_s: float, points: list[tuple[float, float]]) -> None:
    # 4 s at full load (200 W), then 6 s at half (150 W). At 7 the checkpoint is 6, in the second phase: 4 s to go. At
    # 4.5 it is 3, in the first: one more second at full load, which the 2 s of b at full load run into.
    jobs = workload(Job(0, [(4, 1.0), (6, 0.5)], checkpoint_s=3), Job(at_s, 2, priority=1))
    hall = Hall(fleet([BOX]), jobs, Priority()).run(until_s=40)
    assert [point for point in hall.change_points if point[0] >= at_s + 2] == points


@pytest.mark.parametrize(("tasks", "victims"), [(1, {"c"}), (2, {"c", "a"}), (3, {"c", "a", "b"})])
def test_the_lowest_priority_goes_first_then_the_latest_started(tasks: int, victims: set[str]) -> None:
    jobs = workload(Job(0, 50), Job(1, 50, priority=1), Job(2, 50), Job(5, 5, priority=2, tasks=tasks))
    hall = Hall(fleet([BOX] * 3), jobs, Priority()).run()
    assert set(interruptions(hall)) == victims
    assert hall.starts_s["d"] == 5.0


def test_nobody_is_preempted_in_vain() -> None:
    # d needs all three nodes, and may take only those of a and c.
    jobs = workload(Job(0, 50), Job(1, 30, priority=1), Job(2, 50), Job(5, 5, priority=1, tasks=3))
    hall = Hall(fleet([BOX] * 3), jobs, Priority()).run()
    assert interruptions(hall) == {"a": 1, "c": 1}
    assert hall.starts_s["d"] == 31.0  # when b has ended, and not before


def test_equal_priority_does_not_preempt() -> None:
    hall = Hall(fleet([BOX]), workload(Job(0, 10, priority=3), Job(1, 1, priority=3)), Priority()).run()
    assert interruptions(hall) == {}
    assert hall.starts_s["b"] == 10.0


def test_a_victim_that_frees_nothing_of_use_goes_on() -> None:
    # The latest, c, shares its node with b, whom d may not preempt; only a's node has room for d as a whole.
    jobs = workload(
        Job(0, 50, cores=4), Job(1, 50, cores=2, priority=9), Job(2, 50, cores=2), Job(5, 5, cores=4, priority=1)
    )
    hall = Hall(fleet([BOX] * 2), jobs, Priority()).run()
    assert interruptions(hall) == {"a": 1}
    assert hall.starts_s["d"] == 5.0
    assert hall.ends_s["c"] == 52.0


def test_victims_that_make_room_only_together_are_all_taken() -> None:
    jobs = workload(Job(0, 50, cores=2), Job(1, 50, cores=2), Job(5, 5, cores=4, priority=1))
    hall = Hall(fleet([BOX]), jobs, Priority()).run()
    assert interruptions(hall) == {"a": 1, "b": 1}
    assert hall.starts_s["c"] == 5.0


def test_whoever_is_not_needed_after_all_is_spared() -> None:
    # Latest first: c (1 core), b (1 core), then a (2 cores). With a, two more cores are there and one of the others
    # may stay: the one that started earlier.
    jobs = workload(Job(0, 50, cores=2), Job(1, 50, cores=1), Job(2, 50, cores=1), Job(5, 5, cores=3, priority=1))
    hall = Hall(fleet([BOX]), jobs, Priority()).run()
    assert interruptions(hall) == {"a": 1, "c": 1}


def test_a_preempted_job_returns_to_its_place_in_the_line() -> None:
    jobs = workload(Job(0, 10), Job(1, 3), Job(2, 5, priority=1))
    hall = Hall(fleet([BOX]), jobs, Priority(preempted_work="lost")).run()
    assert hall.ends_s == {"a": 17.0, "b": 20.0, "c": 7.0}


def test_a_job_may_be_preempted_again_and_again() -> None:
    highs = [Job(at_s, 1, priority=1, name=f"high-{at_s}") for at_s in (5, 10, 15)]
    hall = Hall(fleet([BOX]), workload(Job(0, 20, name="low", checkpoint_s=1), *highs), Priority()).run()
    assert hall.ends_s["low"] == 23.0
    assert interruptions(hall) == {"low": 3}
