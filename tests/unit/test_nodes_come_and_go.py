"""Nodes are commissioned, drained and retired during the run."""

from __future__ import annotations

import numpy as np
import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from simulator.engine import state as layout


def test_a_job_waits_for_a_node_to_be_commissioned() -> None:
    hall = Hall(fleet([node()], commission_s=[10]), workload(Job(3, 5))).run()
    assert hall.starts_s == {"a": 10.0}
    assert hall.change_points == [(10.0, 200.0)]
    assert hall.state.nodes["service_s"].tolist() == [5.0]


def test_a_draining_node_lets_its_job_end_and_takes_nothing_new() -> None:
    hall = Hall(fleet([node()] * 2, retire_s=[4, np.inf]), workload(Job(0, 10), Job(0, 20), Job(5, 1))).run()
    assert hall.ends_s == {"a": 10.0, "b": 20.0, "c": 21.0}
    assert hall.state.nodes["status"].tolist() == [layout.RETIRED, layout.IN_SERVICE]
    assert hall.state.nodes["service_s"].tolist() == [10.0, 21.0]
    assert hall.change_points == [(0.0, 400.0), (10.0, 200.0)]


@pytest.mark.parametrize(("checkpoint_s", "end_s", "lost_s"), [(3.0, 17.0, 2.0), (float("nan"), 20.0, 5.0)])
def test_a_job_on_a_node_retired_at_once_resumes_elsewhere(checkpoint_s: float, end_s: float, lost_s: float) -> None:
    # a is interrupted at 5; with checkpoints every 3 s it has 7 of its 10 s to go when b leaves the other node at 10.
    jobs = workload(Job(0, 10, checkpoint_s=checkpoint_s), Job(0, 10))
    hall = Hall(fleet([node()] * 2, retire_s=[5, np.inf], drains=False), jobs).run()
    assert hall.ends_s == {"a": end_s, "b": 10.0}
    assert hall.starts_s == {"a": 0.0, "b": 0.0}
    assert hall.of_jobs("lost_s")["a"] == lost_s
    assert hall.of_jobs("interruptions") == {"a": 1, "b": 0}
    assert hall.state.nodes["service_s"].tolist() == [5.0, end_s]
    assert_energy_is_whole(hall)


def test_all_tasks_of_a_job_stop_where_one_node_is_retired_at_once() -> None:
    hall = Hall(fleet([node()] * 3, retire_s=[5, np.inf, np.inf], drains=False), workload(Job(0, 10, tasks=2))).run()
    assert hall.ends_s == {"a": 15.0}
    assert hall.state.nodes["held_s"].tolist() == [5.0, 15.0, 10.0]


def test_a_refresh_of_hardware_at_one_instant_loses_no_time() -> None:
    halls = fleet([node(), node()], commission_s=[0, 5], retire_s=[5, np.inf], drains=False)
    hall = Hall(halls, workload(Job(0, 10, checkpoint_s=1))).run()
    assert hall.ends_s == {"a": 10.0}
    assert hall.state.nodes["held_s"].tolist() == [5.0, 5.0]


def test_a_completion_precedes_a_retirement_of_the_same_instant() -> None:
    hall = Hall(fleet([node()] * 2, retire_s=[10, np.inf], drains=False), workload(Job(0, 10))).run(until_s=30)
    assert hall.of_jobs("status") == {"a": layout.COMPLETED}
    assert hall.of_jobs("interruptions") == {"a": 0}
    assert hall.change_points == [(0.0, 300.0), (10.0, 100.0)]


def test_draining_then_retiring_at_once_interrupts_what_is_left() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 10)))
    hall.at(2, lambda batch: batch.retire([0], drain=True))
    hall.at(4, lambda batch: batch.retire([0], drain=False)).run()
    assert hall.ends_s == {"a": 14.0}
    assert hall.state.nodes["service_s"].tolist() == [4.0, 14.0]


def test_retirement_without_keeping_work_starts_anew() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 10, checkpoint_s=1)))
    hall.at(4, lambda batch: batch.retire([0], drain=False, keep_work=False)).run()
    assert hall.ends_s == {"a": 14.0}
    assert hall.of_jobs("lost_s") == {"a": 4.0}


def test_a_run_ends_where_jobs_wait_for_nodes_that_never_come() -> None:
    hall = Hall(fleet([node()], retire_s=[5]), workload(Job(0, 10), Job(1, 1))).run()
    assert hall.of_jobs("status") == {"a": layout.COMPLETED, "b": layout.QUEUED}
    assert hall.end_s == 10.0
    assert hall.energy_j == 2000.0


def test_retired_nodes_do_not_come_back() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 10), Job(0, 10)))
    hall.at(1, lambda batch: batch.retire([0], drain=False))
    hall.at(2, lambda batch: batch.commission([0])).run()
    assert hall.ends_s == {"a": 20.0, "b": 10.0}


def test_many_nodes_of_one_instant_come_together() -> None:
    halls = fleet([node()] * 4, commission_s=[0, 5, 5, 5])
    hall = Hall(halls, workload(Job(0, 10, tasks=4), Job(0, 1, tasks=3))).run()
    assert hall.starts_s == {"a": 5.0, "b": 15.0}
