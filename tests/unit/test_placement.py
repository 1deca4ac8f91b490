"""Placement policies: on which nodes tasks go, by hand."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from hall import Hall, Job, fleet, node, workload
from models.nodes.node import Node
from simulator.engine.state import State
from simulator.placement.best_fit import BestFit
from simulator.placement.dot_product import DotProduct
from simulator.placement.first_fit import FirstFit
from simulator.placement.fragmentation_aware import FragmentationAware
from simulator.placement.pack_by_rack import PackByRack
from simulator.placement.policy import PlacementPolicy
from simulator.placement.random import Random
from simulator.placement.spread import Spread

POLICIES = [FirstFit(), BestFit(), DotProduct(), PackByRack(), Spread(), Random(), FragmentationAware()]
LONG = 1e6


def nodes_of(state: State, job: int) -> list[int]:
    """The nodes that hold a job's tasks, in the order of placement."""
    nodes, index = [], int(state.jobs[job]["first_holding"])
    while index >= 0:
        nodes.append(int(state.holdings[index]["node"]))
        index = int(state.holdings[index]["next_of_job"])
    return nodes[::-1]


def on(model: int, **held: float) -> Job:
    """A long job on the node of this model, there from the start."""
    return Job(0, LONG, accepts=frozenset({f"m{model}"}), **held)  # type: ignore[arg-type]


def placed(
    policy: PlacementPolicy, nodes: list[Node], *jobs: Job, racks: list[int] | None = None, random_start: int = 1
) -> list[int]:
    """The nodes of the last of some jobs once all have been placed."""
    hall = Hall(fleet(nodes, racks=racks), workload(*jobs), placement=policy, random_start=random_start)
    return nodes_of(hall.run(until_s=1000).state, len(jobs) - 1)


def kinds(count: int, **given: int) -> list[Node]:
    """Equal nodes, each a model of its own, so that jobs can be put on one of them."""
    return [node(**given) for _ in range(count)]  # type: ignore[arg-type]


def test_first_fit_fills_nodes_in_the_fleets_order() -> None:
    assert placed(FirstFit(), kinds(3, cores=4), on(0, cores=3), Job(1, 1e6, tasks=6, cores=1)) == [0, 1, 1, 1, 1, 2]


def test_best_fit_takes_the_node_on_which_least_is_left() -> None:
    # Cores left over: node 0: 3 of 4, node 1: 1 of 4, node 2: no room.
    jobs = on(1, cores=2), on(2, cores=4), Job(1, LONG, cores=1)
    assert placed(BestFit(), kinds(3, cores=4), *jobs) == [1]


def test_best_fit_measures_what_is_left_by_the_largest_node() -> None:
    # Left on node 0: no accelerator of 4 and 7 of 8 cores, 0.875; on node 1: 1/4 + 1/8 = 0.375, though that is half of
    # all that it has.
    nodes = [node(cores=8, accelerators=4), node(cores=2, accelerators=2)]
    assert placed(BestFit(), nodes, on(0, gpus=3), Job(1, LONG, gpus=1, cores=1)) == [1]


def test_best_fit_looks_at_memory_only_to_fit() -> None:
    jobs = on(1, memory_gib=60), Job(1, LONG, cores=1, memory_gib=5)
    assert placed(BestFit(), kinds(2), *jobs) == [0]


def test_dot_product_takes_the_node_least_aligned_with_the_demand_where_best_fit_takes_another() -> None:
    # Node 0: 1 of 4 accelerators and 8 of 8 cores free; node 1: 2 of 4 and 2 of 8. The task asks for one accelerator.
    # Dot product: 1/4 * 1/4 = 0.0625 against 1/4 * 2/4 = 0.125. Left over: 0 + 1 against 1/4 + 1/4.
    jobs = on(0, gpus=3), on(1, gpus=2, cores=6), Job(1, LONG, gpus=1)
    assert placed(DotProduct(), kinds(2, cores=8, accelerators=4), *jobs) == [0]
    assert placed(BestFit(), kinds(2, cores=8, accelerators=4), *jobs) == [1]


