"""Routes over trees and tori: whole walks, spread by a hash, around what is out."""

from __future__ import annotations

from collections import Counter

import networkx as nx
import numpy as np
import pytest
from numpy.typing import NDArray

from hall import fleet, node
from models.nodes.node import Node
from models.topology.fabric import Fabric
from models.topology.fat_tree import FatTree
from models.topology.laid_out.built_fabric import BuiltFabric, Routes
from models.topology.rail_optimized import RailOptimized
from models.topology.torus import Torus

IntArray = NDArray[np.int64]


def networked(nics: int, accelerators: int = 0) -> Node:
    network = {"count": nics, "bandwidth": {"value": "400 Gb/s", "source": "a test", "status": "assumption"}}
    plain = node(accelerators=accelerators).model_dump(mode="json", exclude_none=True)
    return Node.model_validate(plain | {"network": network})


def built(topology: Fabric, nodes: int, nics: int = 1, accelerators: int = 0) -> BuiltFabric:
    return topology.build(fleet([networked(nics, accelerators)] * nodes))


def a_torus(*sizes: int, wraps: bool = True) -> BuiltFabric:
    """A torus of nodes of one accelerator."""
    torus = Torus.model_validate({"dimensions": sizes, "link_bandwidth": "50 GB/s", "wraps": wraps})
    return built(torus, int(np.prod(sizes)), accelerators=1)


