"""Clock limits on nodes and jobs: slower, and drawing less."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from hall import Hall, Job, fleet, node, workload
from simulator.engine.clock_limits import ClockLimits
from simulator.processes.clock_limit import limit_clocks
from simulator.scenario.events.clock import ClockEvent


def limited(hall: Hall, event: dict[str, object], nodes: Sequence[int] = (), jobs: Sequence[int] = ()) -> Hall:
    """The hall with the event of a scenario in it."""
    limit = ClockEvent.model_validate(event)
    story = limit_clocks(
        hall.timeline, hall.batch, ClockLimits(hall.batch), hall.settlement, limit, nodes=nodes, jobs=jobs
    )
    hall.timeline.process(story)
    return hall


def test_a_limit_slows_a_job_while_it_lasts() -> None:
    # Half clock from 20 to 60: 20 s + 20 s of work are done at 60, the other 60 s at 120.
    hall = Hall(fleet([node()]), workload(Job(0, 100)))
    limited(hall, {"at": "20 s", "until": "60 s", "fraction": 0.5}, nodes=[0]).run()
    assert hall.ends_s == {"a": 120.0}
    # A node without accelerators: its processors' 100 W above idle fall to 100 * 0.5 ** 2.
    assert hall.change_points == [(0.0, 200.0), (20.0, 125.0), (60.0, 200.0)]


def test_a_limit_on_a_job_finds_it_wherever_it_runs() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 30), Job(10, 100)))
    limited(hall, {"at": "5 s", "fraction": 0.5}, jobs=[1]).run()
    assert hall.ends_s == {"a": 30.0, "b": 210.0}


def test_a_gang_waits_for_its_slowest_node() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 100, tasks=2)))
    assert limited(hall, {"at": "50 s", "fraction": 0.5}, nodes=[1]).run().ends_s == {"a": 150.0}


def test_the_tighter_of_two_limits_holds() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 100)))
    limited(hall, {"at": "0 s", "fraction": 0.5}, nodes=[0])
    limited(hall, {"at": "0 s", "fraction": 0.8}, jobs=[0])
    assert hall.run().ends_s == {"a": 200.0}


def test_a_later_limit_replaces_an_earlier_one() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 100)))
    limited(hall, {"at": "0 s", "fraction": 0.5}, nodes=[0])
    limited(hall, {"at": "100 s", "fraction": 0.25}, nodes=[0])
    assert hall.run().ends_s == {"a": 300.0}


def test_a_limit_on_an_idle_node_waits_for_its_job() -> None:
    hall = Hall(fleet([node()]), workload(Job(10, 10)))
    hall.at(0, lambda batch: batch.set_node_clock([0], 0.5)).run()
    assert hall.ends_s == {"a": 30.0}
    assert hall.change_points[0] == (0.0, 100.0)  # idle power has no clock


def test_a_clock_of_zero_stops_a_job_until_it_is_lifted() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 10)))
    hall.at(4, lambda batch: batch.set_node_clock([0], 0.0))
    hall.at(104, lambda batch: batch.set_node_clock([0], 1.0)).run()
    assert hall.ends_s == {"a": 110.0}
    assert hall.change_points == [(0.0, 200.0), (4.0, 100.0), (104.0, 200.0)]


def test_many_changes_of_rate_lose_no_work() -> None:
    # Clocks alternate between 0.5 and 1 every 0.1 s: 0.75 on average.
    hall = Hall(fleet([node()]), workload(Job(0, 75)))
    for step in range(1000):
        hall.at(step / 10, lambda batch, step=step: batch.set_node_clock([0], 0.5 if step % 2 else 1.0))  # type: ignore[misc]
    assert hall.run().ends_s["a"] == pytest.approx(100.0, abs=1e-9)


def test_a_limit_and_its_end_at_one_instant_change_nothing() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 10)))
    hall.at(5, lambda batch: batch.set_node_clock([0], 0.5))
    hall.at(5, lambda batch: batch.set_node_clock([0], 1.0)).run()
    assert hall.ends_s == {"a": 10.0}
    assert hall.change_points == [(0.0, 200.0)]
