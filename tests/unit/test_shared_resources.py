"""Jobs and transfers over shared links and storage, against rates and instants worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Generator
from typing import Any

import numpy as np
import pytest
import simpy

from simulator.engine.settlement import Settlement, Timeline
from simulator.network.shared_resources import SharedResources, Transfer

Story = Generator[simpy.Event, Any, None]


class Room:
    """A timeline with nothing but shared resources, and a log of the speeds that jobs were given."""

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.settlement = Settlement(self.timeline, [])
        self.speeds: list[tuple[float, int, float]] = []
        self.shared = SharedResources(self.timeline, self.settlement, self._tell)
        self.settlement.join(self.shared)
        self.done: list[tuple[str, float]] = []

    def _tell(self, jobs: Any, speeds: Any) -> None:
        for job, speed in zip(jobs.tolist(), speeds.tolist(), strict=True):
            self.speeds.append((self.timeline.now, job, speed))

    def watch(self, name: str, transfer: Transfer) -> None:
        def story() -> Story:
            yield transfer.done
            self.done.append((name, self.timeline.now))

        self.timeline.process(story())

    def send(self, name: str, at_s: float, resources: Any, size_b: float, **given: Any) -> None:
        def story() -> Story:
            yield self.timeline.at(at_s)
            self.watch(name, self.shared.begin(resources, size_b, **given))

        self.timeline.process(story())

    def at(self, instant_s: float, action: Any) -> None:
        def story() -> Story:
            yield self.timeline.at(instant_s)
            action()

        self.timeline.process(story())


@pytest.fixture
def room() -> Room:
    return Room()


def test_a_transfer_alone_takes_its_size_over_the_slowest_link(room: Room) -> None:
    links = [room.shared.add_resource("a", 10.0), room.shared.add_resource("b", 5.0)]
    room.send("one", 3.0, links, 100.0)
    room.timeline.run()
    assert room.done == [("one", 23.0)]


def test_two_transfers_share_a_link_and_the_second_speeds_up_when_the_first_is_through(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.send("short", 0.0, link, 50.0)
    room.send("long", 0.0, link, 100.0)
    room.timeline.run()
    assert room.done == [("short", 10.0), ("long", 15.0)]


def test_weights_share_in_proportion_and_a_ceiling_leaves_the_rest_to_others(room: Room) -> None:
    link = room.shared.add_resource("link", 12.0)
    heavy = room.shared.begin(link, 1e3, weight=2.0)
    light = room.shared.begin(link, 1e3)
    slow = room.shared.begin(link, 1e3, ceiling_b_per_s=1.5)
    room.timeline.run(1.0)
    assert (heavy.rate_b_per_s, light.rate_b_per_s, slow.rate_b_per_s) == (7.0, 3.5, 1.5)
    assert room.shared.used_b_per_s(link) == 12.0
    assert heavy.left_b() == 993.0


def test_a_transfer_that_writes_twice_uses_twice_its_rate(room: Room) -> None:
    links = [room.shared.add_resource("port", 100.0), room.shared.add_resource("disks", 10.0)]
    copies = room.shared.begin(links, 50.0, use=[1.0, 2.0])
    room.watch("copies", copies)
    room.timeline.run()
    assert room.done == [("copies", 10.0)]


def test_jobs_on_one_link_are_slowed_to_equal_bytes_per_second(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.shared.hold_job(0, [link], [8.0])
    room.shared.hold_job(1, [link], [4.0])
    room.timeline.run(1.0)
    # Job 1 asks for 4 of 10 B/s, less than half: it has them all, and job 0 the rest.
    assert (room.shared.speed(0), room.shared.speed(1)) == (0.75, 1.0)
    assert room.speeds == [(0.0, 0, 0.75)]


def test_a_released_job_leaves_its_share_to_the_other(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.shared.hold_job(0, [link], [10.0])
    room.shared.hold_job(1, [link], [10.0])
    room.at(5.0, lambda: room.shared.release_job(0))
    room.timeline.run(6.0)
    assert room.speeds == [(0.0, 0, 0.5), (0.0, 1, 0.5), (5.0, 0, 1.0), (5.0, 1, 1.0)]
    assert not room.shared.is_held(0)


def test_a_job_that_is_held_anew_keeps_no_ceiling(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.shared.hold_job(0, [link], [5.0])
    room.shared.set_ceiling(0, 0.4)
    room.timeline.run(1.0)
    assert room.shared.speed(0) == 0.4
    room.shared.hold_job(0, [link], [10.0])
    room.timeline.run(2.0)
    assert room.shared.speed(0) == 1.0


def test_the_batch_is_told_the_share_of_the_ceiling_so_that_nothing_slows_a_job_twice(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.shared.hold_job(0, [link], [20.0])
    room.at(1.0, lambda: room.shared.set_ceiling(0, 0.8))
    room.at(2.0, lambda: room.shared.set_ceiling(0, 0.5))
    room.at(3.0, lambda: room.shared.set_ceiling(0, 0.0))
    room.at(4.0, lambda: room.shared.set_ceiling(0, 1.0))
    room.timeline.run(5.0)
    assert room.speeds == [(0.0, 0, 0.5), (1.0, 0, 0.625), (2.0, 0, 1.0), (4.0, 0, 0.5)]


def test_a_slower_job_leaves_bandwidth_to_a_transfer(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.shared.hold_job(0, [link], [8.0])
    transfer = room.shared.begin(link, 1e3)
    room.timeline.run(1.0)
    assert (room.shared.speed(0), transfer.rate_b_per_s) == (5.0 / 8.0, 5.0)
    room.shared.set_ceiling(0, 0.25)
    room.timeline.run(2.0)
    assert (room.shared.speed(0), transfer.rate_b_per_s) == (0.25, 8.0)


def test_more_weight_stands_for_more_flows_of_a_job(room: Room) -> None:
    link = room.shared.add_resource("link", 12.0)
    room.shared.hold_job(0, [link], [12.0], weight=3.0)
    transfer = room.shared.begin(link, 1e3)
    room.timeline.run(1.0)
    assert (room.shared.speed(0), transfer.rate_b_per_s) == (0.75, 3.0)


def test_a_link_that_goes_stops_what_uses_it_and_its_return_lets_it_end(room: Room) -> None:
    links = [room.shared.add_resource("a", 10.0), room.shared.add_resource("b", 10.0)]
    room.shared.hold_job(0, [links[0]], [1.0])
    room.send("cut", 0.0, links[0], 50.0)
    room.send("other", 0.0, links[1], 50.0)
    room.at(2.0, lambda: room.shared.set_capacity(links[0], 0.0))
    room.at(10.0, lambda: room.shared.set_capacity(links[0], 10.0))
    room.timeline.run()
    # 2 s at 9 B/s beside the job, 32 B are left.
    assert room.done == [("other", 5.0), ("cut", 10.0 + 32.0 / 9.0)]
    assert room.speeds == [(2.0, 0, 0.0), (10.0, 0, 1.0)]


def test_a_job_whose_own_ways_are_narrow_is_slowed_from_here_and_by_its_clock_once(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.shared.hold_job(0, [link], [10.0], most=0.5)
    room.at(1.0, lambda: room.shared.set_ceiling(0, 0.8))
    room.at(2.0, lambda: room.shared.set_ceiling(0, 0.25))
    room.timeline.run(3.0)
    assert room.speeds == [(0.0, 0, 0.5), (1.0, 0, 0.625), (2.0, 0, 1.0)]


def test_a_job_that_begins_on_a_link_that_is_out_stands_still(room: Room) -> None:
    link = room.shared.add_resource("link", 0.0)
    room.shared.hold_job(0, [link], [1.0])
    room.timeline.run(1.0)
    assert room.speeds == [(0.0, 0, 0.0)]


def test_a_cancelled_transfer_never_ends_and_leaves_its_share(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    first, second = room.shared.begin(link, 100.0), room.shared.begin(link, 100.0)
    room.watch("second", second)
    room.at(4.0, lambda: room.shared.cancel(first))
    room.timeline.run()
    assert room.done == [("second", 12.0)]
    assert first.cancelled
    assert not first.done.triggered
    assert first.left_b() == 80.0


def test_nothing_to_move_is_through_at_once(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    room.send("empty", 2.0, link, 0.0)
    room.send("unbounded", 3.0, [], 10.0)
    room.send("own pace", 4.0, [], 10.0, ceiling_b_per_s=5.0)
    room.timeline.run()
    assert room.done == [("empty", 2.0), ("unbounded", 3.0), ("own pace", 6.0)]


def test_an_end_precedes_a_failure_of_the_same_instant(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    transfer = room.shared.begin(link, 100.0)
    told: list[bool] = []
    room.at(10.0, lambda: told.append(transfer.done.triggered))
    room.timeline.run()
    assert told == [True]


def test_a_resource_named_twice_is_used_twice(room: Room) -> None:
    link = room.shared.add_resource("link", 10.0)
    transfer = room.shared.begin([link, link], 100.0)
    room.timeline.run(1.0)
    assert transfer.rate_b_per_s == 5.0


def test_only_those_who_share_with_the_one_that_changed_are_solved(room: Room) -> None:
    links = [room.shared.add_resource(f"link {index}", 10.0) for index in range(100)]
    for link in links:
        room.shared.begin(link, 1e6)
        room.shared.begin(link, 1e6)
    room.timeline.run(1.0)
    assert room.shared.last_solved == 200
    room.at(2.0, lambda: room.shared.begin(links[3], 1e6))
    room.timeline.run(3.0)
    assert room.shared.last_solved == 3


def test_a_link_wide_enough_for_all_of_its_users_joins_nobody(room: Room) -> None:
    wide = room.shared.add_resource("wide", 1000.0)
    for index in range(50):
        narrow = room.shared.add_resource(f"narrow {index}", 10.0)
        room.shared.begin([narrow, wide], 1e6)
    room.timeline.run(1.0)
    last = room.shared.add_resource("last", 7.0)
    transfer = room.shared.begin([last, wide], 1e6)
    room.timeline.run(2.0)
    assert room.shared.last_solved == 1
    assert transfer.rate_b_per_s == 7.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"size_b": -1.0}, "size"),
        ({"size_b": math.inf}, "size"),
        ({"size_b": 1.0, "weight": 0.0}, "weight"),
        ({"size_b": 1.0, "ceiling_b_per_s": -1.0}, "ceiling"),
        ({"size_b": 1.0, "use": -1.0}, "use"),
        ({"size_b": 1.0, "resources": [7]}, "resources must be from 0 to 0"),
    ],
)
def test_a_transfer_that_can_not_be_is_refused(room: Room, given: dict[str, Any], words: str) -> None:
    room.shared.add_resource("link", 10.0)
    with pytest.raises(ValueError, match=words):
        room.shared.begin(**({"resources": [0]} | given))


def test_a_capacity_below_zero_is_refused(room: Room) -> None:
    with pytest.raises(ValueError, match="0 or more"):
        room.shared.add_resources(["a", "b"], np.array([1.0, -1.0]))
    link = room.shared.add_resource("link", 1.0)
    with pytest.raises(ValueError, match="0 or more"):
        room.shared.set_capacity(link, -1.0)