def test_fragmentation_aware_keeps_room_for_the_tasks_to_come_where_best_fit_fills_up() -> None:
    # Two nodes of one accelerator; 0.4 of node 0 is held. 19 of 20 tasks ask for 0.5, and only those are expected.
    # On node 0 0.6 is free, which such a task can use; with one there 0.1 is left that none can use: growth 0.1.
    # On node 1 0.5 is left, which the next one can use: growth 0. Left over is 0.1 on node 0 and 0.5 on node 1.
    jobs = on(0, gpus=0.4), Job(1, LONG, gpus=0.5)
    to_come = Job(2000, 1, tasks=18, gpus=0.5)
    for policy, chosen in ((FragmentationAware(), 1), (BestFit(), 0)):
        hall = Hall(fleet(kinds(2, accelerators=1)), workload(*jobs, to_come), placement=policy)
        assert nodes_of(hall.run(until_s=1000).state, 1) == [chosen]


def test_fragmentation_aware_chooses_among_the_accelerators_of_a_node() -> None:
    # Free: 0.7 and 1.0. Tasks of 0.3 and of a whole accelerator are expected alike. Now 0.7 is lost to the whole ones:
    # 0.5 * 700 = 350. With another 0.3 on the first, 0.5 * 400 = 200: growth -150. On the second, no whole one fits and
    # all is lost to them: 0.5 * 1400 = 700: growth 350.
    jobs = Job(0, LONG, gpus=0.3), Job(1, LONG, gpus=0.3), Job(2000, 1, tasks=2, gpus=1)
    hall = Hall(fleet([node(accelerators=2)]), workload(*jobs), placement=FragmentationAware()).run(until_s=1000)
    assert hall.state.slots[:, 0].tolist() == [400, 1000]


def test_fragmentation_aware_counts_all_as_lost_where_cores_run_out() -> None:
    # Tasks of one accelerator and 4 cores are expected. A task of 4 cores alone leaves 3 cores on node 0, so that its
    # two accelerators are lost (growth 2000); on node 1 it leaves 5, and the accelerators stay of use (growth 0).
    jobs = on(0, cores=2), Job(1, LONG, cores=4), Job(2000, 1, tasks=40, gpus=1, cores=4)
    hall = Hall(fleet(kinds(2, cores=9, accelerators=2)), workload(*jobs), placement=FragmentationAware())
    assert nodes_of(hall.run(until_s=1000).state, 1) == [1]


def test_the_most_frequent_shapes_are_expected_with_their_shares() -> None:
    jobs = Job(0, 1, tasks=6, gpus=1), Job(0, 1, tasks=3, gpus=0.5, cores=1), Job(0, 1, gpus=0.1), Job(0, 1, tasks=90)
    nodes = [node(cores=8, accelerators=8)] * 100

    def expected(popular_share: float) -> list[tuple[int, float]]:
        policy = FragmentationAware(popular_share=popular_share)
        shapes = Hall(fleet(nodes), workload(*jobs), placement=policy).state.task_shapes
        return [(int(shape["accelerators_milli"]), round(float(shape["share"]), 12)) for shape in shapes]

    assert expected(1.0) == [(1000, 0.6), (500, 0.3), (100, 0.1)]
    assert expected(0.9) == [(1000, 0.666666666667), (500, 0.333333333333)]
    assert expected(0.6) == [(1000, 1.0)]
    assert expected(0.61) == [(1000, 0.666666666667), (500, 0.333333333333)]


def test_pack_by_rack_takes_the_fullest_rack_that_holds_all() -> None:
    nodes, racks = kinds(6), [0, 0, 0, 1, 1, 2]
    assert placed(PackByRack(), nodes, Job(0, LONG, tasks=2), racks=racks) == [3, 4]
    assert placed(PackByRack(), nodes, Job(0, LONG, tasks=3), racks=racks) == [0, 1, 2]
    assert placed(PackByRack(), nodes, Job(0, LONG, tasks=1), racks=racks) == [5]


def test_pack_by_rack_spans_as_few_racks_as_possible() -> None:
    # Four nodes: the rack of three, then the rack of one that is filled up by the rest.
    assert placed(PackByRack(), kinds(6), Job(0, LONG, tasks=4), racks=[0, 0, 0, 1, 1, 2]) == [0, 1, 2, 5]


