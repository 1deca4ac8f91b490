"""Training jobs in the engine, by hand: pauses, checkpoints that take time, hangs, restarts, gangs that shrink."""

from __future__ import annotations

from typing import Any

import pytest

from hall import Hall, Job, assert_energy_is_whole, fleet, node, workload
from models.workload.training_job import TrainingJob
from models.workload.training_plan import training_plan
from simulator.assembly.training import place_of, set_checkpoints, training_workload, with_trainings
from simulator.engine import state as layout
from simulator.scheduling.priority import Priority


def trained(
    nodes: int = 3, *, gang: int = 2, interval_s: float = 0.0, write_s: float = 0.0, durable_s: float = 0.0,
    batch: tuple[Job, ...] = (), scheduling: Any = None, **given: Any,
) -> Hall:  # fmt: skip
    """A hall of equal nodes with one accelerator, 50 to 400 W, and a training job `t` of 1,000 s at full speed."""
    model = node(accelerators=1)
    hall_fleet = fleet([model] * nodes)
    job = TrainingJob.model_validate(
        {
            "name": "t", "accelerators": gang, "step": {"duration": "10 s", "tokens": 100}, "duration": "1000 s",
            "startup": "0 s", "pause_activity": 0.0, **given,
        }
    )  # fmt: skip
    plan = training_plan(job, model)
    jobs = training_workload([plan], hall_fleet)
    if batch:
        jobs = jobs.joined(workload(*batch))
    hall = Hall(hall_fleet, jobs, **({} if scheduling is None else {"scheduling": scheduling}))
    place = place_of([plan], jobs)
    state = with_trainings(hall.state, [plan], place)
    hall.batch.state = state
    hall.batch._handle = layout.handle(state)
    if interval_s:
        set_checkpoints(state, 0, int(place[0]), interval_s=interval_s, saving_s=write_s, durable_after_s=durable_s)
    return hall


def paused_s(hall: Hall) -> dict[str, float]:
    sums = hall.state.trainings["paused_s"][0]
    return {"starting": sums[1], "saving": sums[2], "evaluating": sums[3], "hung": sums[4]}


def test_without_anything_it_runs_as_long_as_its_work() -> None:
    hall = trained().run()
    assert hall.ends_s["t"] == pytest.approx(1000.0, rel=1e-12)


def test_each_checkpoint_stops_it_and_none_is_written_at_its_end() -> None:
    hall = trained(interval_s=250.0, write_s=20.0).run()
    assert hall.ends_s["t"] == pytest.approx(1060.0)
    assert paused_s(hall)["saving"] == pytest.approx(60.0)
    assert hall.state.trainings["checkpoints"][0] == 3


def test_starting_and_evaluating_stop_it_too() -> None:
    hall = trained(startup="30 s", evaluation={"every": "300 s", "duration": "7 s"}).run()
    assert hall.ends_s["t"] == pytest.approx(1030.0 + 3 * 7.0)
    assert paused_s(hall) == pytest.approx({"starting": 30.0, "saving": 0.0, "evaluating": 21.0, "hung": 0.0})


def test_a_checkpoint_and_an_evaluation_that_fall_together_follow_each_other() -> None:
    hall = trained(interval_s=500.0, write_s=20.0, evaluation={"every": "500 s", "duration": "7 s"}).run()
    assert hall.ends_s["t"] == pytest.approx(1027.0)


def test_an_interrupted_job_goes_on_from_its_last_checkpoint_after_its_restart() -> None:
    # Checkpoints are whole at 120 and 240 s (100 s of work, 20 s of writing); at 300 s 60 s of work are lost.
    hall = trained(interval_s=100.0, write_s=20.0, startup="0 s", restart="50 s")
    hall.at(300.0, lambda batch: batch.interrupt([0])).run()
    assert hall.of_jobs("lost_s")["t"] == pytest.approx(60.0)
    assert hall.ends_s["t"] == pytest.approx(300.0 + 50.0 + 800.0 + 7 * 20.0)


def test_a_checkpoint_that_is_broken_off_is_worth_nothing() -> None:
    hall = trained(interval_s=100.0, write_s=20.0)
    hall.at(110.0, lambda batch: batch.interrupt([0])).run(111.0)
    assert hall.of_jobs("lost_s")["t"] == pytest.approx(100.0)
    assert paused_s(hall)["saving"] == pytest.approx(10.0)


@pytest.mark.parametrize(("at_s", "lost_s"), [(105.0 + 39.0, 139.0), (105.0 + 41.0, 41.0)])
def test_an_asynchronous_checkpoint_counts_once_it_is_durable(at_s: float, lost_s: float) -> None:
    # Five seconds of snapshot from 100 s on; durable 40 s after it.
    hall = trained(interval_s=100.0, write_s=5.0, durable_s=40.0)
    hall.at(at_s, lambda batch: batch.interrupt([0])).run(at_s + 1.0)
    assert hall.of_jobs("lost_s")["t"] == pytest.approx(lost_s)


def test_a_checkpoint_waits_until_the_one_before_it_is_durable() -> None:
    # Snapshots begin at 100 s and, after 100 s of work, at 205 s, but the first is durable at 265 s only.
    hall = trained(interval_s=100.0, write_s=5.0, durable_s=160.0).run(369.0)
    assert paused_s(hall)["saving"] == pytest.approx(5.0 + 60.0 + 5.0)


