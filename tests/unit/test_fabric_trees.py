"""Trees of switches: how many, how joined, their closed forms, and what is refused."""

from __future__ import annotations

import networkx as nx
import pytest

from hall import fleet, node
from models.fleet import Fleet
from models.nodes.node import Node
from models.topology.fabric import Fabric
from models.topology.fat_tree import FatTree
from models.topology.laid_out.built_fabric import BuiltFabric
from models.topology.rail_optimized import RailOptimized

PORT_B_PER_S = 50e9  # 400 Gb/s


def networked(nics: int, accelerators: int = 0) -> Node:
    """A node with interfaces of 400 Gb/s."""
    network = {"count": nics, "bandwidth": {"value": "400 Gb/s", "source": "a test", "status": "assumption"}}
    plain = node(accelerators=accelerators).model_dump(mode="json", exclude_none=True)
    return Node.model_validate(plain | {"network": network})


def nodes_of(count: int, nics: int = 1) -> Fleet:
    laid_out: Fleet = fleet([networked(nics)] * count)
    return laid_out


def built(topology: Fabric, count: int, nics: int = 1) -> BuiltFabric:
    return topology.build(nodes_of(count, nics))


def k_ary(ports: int) -> tuple[BuiltFabric, int]:
    """The fat tree of k-port switches with all its k³/4 hosts."""
    hosts = ports**3 // 4
    return built(FatTree(ports=ports, tiers=3), hosts), hosts


def max_flow_b_per_s(fabric: BuiltFabric, halves: int) -> float:
    """What the first `halves` nodes can send to the others, by networkx."""
    graph = fabric.graph()
    for index, name in enumerate(fabric.node_names):
        graph.add_edge("source" if index < halves else "sink", name)
    flow, _ = nx.maximum_flow(graph, "source", "sink", capacity="capacity_b_per_s")
    return float(flow)


def farthest_nics(fabric: BuiltFabric) -> int:
    graph = fabric.graph()
    graph.remove_nodes_from(fabric.node_names)
    nics = [name for name, given in graph.nodes(data=True) if given["tier"] == fabric.nic_word]
    hops = nx.single_source_shortest_path_length(graph, nics[0])
    return int(max(hops[name] for name in nics))


@pytest.mark.parametrize("ports", [4, 8])
def test_a_k_ary_fat_tree_has_the_switches_of_the_paper(ports: int) -> None:
    # M. Al-Fares et al., SIGCOMM 2008: k pods of k/2 leaves and k/2 spines, (k/2)² cores, k³/4 hosts.
    fabric, hosts = k_ary(ports)
    tiers = {tier: fabric.switches.tier.count(tier) for tier in ("leaf", "spine", "core")}
    assert tiers == {"leaf": ports**2 // 2, "spine": ports**2 // 2, "core": ports**2 // 4}
    assert len(fabric.cable_names) == 3 * hosts
    links = [len(fabric.switches.links(switch)) // 2 for switch in range(len(fabric.switches))]
    assert links == [ports] * len(links)


@pytest.mark.parametrize("ports", [4, 8])
def test_bisection_and_diameter_of_a_k_ary_fat_tree(ports: int) -> None:
    fabric, hosts = k_ary(ports)
    assert fabric.bounds.bisection_b_per_s == hosts / 2 * PORT_B_PER_S
    assert fabric.bounds.bisection_b_per_s == pytest.approx(max_flow_b_per_s(fabric, hosts // 2), rel=1e-12)
    assert fabric.bounds.diameter_links == farthest_nics(fabric) == 6


@pytest.mark.parametrize(
    ("topology", "nodes", "nics", "bisection_ports", "diameter"),
    [
        (FatTree(ports=8, oversubscription=3.0), 24, 1, 4, 4),  # 4 leaves of 6 nodes with 2 cables up
        (FatTree(ports=8, tiers=3, pod_oversubscription=3.0), 48, 1, 8, 6),  # 2 pods of 6 leaves, spines with 2 up
        (RailOptimized(ports=8), 16, 4, 32, 6),  # 4 blocks of 4 nodes: 16 leaves, more than a spine has ports
        (RailOptimized(ports=16, oversubscription=3.0), 24, 4, 16, 4),  # 2 blocks of 12 nodes, 8 leaves of 4 up
        (FatTree(), 8, 8, 32, 2),  # one leaf
    ],
)
def test_bisection_and_diameter_of_other_trees(
    topology: Fabric, nodes: int, nics: int, bisection_ports: int, diameter: int
) -> None:
    fabric = built(topology, nodes, nics)
    assert fabric.bounds.bisection_b_per_s == pytest.approx(bisection_ports * PORT_B_PER_S, rel=1e-12)
    assert fabric.bounds.bisection_b_per_s == pytest.approx(max_flow_b_per_s(fabric, nodes // 2), rel=1e-12)
    assert fabric.bounds.diameter_links == farthest_nics(fabric) == diameter
