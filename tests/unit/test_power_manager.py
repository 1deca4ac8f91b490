"""Power limits shared among nodes: kept at all times, and what they cost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.workload.progress_kernel import BLEND
from simulator.engine import state as layout
from simulator.engine.full_power import full_power
from simulator.engine.power_feed import PowerFeed
from simulator.engine.switched_off import SwitchedOff
from simulator.processes.power_manager import PowerManager, keep_limits

EXPONENT = 2.0


def managed(hall: Hall, *, rule: str = "proportional", idle_room: float = 0.25, pue: float = 1.0) -> PowerManager:
    """The power manager of a hall, which settles every 100 s."""
    feed = PowerFeed(hall.batch, hall.settlement)
    manager = PowerManager(
        hall.batch,
        feed,
        hall.settlement,
        SwitchedOff(hall.batch),
        lambda limit_w: limit_w / pue,
        rule=rule,  # type: ignore[arg-type]
        idle_room=idle_room,
    )
    hall.settlement.join(manager)
    hall.timeline.process(keep_limits(hall.timeline, hall.settlement, 100.0))
    return manager


def between(hall: Hall, from_s: float, until_s: float, begin: Callable[[], None], end: Callable[[], None]) -> None:
    """Do something at one instant and something else at another."""
    hall.at(from_s, lambda _: begin())
    hall.at(until_s, lambda _: end())


def test_a_hall_draws_its_cap_where_the_cap_binds_and_what_it_wants_after_it() -> None:
    # Two nodes of 100 to 200 W, one at half activity: 350 W wanted, 300 W allowed.
    hall = Hall(fleet([node(clock_exponent=EXPONENT)] * 2), workload(Job(0, 1000), Job(0, [(1000, 0.5)])))
    manager = managed(hall)
    between(hall, 100.0, 300.0, lambda: manager.limit("hall", [0, 1], 300.0, of="it"), lambda: manager.lift("hall"))
    hall.run()
    levels = dict(hall.change_points)
    assert levels[0.0] == 350.0
    assert levels[100.0] == pytest.approx(300.0, rel=1e-12)
    assert levels[300.0] == 350.0
    # In proportion both give up a third of what they want above idle: one clock for all, sqrt(2/3).
    assert hall.ends_s["a"] == pytest.approx(1000.0 + 200.0 * (1.0 - (2.0 / 3.0) ** 0.5), rel=1e-12)
    assert manager.unserved_j(hall.end_s) == pytest.approx(200.0 * 50.0, rel=1e-12)


def test_water_filling_leaves_alone_who_wants_little() -> None:
    hall = Hall(fleet([node()] * 2), workload(Job(0, 1000), Job(0, [(1000, 0.2)])))
    manager = managed(hall, rule="water-filling")
    hall.at(0.0, lambda _: manager.limit("hall", [0, 1], 280.0, of="it"))
    hall.run()
    assert hall.ends_s["b"] == 1000.0
    assert hall.ends_s["a"] > 1000.0
    assert dict(hall.change_points)[0.0] == pytest.approx(280.0, rel=1e-12)


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_a_memory_bound_job_loses_less_speed_at_the_same_cap(share: float) -> None:
    hall = Hall(fleet([node(clock_exponent=EXPONENT)]), workload(Job(0, 1000)))
    hall.state.phases[:, 2] = share
    manager = managed(hall)
    hall.at(0.0, lambda _: manager.limit("hall", [0], 125.0, of="it"))
    hall.run()
    # A quarter of the dynamic power is half the clock; the blend of compute and memory says the rest.
    stretched = (share * 0.5**-BLEND + 1.0 - share) ** (1.0 / BLEND)
    assert hall.ends_s["a"] == pytest.approx(1000.0 * stretched, rel=1e-12)
    assert stretched == (2.0 if share == 1.0 else pytest.approx(3.0627417 ** (1.0 / 3.5)))


def test_limits_hold_at_all_times_whatever_starts_and_ends() -> None:
    random = np.random.default_rng(5)
    jobs = [
        Job(float(random.integers(0, 4000)), [(float(random.integers(50, 900)), float(random.uniform(0.2, 1.0)))],
            name=f"j{index}", tasks=int(random.integers(1, 4)))
        for index in range(120)
    ]  # fmt: skip
    racks = [index // 4 for index in range(16)]
    hall = Hall(fleet([node()] * 16, racks=racks, rack_power_w=[20.0] * 4), workload(*jobs), interval_s=600)
    manager = managed(hall)
    nodes = np.arange(16)

    def begin() -> None:
        manager.limit("racks", nodes, [600.0, 700.0, 1e6, 640.0], group=np.array(racks))
        manager.limit("hall", nodes, 2500.0, of="it")

    hall.at(0.0, lambda _: begin())
    hall.run()
    assert set(hall.state.jobs["status"]) == {layout.COMPLETED}
    assert hall.peak_w <= 2500.0 * (1.0 + 1e-9)
    assert hall.peak_w > 2400.0
    assert np.all(hall.state.racks["peak_w"][[0, 1, 3]] <= np.array([600.0, 700.0, 640.0]) * (1.0 + 1e-9))


def test_work_that_starts_on_an_idle_node_has_its_room_at_once_and_its_share_at_the_next_event() -> None:
    # 200 W of 200 to 400 W... two nodes: the idle one keeps 100 + share of 25 W until the next border at 100 s.
    hall = Hall(fleet([node(clock_exponent=1.0)] * 2), workload(Job(0, 1000), Job(50, 1000)))
    manager = managed(hall)
    hall.at(0.0, lambda _: manager.limit("hall", [0, 1], 300.0, of="it"))
    hall.run(200.0)
    levels = dict(hall.change_points)
    # 100 W above idle: 80 to the one that wants 100, 20 to the room of 25 of the one that is idle.
    assert levels[0.0] == pytest.approx(280.0, rel=1e-12)
    assert levels[50.0] == pytest.approx(300.0, rel=1e-12)
    assert hall.state.nodes["power_w"].tolist() == pytest.approx([150.0, 150.0], rel=1e-12)


def test_a_limit_below_idle_power_switches_off_what_holds_nothing_first() -> None:
    hall = Hall(fleet([node()] * 4), workload(Job(0, 1000, name="a")))
    manager = managed(hall)
    between(hall, 100.0, 300.0, lambda: manager.limit("hall", range(4), 260.0, of="it"), lambda: manager.lift("hall"))
    hall.at(200.0, lambda batch: statuses.append(batch.state.nodes["status"].tolist()))
    statuses: list[list[int]] = []
    hall.run()
    # 260 W carry two nodes of 100 W idle with a quarter of their 100 W above it.
    assert statuses == [[layout.IN_SERVICE, layout.IN_SERVICE, layout.DOWN, layout.DOWN]]
    assert hall.state.jobs["interruptions"][0] == 0
    levels = dict(hall.change_points)
    assert levels[0.0] == 500.0
    assert 200.0 < levels[100.0] <= 260.0 * (1.0 + 1e-12)
    assert levels[300.0] == 500.0


def test_a_limit_of_the_facility_counts_what_it_loses() -> None:
    hall = Hall(fleet([node()]), workload(Job(0, 1000)))
    manager = managed(hall, pue=1.25)
    hall.at(0.0, lambda _: manager.limit("hall", [0], 187.5, of="facility"))
    assert dict(hall.run().change_points)[0.0] == pytest.approx(150.0, rel=1e-12)


def test_what_racks_share_counts_against_their_limit() -> None:
    hall = Hall(fleet([node()] * 2, racks=[0, 1], rack_power_w=[30.0, 0.0]), workload(Job(0, 1000), Job(0, 1000)))
    manager = managed(hall)
    hall.at(0.0, lambda _: manager.limit("racks", [0, 1], [180.0, 180.0], group=[0, 1]))
    hall.run()
    assert hall.state.racks["peak_w"].tolist() == pytest.approx([180.0, 180.0], rel=1e-12)


def test_power_at_full_clock_is_what_the_engine_meters_without_caps() -> None:
    big = node(accelerators=4, cores=16)
    jobs = [Job(0, 1000, gpus=2, cores=3), Job(0, [(1000, 0.4)], gpus=0.5, cores=2), Job(0, [(1000, 0.7)], gpus=0.25)]
    hall = Hall(fleet([big, big, node(curve="square_root")]), workload(*jobs, Job(0, [(1000, 0.3)])))
    seen: list[tuple[list[float], list[float]]] = []
    hall.at(10.0, lambda batch: seen.append((full_power(batch.state).wanted_w.tolist(), powers(batch.state))))
    hall.run()
    assert seen[0][0] == pytest.approx(seen[0][1], rel=1e-12)
    assert sum(seen[0][0]) > 1000.0


def powers(state: layout.State) -> list[float]:
    """What nodes draw now."""
    return [float(power_w) for power_w in state.nodes["power_w"]]
