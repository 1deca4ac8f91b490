"""Gangs placed by the fabric: block by block, and as boxes of a torus."""

from __future__ import annotations

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.topology.laid_out.torus_position import packed
from simulator.placement.policy import PlacementPolicy
from simulator.placement.rail import Rail
from simulator.placement.torus_slice import TorusSlice

LONG = 1e6


def held(hall: Hall, job: int) -> list[int]:
    """The nodes of a job, sorted."""
    found, index = [], int(hall.state.jobs[job]["first_holding"])
    while index >= 0:
        found.append(int(hall.state.holdings[index]["node"]))
        index = int(hall.state.holdings[index]["next_of_job"])
    return sorted(found)


def run(policy: PlacementPolicy, blocks: list[int], *jobs: Job, accelerators: int = 0) -> Hall:
    nodes = fleet([node(accelerators=accelerators)] * len(blocks))
    return Hall(nodes, workload(*jobs), placement=policy, blocks=np.array(blocks)).run(until_s=1000)


def grid(x: int, y: int, z: int, *, wraps: bool = True) -> tuple[np.ndarray, list[int]]:
    """Places of nodes that follow each other along x, y and z."""
    number = np.arange(x * y * z)
    place = np.column_stack([number % x, number // x % y, number // (x * y)])
    return place, packed(place, wraps=wraps).tolist()


def box_of(place: np.ndarray, nodes: list[int], sizes: tuple[int, int, int]) -> tuple[int, ...]:
    """The extents of the smallest box round the torus that holds some nodes."""
    extents = []
    for axis, size in enumerate(sizes):
        there = np.unique(place[nodes, axis])
        gaps = np.diff(np.concatenate([there, [there[0] + size]]))
        extents.append(int(size - gaps.max() + 1))
    return tuple(extents)


def test_a_gang_goes_to_the_fullest_block_that_holds_it() -> None:
    blocks = [0, 0, 0, 0, 1, 1, 1, 2, 2]
    assert held(run(Rail(), blocks, Job(0, LONG, tasks=2)), 0) == [7, 8]
    assert held(run(Rail(), blocks, Job(0, LONG, tasks=3)), 0) == [4, 5, 6]
    assert held(run(Rail(), blocks, Job(0, LONG, tasks=1), Job(1, LONG, tasks=3)), 1) == [4, 5, 6]


def test_a_wide_gang_spans_as_few_blocks_as_possible() -> None:
    # Four and three, then the rest in the fullest block that holds it: of five free places in blocks of 4, 3 and 2.
    assert held(run(Rail(), [0, 0, 0, 0, 1, 1, 1, 2, 2], Job(0, LONG, tasks=6)), 0) == [0, 1, 2, 3, 7, 8]


def test_blocks_need_not_follow_each_other() -> None:
    assert held(run(Rail(), [0, 1, 0, 1, 0, 1], Job(0, LONG, tasks=3)), 0) == [0, 2, 4]


def test_shared_tasks_fill_the_nodes_of_a_block() -> None:
    # Each node has room for two: a block of one node holds both tasks.
    assert held(run(Rail(), [0, 0, 1], Job(0, LONG, tasks=2, gpus=1), accelerators=2), 0) == [2, 2]


@pytest.mark.parametrize(("tasks", "extents"), [(8, (2, 2, 2)), (16, (2, 2, 4)), (5, (1, 1, 5)), (64, (4, 4, 4))])
def test_a_slice_is_the_most_compact_box_of_its_size(tasks: int, extents: tuple[int, int, int]) -> None:
    # Five nodes make no better box of a 4 x 4 x 8 torus than a row of five along the one axis that is long enough.
    place, blocks = grid(4, 4, 8)
    taken = held(run(TorusSlice(), blocks, Job(0, LONG, tasks=tasks)), 0)
    assert len(taken) == tasks
    assert sorted(box_of(place, taken, (4, 4, 8))) == sorted(extents)


def test_a_slice_reaches_round_the_ends_of_a_torus_and_not_of_a_mesh() -> None:
    # Of a ring of 8, places 3 and 4 are held: six lie in a row only round the end.
    for wraps, taken in ((True, [0, 1, 2, 5, 6, 7]), (False, [])):
        _, blocks = grid(8, 1, 1, wraps=wraps)
        holders = [Job(0, LONG, tasks=1, accepts=frozenset({name})) for name in ("m3", "m4")]
        nodes = fleet([node() for _ in blocks])
        hall = Hall(nodes, workload(*holders, Job(1, LONG, tasks=6)), placement=TorusSlice(), blocks=np.array(blocks))
        assert held(hall.run(until_s=1000), 2) == taken


def test_a_gang_waits_for_a_box_though_nodes_enough_are_free() -> None:
    # Nodes 1 and 3 of a ring of four are held; two that lie side by side are not to be had.
    _, blocks = grid(4, 1, 1)
    nodes = fleet([node() for _ in blocks])
    holders = [Job(0, 500, tasks=1, accepts=frozenset({name})) for name in ("m1", "m3")]
    hall = Hall(nodes, workload(*holders, Job(1, 100, tasks=2)), placement=TorusSlice(), blocks=np.array(blocks))
    hall.run(until_s=1000)
    assert hall.state.jobs["start_s"][2] == 500.0


def test_a_job_that_the_torus_does_not_take_goes_to_nodes_beside_it() -> None:
    _, blocks = grid(2, 2, 1)
    nodes = fleet([*([node()] * 4), *([node(cores=8)] * 3)])
    job = Job(0, LONG, tasks=2, accepts=frozenset({"m1"}))
    hall = Hall(nodes, workload(job), placement=TorusSlice(), blocks=np.array([*blocks, -1, -1, -1]))
    assert held(hall.run(until_s=1000), 0) == [4, 5]