def test_pack_by_rack_counts_the_tasks_that_a_node_has_room_for() -> None:
    # Rack 0 is one node with room for eight tasks, rack 1 three nodes with room for one each.
    nodes = [node(accelerators=8), *kinds(3, accelerators=1)]
    assert placed(PackByRack(), nodes, Job(0, LONG, tasks=3, gpus=1), racks=[0, 1, 1, 1]) == [1, 2, 3]
    assert placed(PackByRack(), nodes, Job(0, LONG, tasks=4, gpus=1), racks=[0, 1, 1, 1]) == [0, 0, 0, 0]


def test_pack_by_rack_begins_with_the_busiest_node() -> None:
    jobs = on(1, cores=1), Job(1, LONG, tasks=4, cores=1)
    assert placed(PackByRack(), kinds(2, cores=4), *jobs) == [1, 1, 1, 0]


def test_spread_goes_to_other_racks_first_and_there_to_the_emptiest_node() -> None:
    racks = [0, 0, 1, 1, 2]
    assert placed(Spread(), kinds(5), Job(0, LONG, tasks=5), racks=racks) == [0, 2, 4, 1, 3]
    jobs = on(0, cores=1), on(2, cores=1), Job(1, LONG, tasks=4, cores=1)
    assert placed(Spread(), kinds(5), *jobs, racks=racks) == [1, 3, 4, 0]


def test_random_placement_repeats_itself_from_the_same_start() -> None:
    def drawn(start: int) -> list[int]:
        return placed(Random(), kinds(8, cores=64), Job(0, LONG, tasks=40, cores=1), random_start=start)

    assert drawn(5) == drawn(5)
    assert drawn(5) != drawn(6)


def test_random_placement_is_even() -> None:
    # 6,000 tasks on 6 nodes of which one has no room: 1,200 each; the sum of squares follows chi-square with 4 degrees
    # of freedom, which is above 18.5 once in a thousand.
    jobs = on(3, cores=64), Job(1, LONG, tasks=6000, cores=0.001)
    counts = Counter(placed(Random(), kinds(6, cores=64), *jobs, random_start=12345))
    assert counts[3] == 0
    assert sum((counts[node] - 1200) ** 2 / 1200 for node in (0, 1, 2, 4, 5)) < 18.5


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
def test_a_job_is_placed_whole_or_not_at_all(policy: PlacementPolicy) -> None:
    # Three accelerators are free, and the job wants four: it waits, and leaves no trace on the nodes.
    jobs = Job(0, 100, gpus=1), Job(1, 10, tasks=4, gpus=1)
    hall = Hall(fleet([node(accelerators=2)] * 2), workload(*jobs), placement=policy)
    hall.at(50, lambda batch: free.append(int(batch.state.slots[:, 0].sum())))
    free: list[int] = []
    hall.run()
    assert free == [3000]
    assert hall.starts_s == {"a": 0.0, "b": 100.0}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
def test_every_policy_leaves_an_empty_hall_as_it_was(policy: PlacementPolicy) -> None:
    draws = np.random.default_rng(8)
    shapes = [{"gpus": 0.3}, {"gpus": 2}, {"cores": 1.5}, {"gpus": 0.5, "cores": 1, "memory_gib": 9}, {}]
    jobs = [
        Job(float(at_s), float(draws.integers(1, 90)), tasks=int(draws.integers(1, 5)), **shapes[draws.integers(5)])  # type: ignore[arg-type]
        for at_s in draws.integers(0, 600, 80)
    ]
    hall = Hall(fleet([node(cores=8, accelerators=4)] * 5, racks=[0, 0, 1, 1, 2]), workload(*jobs), placement=policy)
    state = hall.run().state
    assert hall.batch.finished
    assert (state.slots[:, 0] == 1000).all()
    assert (state.nodes["free_cpu_milli"] == 8000).all()
    assert (state.nodes["residents"] == 0).all()
    assert state.idle.tolist() == [1] * 5