def test_a_job_that_hangs_holds_its_nodes_at_idle_power_and_does_nothing() -> None:
    hall = trained(nodes=2)
    hall.at(200.0, lambda batch: batch.hang([0])).at(300.0, lambda batch: batch.resume([0])).run()
    assert hall.ends_s["t"] == pytest.approx(1100.0)
    assert paused_s(hall)["hung"] == pytest.approx(100.0)
    powers_w = dict(hall.change_points)
    assert powers_w[0.0] == pytest.approx(2 * 600.0)
    assert powers_w[200.0] == pytest.approx(2 * 150.0)
    assert_energy_is_whole(hall)


def test_a_hang_during_a_checkpoint_loses_it_and_it_is_written_again() -> None:
    hall = trained(interval_s=100.0, write_s=20.0)
    hall.at(110.0, lambda batch: batch.hang([0])).at(130.0, lambda batch: batch.resume([0])).run(200.0)
    assert paused_s(hall)["saving"] == pytest.approx(10.0 + 20.0)


def test_it_starts_again_on_a_spare_when_a_node_fails() -> None:
    hall = trained(nodes=3, interval_s=100.0)
    hall.at(250.0, lambda batch: batch.shut_down([0])).run()
    assert hall.ends_s["t"] == pytest.approx(1050.0)
    assert hall.of_jobs("interruptions")["t"] == 1


def test_without_a_spare_it_waits_for_the_node() -> None:
    hall = trained(nodes=2, interval_s=100.0)
    hall.at(250.0, lambda batch: batch.shut_down([0])).at(400.0, lambda batch: batch.bring_up([0])).run()
    assert hall.ends_s["t"] == pytest.approx(1200.0)


def test_an_elastic_gang_goes_on_smaller_and_grows_again_after_a_checkpoint() -> None:
    # Half as fast from 200 s to the checkpoint that is due after 200 s more; the node is back before.
    hall = trained(nodes=2, interval_s=100.0, elastic={"least_accelerators": 1})
    hall.at(200.0, lambda batch: batch.shut_down([0])).at(300.0, lambda batch: batch.bring_up([0])).run()
    assert hall.state.trainings["regrown"][0] == 1
    assert hall.of_jobs("lost_s")["t"] == pytest.approx(0.0)
    assert hall.ends_s["t"] == pytest.approx(200.0 + 200.0 + 700.0)


def test_a_speed_stretches_its_work_but_not_its_pauses() -> None:
    hall = trained(interval_s=500.0, write_s=20.0)
    hall.at(0.0, lambda batch: batch.set_job_speeds([0], [0.5])).run()
    assert hall.ends_s["t"] == pytest.approx(2020.0)


def test_clocks_slow_the_computing_share_of_a_step_alone() -> None:
    hall = trained(step={"duration": "10 s", "compute_share": 0.75})
    hall.at(0.0, lambda batch: batch.set_node_clock([0], 0.5)).run()
    assert hall.ends_s["t"] == pytest.approx(1000.0 * (0.75 / 0.5 + 0.25))


def test_training_of_higher_priority_preempts_batch_jobs() -> None:
    batch = tuple(Job(0.0, 300.0, name=f"b{index}", checkpoint_s=50.0) for index in range(3))
    hall = trained(nodes=3, batch=batch, scheduling=Priority(), submit="100 s", priority=5).run()
    assert hall.starts_s["t"] == pytest.approx(100.0)
    assert sum(hall.of_jobs("interruptions").values()) == 2


def test_a_cordoned_node_ends_what_it_holds_and_takes_nothing_new() -> None:
    hall = Hall(fleet([node()] * 1), workload(Job(0.0, 100.0), Job(1.0, 10.0)))
    hall.at(50.0, lambda batch: batch.cordon([0])).at(500.0, lambda batch: batch.uncordon([0])).run()
    assert hall.ends_s == pytest.approx({"a": 100.0, "b": 510.0})
    assert_energy_is_whole(hall)


def test_a_cordoned_node_can_be_retired_and_shut_down() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0.0, 100.0), Job(0.0, 100.0)))
    hall.at(10.0, lambda batch: batch.cordon([0, 1]))
    hall.at(20.0, lambda batch: batch.shut_down([0])).at(30.0, lambda batch: batch.retire([1], drain=True))
    hall.at(40.0, lambda batch: batch.bring_up([0])).run()
    assert hall.ends_s["a"] == pytest.approx(140.0)
    assert hall.state.nodes["status"].tolist() == [layout.IN_SERVICE, layout.RETIRED]


def test_news_is_told_once() -> None:
    hall = trained(nodes=2, interval_s=400.0, write_s=20.0).run(410.0)
    assert hall.batch.take_news() == [(0, layout.STARTED | layout.PAUSED)]
    assert hall.batch.take_news() == []


def test_nodes_and_jobs_name_each_other() -> None:
    hall = trained(nodes=3).run(10.0)
    assert hall.batch.nodes_of(0).tolist() == [0, 1]
    assert hall.batch.jobs_on([1, 2]).tolist() == [0]
    assert hall.batch.jobs_on([2]).tolist() == []
