"""Any tree, any failures: routes are whole, go over what is up, and are missing exactly where there is no way."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hall import fleet, node
from models.nodes.node import Node
from models.topology.fat_tree import FatTree
from models.topology.laid_out.built_fabric import BuiltFabric
from models.topology.rail_optimized import RailOptimized


def networked(nics: int) -> Node:
    network = {"count": nics, "bandwidth": {"value": "400 Gb/s", "source": "a test", "status": "assumption"}}
    return Node.model_validate(node().model_dump(mode="json", exclude_none=True) | {"network": network})


def climbs(fabric: BuiltFabric, up: NDArray[np.bool_], way: int) -> NDArray[np.bool_]:
    """What each interface reaches by going up alone, over the links of one way: shape (interfaces, vertices)."""
    nics = int(fabric.first_nic[-1])
    step = np.zeros((nics + len(fabric.switches),) * 2, np.int64)
    ends = fabric.cable_ends[up[way::2]]
    step[ends[:, 0], ends[:, 1]] = 1
    reached = np.eye(nics, len(step), dtype=np.int64)
    for _ in range(3):
        reached = np.minimum(reached + reached @ step, 1)
    return reached > 0


@given(
    kind=st.sampled_from([FatTree, RailOptimized]),
    nics=st.sampled_from([1, 2, 4]),
    ports=st.sampled_from([8, 12, 16]),
    oversubscription=st.sampled_from([1.0, 1.5, 3.0]),
    nodes=st.integers(2, 24),
    broken=st.floats(0.0, 0.4),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_a_flow_has_a_whole_route_exactly_where_there_is_a_way_up_and_down(
    kind: type[FatTree] | type[RailOptimized],
    nics: int,
    ports: int,
    oversubscription: float,
    nodes: int,
    broken: float,
    seed: int,
) -> None:
    tree = kind(ports=ports, oversubscription=oversubscription, failover=False)
    try:
        fabric = tree.build(fleet([networked(nics)] * nodes))
    except ValueError:  # more nodes than so few ports can join
        return
    draws = np.random.default_rng(seed)
    src, dst, rail, flow = (draws.integers(most, size=200) for most in (nodes, nodes, nics, 5))
    cables = np.flatnonzero(draws.random(len(fabric.cable_names)) < broken).tolist()
    switches = np.flatnonzero(draws.random(len(fabric.switches)) < broken / 3).tolist()
    up = fabric.links_up(switches, cables)
    assert fabric.routes(src, dst, rail, flow).connected.all()
    routes = fabric.routes(src, dst, rail, flow, up)
    ends = fabric.nics(src, rail), fabric.nics(dst, rail)
    meets = (climbs(fabric, up, 0)[ends[0]] & climbs(fabric, up, 1)[ends[1]]).any(axis=1)
    assert (routes.connected == (meets | (src == dst))).all()
    assert up[routes.links].all()
    turned = routes.links % 2 == 1
    cable_ends = fabric.cable_ends[routes.links // 2]
    begin, end = np.where(turned, cable_ends[:, 1], cable_ends[:, 0]), np.where(turned, *cable_ends.T)
    for index in range(200):
        mine = slice(routes.first[index], routes.first[index + 1])
        if src[index] == dst[index] or not routes.connected[index]:
            assert mine.start == mine.stop
            continue
        assert (begin[mine][1:] == end[mine][:-1]).all()
        assert (begin[mine][0], end[mine][-1]) == (ends[0][index], ends[1][index])
        assert mine.stop - mine.start <= fabric.bounds.diameter_links
