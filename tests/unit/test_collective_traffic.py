"""Bytes that collectives put on links, against counts by hand on sixteen hosts, and what a job's place costs it."""

from __future__ import annotations

import numpy as np
import pytest

from models.fleet import Fleet
from models.network.collective_traffic import LinkBytes, collective_routes, exchange_flows, group_flows
from models.network.training_traffic import GroupTraffic, job_use, training_traffic
from models.nodes.node import Node
from models.topology.fat_tree import FatTree
from models.topology.laid_out.built_fabric import BuiltFabric
from models.topology.rail_optimized import RailOptimized
from models.workload.training.layout import Layout
from models.workload.training.machines import Machines, parallel_groups, sent_b

PORT_B_PER_S = 50e9
MESSAGE_B = 1e9
HOSTS = 16
PROCESSORS = {"name": "cpu", "follows": "processor", "idle_power": "100 W", "peak_power": "200 W"}


def networked(nics: int, accelerators: int = 0) -> Node:
    network = {"count": nics, "bandwidth": {"value": "400 Gb/s", "source": "a test", "status": "assumption"}}
    given = {"cpu_cores": 4, "memory": "64 GiB", "power": {"parts": [PROCESSORS]}, "network": network}
    if accelerators:
        given |= {"accelerator": {"name": "GPU"}, "accelerators": accelerators}
    return Node.model_validate(given)


def fleet(nodes: list[Node]) -> Fleet:
    """Equal nodes in one rack."""
    count = len(nodes)
    return Fleet(
        node_names=tuple(f"n{index}" for index in range(count)),
        model_names=("box",),
        models=(nodes[0],),
        model=np.zeros(count, np.int64),
        rack_names=("r0",),
        rack_power_w=np.zeros(1),
        rack=np.zeros(count, np.int64),
        group=("all",) * count,
        commission_s=np.zeros(count),
        retire_s=np.full(count, np.inf),
        retire_drains=np.zeros(count, np.bool_),
    )


@pytest.fixture(scope="module")
def tree() -> BuiltFabric:
    """Sixteen hosts of one interface, four to a leaf: twice the bandwidth below a leaf that there is above it."""
    topology = FatTree.model_validate({"nodes_per_block": 4, "oversubscription": 2, "ports": 6})
    return topology.build(fleet([networked(1)] * HOSTS))


def on_ports(built: BuiltFabric, found: LinkBytes) -> tuple[np.ndarray, np.ndarray]:
    """Bytes that each interface sends and receives."""
    carried = np.zeros(built.links)
    carried[found.links] = found.size_b
    nics = int(built.first_nic[-1])
    return carried[: 2 * nics : 2], carried[1 : 2 * nics : 2]


def above_leaves(built: BuiltFabric, found: LinkBytes) -> float:
    """Bytes that pass from leaves to spines."""
    nics = int(built.first_nic[-1])
    return float(found.size_b[(found.links >= 2 * nics) & (found.links % 2 == 0)].sum())


def test_a_ring_sends_twice_all_but_its_own_part_over_every_port(tree: BuiltFabric) -> None:
    found = collective_routes(tree, "ring", np.arange(HOSTS), np.zeros(HOSTS), MESSAGE_B)
    sent, received = on_ports(tree, found)
    assert sent == pytest.approx(np.full(HOSTS, 2 * 15 / 16 * MESSAGE_B), rel=1e-12)
    assert received == pytest.approx(sent, rel=1e-12)
    # Hosts 3, 7, 11 and 15 are the last of their leaves: four flows go up, each over two links.
    assert above_leaves(tree, found) == pytest.approx(4 * 2 * 15 / 16 * MESSAGE_B, rel=1e-12)


def test_a_double_binary_tree_sends_half_a_buffer_each_way_over_every_edge(tree: BuiltFabric) -> None:
    found = collective_routes(tree, "tree", np.arange(HOSTS), np.zeros(HOSTS), MESSAGE_B)
    sent, received = on_ports(tree, found)
    # First tree of sixteen: 0-8, 8-4, 8-12, 4-2, 4-6, 12-10, 12-14, and each odd host below an even one; edges of a
    # host in it and in its mirror image add up to four but for the two roots (0 and 15), which lack one.
    edges = np.array([1, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1])
    assert edges.sum() == 2 * (HOSTS - 1)
    assert sent == pytest.approx((edges + edges[::-1]) * MESSAGE_B / 2, rel=1e-12)
    assert received == pytest.approx(sent, rel=1e-12)
    assert sent.sum() == pytest.approx(2 * (HOSTS - 1) * MESSAGE_B, rel=1e-12)


