"""First come, first served: whole traces by hand."""

from __future__ import annotations

import pytest

from hall import Hall, Job, fleet, node, workload
from simulator.engine import state as layout
from simulator.scheduling.fcfs import FirstComeFirstServed


def test_one_that_does_not_fit_holds_up_all_behind_it() -> None:
    jobs = workload(Job(0, 10), Job(1, 5, tasks=2), Job(2, 1))
    hall = Hall(fleet([node()] * 2), jobs).run()
    assert hall.starts_s == {"a": 0.0, "b": 10.0, "c": 15.0}
    assert hall.ends_s == {"a": 10.0, "b": 15.0, "c": 16.0}
    assert hall.end_s == 16.0


def test_jobs_of_one_instant_start_in_the_order_given() -> None:
    hall = Hall(fleet([node()]), workload(Job(5, 3), Job(5, 2), Job(5, 1))).run()
    assert hall.starts_s == {"a": 5.0, "b": 8.0, "c": 10.0}


def test_a_completion_makes_room_for_an_arrival_of_the_same_instant() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 5), Job(5, 1))).run()
    assert hall.starts_s == {"a": 0.0, "b": 5.0}


def test_a_job_wider_than_the_hall_is_rejected_and_holds_up_nobody() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 1, tasks=3), Job(0, 2))).run()
    assert hall.of_jobs("status") == {"a": layout.REJECTED, "b": layout.COMPLETED}
    assert hall.state.clock[0]["rejected"] == 1


@pytest.mark.parametrize("cores", [0.0, 1.0, 5.0])
def test_a_job_of_absurd_width_is_rejected_and_takes_no_memory(cores: float) -> None:
    jobs = workload(Job(0, 1, tasks=3_000_000_000, cores=cores), Job(0, 2))
    hall = Hall(fleet([node()] * 2), jobs).run()
    assert hall.of_jobs("status") == {"a": layout.REJECTED, "b": layout.COMPLETED}
    assert len(hall.state.holdings) == 2


def test_a_run_goes_on_until_the_last_submission_even_if_that_is_rejected() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 5), Job(30, 1, tasks=2))).run()
    assert hall.end_s == 30.0


def test_a_job_starts_on_the_model_that_it_accepts() -> None:
    jobs = workload(Job(0, 5, accepts=frozenset({"m1"})), Job(0, 5, accepts=frozenset({"m1"})), Job(0, 5))
    hall = Hall(fleet([node(), node()]), jobs).run()
    assert hall.first_nodes == {"a": 1, "b": 1, "c": 0}
    assert hall.starts_s == {"a": 0.0, "b": 5.0, "c": 5.0}


def test_a_job_accepts_an_accelerator_by_its_name() -> None:
    kinds = [node(accelerators=1, accelerator="T4"), node(accelerators=1, accelerator="H100")]
    hall = Hall(fleet(kinds), workload(Job(0, 5, gpus=0.5, accepts=frozenset({"H100"})))).run()
    assert hall.first_nodes == {"a": 1}


def test_an_overrun_estimate_is_of_no_consequence_unless_jobs_are_killed() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 10, estimate_s=4))).run()
    assert hall.ends_s == {"a": 10.0}


def test_a_job_is_killed_at_its_estimate_where_that_is_asked_for() -> None:
    jobs = workload(Job(0, 10, estimate_s=4), Job(0, 10), Job(0, 5, estimate_s=5))
    hall = Hall(fleet([node()]), jobs, FirstComeFirstServed(overrun="kill")).run()
    assert hall.of_jobs("status") == {"a": layout.KILLED, "b": layout.COMPLETED, "c": layout.COMPLETED}
    assert hall.ends_s == {"a": 4.0, "b": 14.0, "c": 19.0}
    assert hall.of_jobs("lost_s") == {"a": 4.0, "b": 0.0, "c": 0.0}
    assert hall.state.clock[0]["killed"] == 1


def test_no_job_is_killed_for_the_rounding_of_its_phases() -> None:
    tenths = [(0.1, activity) for activity in (1.0, 0.5) * 5]
    jobs = workload(*[Job(0.37 * index, tenths, estimate_s=1.0) for index in range(200)])
    hall = Hall(fleet([node()] * 200), jobs, FirstComeFirstServed(overrun="kill")).run()
    assert hall.state.clock[0]["completed"] == 200


@pytest.mark.parametrize("tasks", [1, 3])
def test_tasks_of_a_job_start_and_end_together(tasks: int) -> None:
    hall = Hall(fleet([node()] * 3), workload(Job(0, 10), Job(0, 4, tasks=tasks))).run()
    assert hall.starts_s["b"] == (0.0 if tasks < 3 else 10.0)
    assert hall.of_jobs("held_s") == {"a": 10.0, "b": 4.0}