def pairs(fabric: BuiltFabric, rails: int = 1) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Every node to every other on every rail, flow 0."""
    src, dst, rail = (
        part.ravel()
        for part in np.meshgrid(np.arange(fabric.nodes), np.arange(fabric.nodes), np.arange(rails), indexing="ij")
    )
    apart = src != dst
    return src[apart], dst[apart], rail[apart], np.zeros(int(apart.sum()), np.int64)


def walk(fabric: BuiltFabric, routes: Routes, flow: int) -> list[int]:
    """The vertices that a flow comes by; fails where a link does not begin where the last one ended."""
    seen: list[int] = []
    for link in routes.links[routes.first[flow] : routes.first[flow + 1]].tolist():
        begin, end = fabric.cable_ends[link // 2].tolist()[:: -1 if link % 2 else 1]
        assert not seen or seen[-1] == begin
        seen += [end] if seen else [begin, end]
    return seen


def assert_whole(fabric: BuiltFabric, given: tuple[IntArray, ...], routes: Routes) -> None:
    """Every connected flow is one walk from its source to its destination, without a loop."""
    src, dst, rail, _ = given
    for flow in np.flatnonzero(routes.connected).tolist():
        seen = walk(fabric, routes, flow)
        ends = [int(fabric.nics(end[flow : flow + 1], rail[flow : flow + 1])[0]) for end in (src, dst)]
        assert [seen[0], seen[-1]] == ends
        assert len(set(seen)) == len(seen)
    assert (np.diff(routes.first)[~routes.connected] == 0).all()


def tree_of_three_tiers() -> BuiltFabric:
    return built(FatTree(ports=4, tiers=3), 16)


FABRICS = {
    "k-ary fat tree": (tree_of_three_tiers, 1),
    "two tiers, oversubscribed": (lambda: built(FatTree(ports=8, oversubscription=3.0), 24), 1),
    "rails in two tiers": (lambda: built(RailOptimized(ports=16, failover=False), 16, nics=4), 4),
    "rails in three tiers": (lambda: built(RailOptimized(ports=8, failover=False), 16, nics=4), 4),
    "torus": (lambda: a_torus(4, 3, 2), 1),
    "mesh": (lambda: a_torus(4, 3, wraps=False), 1),
}


@pytest.mark.parametrize("name", FABRICS)
def test_routes_are_shortest_walks_from_end_to_end(name: str) -> None:
    make, rails = FABRICS[name]
    fabric = make()
    given = pairs(fabric, rails)
    routes = fabric.routes(*given)
    assert routes.connected.all()
    assert_whole(fabric, given, routes)
    graph = nx.Graph(fabric.cable_ends.tolist())
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    nics = zip(fabric.nics(given[0], given[2]).tolist(), fabric.nics(given[1], given[2]).tolist(), strict=True)
    assert np.diff(routes.first).tolist() == [hops[src][dst] for src, dst in nics]
    ends = range(int(fabric.first_nic[-1]))
    assert max(hops[src][dst] for src in ends for dst in ends) == fabric.bounds.diameter_links


@pytest.mark.parametrize("name", FABRICS)
def test_flows_go_round_what_is_out_where_there_is_a_way(name: str) -> None:
    make, rails = FABRICS[name]
    fabric = make()
    given = pairs(fabric, rails)
    rng = np.random.default_rng(3)
    for _ in range(3):
        cables = rng.choice(len(fabric.cable_names), size=3, replace=False).tolist()
        switches = rng.choice(len(fabric.switches), size=1).tolist() if len(fabric.switches) else []
        up = fabric.links_up(switches, cables)
        routes = fabric.routes(*given, up)
        assert up[routes.links].all()
        assert_whole(fabric, given, routes)
        joined = fabric.joined(up)
        together = joined[fabric.nics(given[0], given[2])] == joined[fabric.nics(given[1], given[2])]
        assert not (routes.connected & ~together).any()
        if name in ("torus", "mesh"):
            assert (routes.connected == together).all()


def test_flows_that_met_no_failure_stay_where_they_were() -> None:
    fabric = tree_of_three_tiers()
    given = pairs(fabric)
    before, up = fabric.routes(*given), fabric.links_up(switches_out=[8])
    after = fabric.routes(*given, up)
    for flow in range(len(given[0])):
        mine = before.links[before.first[flow] : before.first[flow + 1]]
        if up[mine].all():
            assert after.links[after.first[flow] : after.first[flow + 1]].tolist() == mine.tolist()


def test_a_node_is_cut_off_by_its_own_leaf_and_by_its_own_cable() -> None:
    fabric = built(FatTree(ports=8), 16)
    given = pairs(fabric)
    for up in (fabric.links_up(switches_out=[0]), fabric.links_up(cables_out=[0, 1, 2, 3])):
        routes = fabric.routes(*given, up)
        assert (routes.connected == ((given[0] > 3) & (given[1] > 3))).all()  # four nodes a leaf


def test_a_flow_alone_whose_cable_is_out_has_no_way() -> None:
    for fabric in (built(FatTree(ports=8), 16), tree_of_three_tiers()):
        one = np.array([0])
        routes = fabric.routes(one, one + 9, one, one, fabric.links_up(cables_out=[0]))
        assert routes.connected.tolist() == [False]
        assert routes.first.tolist() == [0, 0]


def test_flows_of_a_rail_that_is_out_take_the_next_one_or_stop() -> None:
    for failover in (True, False):
        fabric = built(RailOptimized(ports=16, failover=failover), 16, nics=4)
        given = pairs(fabric, 4)
        leaf = fabric.switches.names.index("leaf-0-2")
        up = fabric.links_up(switches_out=[leaf])
        routes = fabric.routes(*given, up)
        src, dst, rail, _ = given
        lost = (rail == 2) & ((src < 8) | (dst < 8))  # eight nodes a block
        assert (routes.connected == (failover | ~lost)).all()
        assert up[routes.links].all()
        if failover:
            next_rail = fabric.routes(src[lost], dst[lost], rail[lost] + 1, rail[lost] * 0, up)
            for index, flow in enumerate(np.flatnonzero(lost).tolist()):
                assert walk(fabric, routes, flow) == walk(fabric, next_rail, index)


def test_rails_that_nothing_joins_carry_no_flow_from_one_to_another() -> None:
    fabric = built(RailOptimized(ports=16, tiers=1), 16, nics=4)
    assert len(fabric.switches) == 4
    one, zero = np.array([1]), np.array([0])
    assert fabric.routes(zero, one, zero, zero).connected.tolist() == [True]
    assert fabric.routes(zero, one, zero, zero, dst_rail=one).connected.tolist() == [False]


def test_flows_within_a_node_take_no_link() -> None:
    for fabric in (tree_of_three_tiers(), a_torus(3, 3)):
        here = np.array([2])
        routes = fabric.routes(here, here, here * 0, here, fabric.links_up(cables_out=[2]))
        assert routes.connected.tolist() == [True]
        assert len(routes.links) == 0


def test_nodes_outside_of_the_fabric_are_not_connected() -> None:
    laid_out = fleet([networked(1)] * 4)
    object.__setattr__(laid_out, "group", ("in", "in", "in", "out"))
    fabric = FatTree(groups=("in",)).build(laid_out)
    src, dst = np.array([0, 0]), np.array([2, 3])
    assert fabric.routes(src, dst, src * 0, src * 0).connected.tolist() == [True, False]
    assert fabric.block.tolist() == [0, 0, 0, -1]


def test_a_hash_spreads_flows_evenly_over_equal_paths() -> None:
    # 4,096 flows between two leaves over 32 uplinks: 128 each, give or take the square root.
    fabric = built(FatTree(tiers=2), 64)
    flow = np.arange(4096)
    routes = fabric.routes(flow * 0, flow * 0 + 40, flow * 0, flow)
    uplinks = np.bincount(routes.links.reshape(4096, 4)[:, 1] // 2)
    uplinks = uplinks[uplinks > 0]
    assert len(uplinks) == 32
    chi_square = ((uplinks - 128.0) ** 2 / 128.0).sum()
    assert chi_square < 61.1  # 0.1% point of 31 degrees of freedom


def test_some_uplinks_carry_several_flows_of_a_permutation_and_some_none() -> None:
    # 32 flows over 32 uplinks, each drawn by itself: 32 (1 - 1/32)^32 = 11.6 stay empty on average.
    fabric = built(FatTree(tiers=2), 64)
    empty = []
    for seed in range(40):
        src = np.arange(32)
        routes = fabric.routes(src, src + 32, src * 0, np.full(32, seed))
        empty.append(32 - len(Counter((routes.links.reshape(32, 4)[:, 1]).tolist())))
    assert np.mean(empty) == pytest.approx(32 * (1 - 1 / 32) ** 32, abs=3 * np.std(empty) / np.sqrt(40) + 0.1)


def test_the_same_flow_always_takes_the_same_path_and_tiers_choose_apart() -> None:
    fabric = built(FatTree(ports=8, tiers=3), 128)
    flow = np.arange(4000)
    first, second = (fabric.routes(flow * 0, flow * 0 + 100, flow * 0, flow) for _ in range(2))
    assert (first.links == second.links).all()
    ways = Counter(map(tuple, first.links.reshape(4000, 6)[:, 1:3].tolist()))
    assert len(ways) == 16  # four spines and four cores above each: no choice below decides one above


def test_a_torus_takes_the_shorter_way_round_and_both_where_they_are_equal() -> None:
    ring = a_torus(6)
    flow = np.zeros(5, np.int64)
    routes = ring.routes(flow, np.arange(1, 6), flow, flow)
    assert np.diff(routes.first).tolist() == [1, 2, 3, 2, 1]
    many = np.arange(1000)
    routes = ring.routes(many * 0, many * 0 + 3, many * 0, many)
    ahead = int((routes.links.reshape(1000, 3)[:, 0] % 2 == 0).sum())
    assert 430 < ahead < 570  # half of a thousand, within more than four standard deviations


def test_axes_are_taken_in_order_and_otherwise_only_around_failures() -> None:
    torus = a_torus(4, 4, 4)
    src, dst = np.array([0]), np.array([1 + 4 + 16])  # one step along each axis
    zero = np.array([0])
    routes = torus.routes(src, dst, zero, zero)
    assert [torus.cable_names[link // 2][-1] for link in routes.links.tolist()] == ["x", "y", "z"]
    up = torus.links_up(cables_out=[int(routes.links[0]) // 2])
    routes = torus.routes(src, dst, zero, zero, up)
    assert [torus.cable_names[link // 2][-1] for link in routes.links.tolist()] == ["y", "x", "z"]