def test_an_all_to_all_sends_every_other_host_its_part(tree: BuiltFabric) -> None:
    found = collective_routes(tree, "all-to-all", np.arange(HOSTS), np.zeros(HOSTS), MESSAGE_B)
    sent, received = on_ports(tree, found)
    assert sent == pytest.approx(np.full(HOSTS, 15 / 16 * MESSAGE_B), rel=1e-12)
    assert received == pytest.approx(sent, rel=1e-12)
    assert above_leaves(tree, found) == pytest.approx(16 * 12 / 16 * MESSAGE_B, rel=1e-12)


def test_a_send_reaches_the_next_host_and_the_last_sends_nothing(tree: BuiltFabric) -> None:
    found = collective_routes(tree, "point-to-point", np.arange(HOSTS), np.zeros(HOSTS), MESSAGE_B)
    sent, received = on_ports(tree, found)
    assert sent.tolist() == [MESSAGE_B] * 15 + [0.0]
    assert received.tolist() == [0.0] + [MESSAGE_B] * 15
    assert above_leaves(tree, found) == 3 * MESSAGE_B


def test_a_hierarchical_sum_crosses_on_every_rail_with_its_own_part() -> None:
    built = RailOptimized.model_validate({"nodes_per_block": 8}).build(fleet([networked(8, 8)] * HOSTS))
    ranks = np.arange(HOSTS * 8)
    found = collective_routes(built, "hierarchical", ranks // 8, ranks % 8, MESSAGE_B, per_domain=8)
    sent, received = on_ports(built, found)
    assert sent == pytest.approx(np.full(128, 2 * 15 / 16 * MESSAGE_B / 8), rel=1e-12)
    assert received == pytest.approx(sent, rel=1e-12)
    # The ring of each rail leaves a block of eight nodes once: two flows a rail go over spines.
    assert above_leaves(built, found) == pytest.approx(8 * 2 * 2 * 15 / 16 * MESSAGE_B / 8, rel=1e-12)


@pytest.mark.parametrize("ranks", [2, 3, 5, 8, 13, 16, 31])
def test_rings_and_trees_send_the_same_in_all(ranks: int) -> None:
    expected = 2 * (ranks - 1) * MESSAGE_B
    for algorithm in ("ring", "tree"):
        flows = group_flows(algorithm, ranks, MESSAGE_B)
        assert flows.size_b.sum() == pytest.approx(expected, rel=1e-12)
        assert (flows.source != flows.sink).all()


def test_a_sampled_exchange_keeps_the_bytes_of_every_rank() -> None:
    flows = exchange_flows(1000, 7.0, most_shifts=32)
    assert len(flows.source) == 32_000
    assert np.bincount(flows.source, flows.size_b) == pytest.approx(np.full(1000, 7.0), rel=1e-12)
    assert np.bincount(flows.sink, flows.size_b) == pytest.approx(np.full(1000, 7.0), rel=1e-12)


def test_one_rank_alone_sends_nothing(tree: BuiltFabric) -> None:
    found = collective_routes(tree, "ring", [3], [0], MESSAGE_B)
    assert len(found.links) == 0


def test_what_a_job_puts_on_its_ports_is_what_its_step_was_computed_from() -> None:
    built = RailOptimized.model_validate({"nodes_per_block": 8}).build(fleet([networked(8, 8)] * HOSTS))
    layout = Layout(tensor=8, global_batch=64, sequence=4096)
    machines = Machines(128, 8, 8, None)
    group = parallel_groups(layout, machines)["data"]
    assert (group.ranks, group.per_domain) == (16, 1)
    _, network_b = sent_b("all_reduce", MESSAGE_B, group)
    traffic = training_traffic(
        layout, {("network", "all_reduce"): network_b, ("scale-up", "all_reduce"): 1.0}, machines
    )
    assert traffic == (GroupTraffic("all_reduce", "data", 16, 8, 1, network_b),)
    use = job_use(built, np.arange(HOSTS), traffic)
    assert use is not None
    sent, received = on_ports(built, LinkBytes(use.links, use.step_b, True, use.step_b))
    assert sent == pytest.approx(np.full(128, network_b), rel=1e-12)
    assert received == pytest.approx(sent, rel=1e-12)
    assert use.nominal_s == pytest.approx(network_b / PORT_B_PER_S, rel=1e-12)


def test_data_groups_over_whole_domains_go_round_rings_on_every_rail() -> None:
    built = RailOptimized.model_validate({"nodes_per_block": 8}).build(fleet([networked(8, 8)] * HOSTS))
    layout = Layout(global_batch=128, sequence=4096, zero=3)
    machines = Machines(128, 8, 8, None)
    traffic = training_traffic(layout, {("network", "all_gather"): 3.0}, machines)
    assert traffic == (GroupTraffic("all_gather", "data", 128, 1, 8, 3.0),)
    use = job_use(built, np.arange(HOSTS), traffic)
    assert use is not None
    sent, _ = on_ports(built, LinkBytes(use.links, use.step_b, True, use.step_b))
    assert sent.tolist() == [3.0] * 128


def test_stages_send_on_and_gradients_come_back() -> None:
    built = RailOptimized.model_validate({"nodes_per_block": 8}).build(fleet([networked(8, 8)] * HOSTS))
    layout = Layout(tensor=8, pipeline=4, global_batch=64, sequence=4096)
    machines = Machines(128, 8, 8, None)
    traffic = training_traffic(layout, {("network", "point_to_point"): 6.0}, machines)
    assert [(each.group, each.ranks, each.stride) for each in traffic] == [("pipeline", 4, 32)]
    use = job_use(built, np.arange(HOSTS), traffic)
    assert use is not None
    sent, received = on_ports(built, LinkBytes(use.links, use.step_b, True, use.step_b))
    # Four nodes a stage: the first stage and the last send one way only.
    expected = np.repeat([3.0, 6.0, 6.0, 3.0], 32)
    assert sent.tolist() == expected.tolist()
    assert received.tolist() == expected.tolist()


def test_experts_send_to_other_domains_alone() -> None:
    built = RailOptimized.model_validate({"nodes_per_block": 8}).build(fleet([networked(8, 8)] * HOSTS))
    traffic = GroupTraffic("all_to_all", "expert", 16, 1, 8, 8.0)
    use = job_use(built, np.arange(HOSTS), [traffic])
    assert use is not None
    sent, received = on_ports(built, LinkBytes(use.links, use.step_b, True, use.step_b))
    assert sent == pytest.approx(np.full(128, 8.0), rel=1e-12)
    assert received.sum() == pytest.approx(sent.sum(), rel=1e-12)


def test_a_narrower_way_slows_the_step_by_the_time_that_it_adds(tree: BuiltFabric) -> None:
    # Four hosts of each of two leaves send to the other leaf: four flows over two links up, at least two on one.
    sent = PORT_B_PER_S * 0.1
    pairs = np.array([0, 4, 1, 5, 2, 6, 3, 7])
    use = job_use(tree, pairs, [GroupTraffic("all_reduce", "data", 2, 1, 1, sent)])
    assert use is not None
    assert use.nominal_s == pytest.approx(0.1, rel=1e-12)
    on_fullest = round(float(use.step_b.max() / sent))
    assert on_fullest >= 2
    assert use.weight == pytest.approx(on_fullest, rel=1e-12)
    assert use.least_s == pytest.approx(0.1 * on_fullest, rel=1e-12)
    assert use.speed(1.0) == pytest.approx(1.0 / (1.0 + 0.1 * (on_fullest - 1)), rel=1e-12)


def test_a_job_that_is_cut_off_has_no_use(tree: BuiltFabric) -> None:
    up = np.ones(tree.links, np.bool_)
    up[:2] = False
    traffic = [GroupTraffic("all_reduce", "data", 4, 1, 1, 1.0)]
    assert job_use(tree, np.arange(4), traffic, up=up) is None
    assert job_use(tree, np.arange(4, 8), traffic, up=up) is not None


def test_a_job_without_traffic_uses_nothing(tree: BuiltFabric) -> None:
    use = job_use(tree, np.arange(4), [])
    assert use is not None
    assert (len(use.links), use.speed(1.0)) == (0, 1.0)
