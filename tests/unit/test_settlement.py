"""One instant, one settlement: who is told what, and when."""

from __future__ import annotations

import math
from typing import Any

import pytest

from hall import Hall, Job, Story, assert_energy_is_whole, fleet, node, workload
from models.compiled import compiled_as
from simulator.engine import state as layout
from simulator.engine.batch import RestlessError, Stopped
from simulator.engine.lifecycle_kernel import interrupt
from simulator.engine.settlement import Settlement, Timeline
from simulator.scheduling.attempt_kernel import try_start
from simulator.scheduling.fcfs import FirstComeFirstServed

Log = list[tuple[str, float]]


def waits_for(hall: Hall, job: int, log: Log) -> Story:
    ended = yield hall.batch.ended(job)
    log.append((f"told of {ended}", hall.timeline.now))


def test_a_process_is_told_of_a_jobs_end_at_its_instant() -> None:
    hall, log = Hall(fleet([node()]), workload(Job(0, 3), Job(1, 4), Job(2, 5))), Log()
    for job in (0, 1):
        hall.timeline.process(waits_for(hall, job, log))
    hall.run()
    assert log == [("told of 0", 3.0), ("told of 1", 7.0)]


@pytest.mark.parametrize("until_s", [None, 100.0])
def test_a_process_is_told_of_the_last_jobs_end(until_s: float | None) -> None:
    hall, log = Hall(fleet([node()]), workload(Job(0, 3), Job(1, 4))), Log()
    hall.timeline.process(waits_for(hall, 1, log))
    hall.run(until_s)
    assert log == [("told of 1", 7.0)]
    assert hall.energy_j == 7 * 200.0 + (0.0 if until_s is None else 93 * 100.0)


def test_a_completion_precedes_a_control_event_of_the_same_instant() -> None:
    hall, log = Hall(fleet([node()] * 2), workload(Job(0, 10), Job(0, 20))), Log()
    hall.timeline.process(waits_for(hall, 0, log))

    def retire() -> Story:
        yield hall.timeline.at(10)
        log.append((f"status {hall.state.jobs[0]['status']}", hall.timeline.now))
        hall.batch.retire([0, 1], drain=False)
        hall.settlement.mark()

    hall.timeline.process(retire())
    hall.run()
    assert log == [(f"status {layout.COMPLETED}", 10.0), ("told of 0", 10.0)]
    assert hall.of_jobs("interruptions") == {"a": 0, "b": 1}


def test_who_is_told_may_act_at_that_instant_before_the_next_job_starts() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 10, tasks=2), Job(1, 5)))

    def story() -> Story:
        yield hall.batch.ended(0)
        hall.batch.retire([0], drain=True)
        hall.settlement.mark()

    hall.timeline.process(story())
    hall.run()
    assert hall.starts_s["b"] == 10.0
    assert hall.first_nodes["b"] == 1


def test_the_end_of_a_job_that_has_ended_or_was_rejected_is_known_at_once() -> None:
    hall, log = Hall(fleet([node()]), workload(Job(0, 3), Job(0, 1, tasks=9), Job(0, 20))), Log()

    def late() -> Story:
        yield hall.timeline.at(8)
        yield hall.batch.ended(0)
        yield hall.batch.ended(1)
        log.append(("known", hall.timeline.now))

    hall.timeline.process(late())
    hall.run()
    assert log == [("known", 8.0)]


def test_a_killed_job_is_an_ended_job() -> None:
    jobs = workload(Job(0, 10, estimate_s=4), Job(0, 20))
    hall, log = Hall(fleet([node()] * 2), jobs, FirstComeFirstServed(overrun="kill")), Log()
    hall.timeline.process(waits_for(hall, 0, log))
    hall.run()
    assert log == [("told of 0", 4.0)]


def test_several_who_wait_for_jobs_of_one_instant_are_all_told() -> None:
    hall, log = Hall(fleet([node()] * 3), workload(Job(0, 5), Job(0, 5), Job(0, 9))), Log()
    for job in (1, 0, 0):
        hall.timeline.process(waits_for(hall, job, log))
    hall.run()
    assert sorted(log) == [("told of 0", 5.0), ("told of 0", 5.0), ("told of 1", 5.0)]


