"""Jobs that meet on a link above the leaves, against amounts worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models.fleet import Fleet
from models.network.training_traffic import GroupTraffic
from models.nodes.node import Node
from models.topology.fat_tree import FatTree
from simulator.engine.settlement import Settlement, Timeline
from simulator.network.fabric_in_service import FabricInService
from simulator.network.shared_resources import SharedResources

LINK_B_PER_S = 50e9
STEP_S = 1.0
NODE: dict[str, Any] = {
    "cpu_cores": 4,
    "memory": "64 GiB",
    "power": {"parts": [{"name": "cpu", "follows": "processor", "idle_power": "100 W", "peak_power": "200 W"}]},
    "network": {"count": 1, "bandwidth": {"value": "400 Gb/s", "source": "a test", "status": "assumption"}},
}


class Room:
    """Sixteen hosts on four leaves of four, no oversubscription, and the speeds that jobs are given."""

    def __init__(self) -> None:
        fleet = Fleet(
            node_names=tuple(f"n{index}" for index in range(16)), model_names=("box",),
            models=(Node.model_validate(NODE),), model=np.zeros(16, np.int64), rack_names=("r",),
            rack_power_w=np.zeros(1), rack=np.zeros(16, np.int64), group=("all",) * 16, commission_s=np.zeros(16),
            retire_s=np.full(16, np.inf), retire_drains=np.zeros(16, np.bool_),
        )  # fmt: skip
        built = FatTree.model_validate({"nodes_per_block": 4, "ports": 8}).build(fleet)
        self.timeline = Timeline()
        settlement = Settlement(self.timeline, [])
        self.shared = SharedResources(self.timeline, settlement, lambda *_: None)
        settlement.join(self.shared)
        self.fabric = FabricInService(built, shared=self.shared)

    def uplink(self, source: int, sink: int) -> int:
        """The link that a pair's flow takes above the leaf of its source."""
        flow = np.zeros(1, np.int64)
        return int(self.fabric.routes(np.array([source]), np.array([sink]), flow, flow).links[1])

    def hold(self, job: int, nodes: list[int], share: float) -> float:
        """Let a job of two nodes exchange so much that its ports are used for a share of the step; return `most`."""
        traffic = [GroupTraffic("all_reduce", "data", 2, 1, 1, share * LINK_B_PER_S * STEP_S)]
        use = self.fabric.use(np.array(nodes), traffic)
        assert use is not None
        between = ~use.own
        self.shared.hold_job(
            job, self.fabric.resources(use.links[between]), use.step_b[between] / STEP_S,
            weight=use.weight, most=use.speed(STEP_S),
        )  # fmt: skip
        return use.speed(STEP_S)

    def colliding_pairs(self) -> tuple[list[int], list[int]]:
        """Two pairs of hosts, of one leaf and of another, whose flows are hashed onto one link on the way there."""
        for sink in range(4, 8):
            for other in range(4, 8):
                if other != sink and self.uplink(0, sink) == self.uplink(1, other):
                    return [0, sink], [1, other]
        raise AssertionError("no two flows were hashed onto one link")


@pytest.fixture
def room() -> Room:
    return Room()


def test_two_flows_that_are_hashed_onto_one_link_slow_both_jobs(room: Room) -> None:
    first, second = room.colliding_pairs()
    # Alone each has full speed: 0.8 of a link.
    assert room.hold(0, first, 0.8) == 1.0
    room.timeline.run(1.0)
    assert room.shared.speed(0) == 1.0
    room.hold(1, second, 0.8)
    room.timeline.run(2.0)
    # 1.6 links of demand on one: each has half a link, 0.5 / 0.8 of its speed.
    assert room.shared.speed(0) == pytest.approx(0.625, rel=1e-12)
    assert room.shared.speed(1) == pytest.approx(0.625, rel=1e-12)
    room.shared.release_job(0)
    room.timeline.run(3.0)
    assert room.shared.speed(1) == 1.0


def test_the_lighter_of_two_that_collide_keeps_its_speed(room: Room) -> None:
    first, second = room.colliding_pairs()
    room.hold(0, first, 0.9)
    room.hold(1, second, 0.3)
    room.timeline.run(1.0)
    assert room.shared.speed(0) == pytest.approx(0.7 / 0.9, rel=1e-12)
    assert room.shared.speed(1) == 1.0


def test_jobs_on_hosts_of_one_leaf_never_meet(room: Room) -> None:
    room.hold(0, [0, 1], 1.0)
    room.hold(1, [2, 3], 1.0)
    room.timeline.run(1.0)
    assert (room.shared.speed(0), room.shared.speed(1)) == (1.0, 1.0)


def test_a_link_that_goes_out_stops_who_uses_it_until_it_asks_for_another_way(room: Room) -> None:
    first, _ = room.colliding_pairs()
    room.hold(0, first, 0.8)
    room.timeline.run(1.0)
    link = room.uplink(*first)
    room.fabric.take_out(np.array([link]))
    room.timeline.run(2.0)
    assert room.shared.speed(0) == 0.0
    room.hold(0, first, 0.8)
    room.timeline.run(3.0)
    assert room.uplink(*first) != link
    assert room.shared.speed(0) == 1.0