def test_a_process_that_only_looks_leaves_the_outcome_alone() -> None:
    # Someone looks and marks nothing, at 10 in the very instant of the job's end.
    hall = Hall(fleet([node()]), workload(Job(0, 10)))

    def look() -> Story:
        for at_s in (0, 5, 10, 15):
            yield hall.timeline.at(at_s)

    hall.timeline.process(look())
    assert hall.run(until_s=20).energy_j == 10 * 200.0 + 10 * 100.0


def test_instants_are_met_exactly() -> None:
    timeline = Timeline()
    seen = []

    def story() -> Story:
        for at_s in (0.1, 0.3, 0.1 + 0.2, 1e9 + 1e-6):
            yield timeline.at(at_s)
            seen.append(timeline.now)

    timeline.process(story())
    timeline.run()
    assert seen == [0.1, 0.3, 0.1 + 0.2, 1e9 + 1e-6]


@pytest.mark.parametrize("instant_s", [4.0, math.nan])
def test_an_instant_in_the_past_is_refused(instant_s: float) -> None:
    timeline = Timeline()
    timeline.run(until=5)
    with pytest.raises(ValueError, match=r"instant \((4.0|nan)\) must not be before the current simulation time \(5\)"):
        timeline.at(instant_s)


class Component:
    """A component that notes what it is asked, and stops early at the instants it is given."""

    def __init__(self, log: list[str], stops_s: list[float], last_s: float) -> None:
        self._log, self._stops_s, self._last_s, self._now_s = log, stops_s, last_s, 0.0

    unsettled = False

    @property
    def finished(self) -> bool:
        return self._now_s >= self._last_s

    def announce(self) -> bool:
        return False

    def settle(self, now_s: float) -> None:
        self._log.append(f"settle {now_s:g}")
        self._now_s = now_s

    def advance(self, until_s: float) -> float:
        self._log.append(f"advance to {until_s:g}")
        early = [stop_s for stop_s in self._stops_s if self._now_s < stop_s < until_s]
        self._now_s = min([until_s, *early])
        return self._now_s


def test_a_component_is_asked_to_go_to_the_next_control_event_and_no_further() -> None:
    timeline, log = Timeline(), list[str]()
    settlement = Settlement(timeline, [Component(log, [4.0], 12.0)])

    def story() -> Story:
        for at_s in (3, 10):
            yield timeline.at(at_s)
            log.append(f"event {at_s}")
            settlement.mark()
            settlement.mark()  # twice is once

    timeline.process(story())
    settlement.mark()
    timeline.run(until=20)
    assert log == [
        *["settle 0", "advance to 3"],
        *["event 3", "settle 3", "advance to 10", "settle 4", "advance to 10"],
        *["event 10", "settle 10", "advance to 20"],
    ]
    assert settlement.finished.triggered


@compiled_as(layout.SCHEDULE_SIGNATURE)
def restless(state: Any, choose: Any) -> int:
    """Interrupt what runs, start what waits, for ever."""
    if state.clock[0]["heap_size"] > 0:
        interrupt(state, state.heap[0], 0)
    head = state.queues[0]["head"]
    return 1 if head >= 0 and try_start(state, head, choose) else 0


class Restless(FirstComeFirstServed):
    def kernel(self) -> object:
        return restless


def test_a_policy_that_does_not_come_to_rest_is_named_with_the_instant() -> None:
    # The first pass has nothing to interrupt; that at 7, when the second job arrives, asks for another, and so on.
    hall = Hall(fleet([node()]), workload(Job(0, 50), Job(7, 50)), Restless())
    with pytest.raises(RestlessError, match=r"did not come to rest in 100 rounds at 7.0 s: it keeps interrupting"):
        hall.run()


def test_a_run_that_is_stopped_is_whole_up_to_where_it_came() -> None:
    asked = iter([False, False, True])
    hall = Hall(fleet([node()] * 2), workload(Job(0, 10), Job(5, 10), Job(30, 5)), should_stop=lambda: next(asked))
    hall.at(7, lambda batch: batch.set_node_clock([0], 0.5))
    hall.at(12, lambda batch: batch.set_node_clock([0], 1.0))
    with pytest.raises(Stopped):
        hall.timeline.run()
    hall.batch.close(hall.batch.now_s)
    assert hall.batch.now_s == 12.0
    # a has done 7 s and half of 5 s by then; b has run since 5.
    assert hall.energy_j == 5 * 300.0 + 2 * 400.0 + 5 * 325.0
    assert hall.of_jobs("status") == {"a": layout.RUNNING, "b": layout.RUNNING, "c": layout.PENDING}
    assert_energy_is_whole(hall)
