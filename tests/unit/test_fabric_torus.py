"""Tori: closed forms against networkx, where nodes lie, and what is refused."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from hall import fleet
from models import catalog
from models.topology.laid_out.built_fabric import BuiltFabric
from models.topology.torus import Torus

GB_PER_S = 1e9


def tpu(count: int, **given: object) -> BuiltFabric:
    return Torus.model_validate(given).build(fleet([catalog.entry("nodes", "tpu-v4-host")] * count))


@pytest.mark.parametrize(
    ("sizes", "wraps", "links", "diameter"),
    [((4, 4, 4), True, 32, 6), ((4, 4, 8), True, 32, 8), ((4, 4), True, 8, 4), ((4, 4, 4), False, 16, 9)],
)
def test_bisection_and_diameter(sizes: tuple[int, ...], wraps: bool, links: int, diameter: int) -> None:
    # W. J. Dally, B. Towles (2004): 2 N / k links of one direction cross the middle of a k-ary torus, N / k of a mesh.
    nodes = int(np.prod(sizes)) // 4
    fabric = tpu(nodes, dimensions=sizes, wraps=wraps, cube=sizes)
    assert fabric.bounds.bisection_b_per_s == links * 50 * GB_PER_S  # 300 GB/s over six links
    graph = fabric.graph()
    chips = graph.subgraph(name for name, given in graph.nodes(data=True) if given["tier"] == "chip")
    assert fabric.bounds.diameter_links == diameter == nx.diameter(chips)
    # The nodes follow each other along the last axis, which is the longest: its halves are the first and last nodes.
    split = graph.copy()
    for index, name in enumerate(fabric.node_names):
        split.add_edge("source" if index < nodes // 2 else "sink", name)
    flow, _ = nx.maximum_flow(split, "source", "sink", capacity="capacity_b_per_s")
    assert flow == pytest.approx(fabric.bounds.bisection_b_per_s, rel=1e-12)


def test_the_links_of_a_two_dimensional_torus_share_its_bandwidth_by_four() -> None:
    host = catalog.entry("nodes", "tpu-v5e-host")
    fabric = Torus(dimensions=(16, 16)).build(fleet([host] * 32))
    assert set(fabric.capacity_b_per_s.tolist()) == {50 * GB_PER_S}  # 200 GB/s over four links
    assert len(fabric.cable_names) == 2 * 256


def test_nodes_of_a_rack_fill_a_cube() -> None:
    fabric = tpu(32, dimensions=[4, 4, 8])
    for rack in (range(16), range(16, 32)):
        chips = np.arange(fabric.first_nic[rack[0]], fabric.first_nic[rack[-1] + 1])
        place = fabric.routing.place[:, chips]  # type: ignore[attr-defined]
        assert (place.max(axis=1) - place.min(axis=1)).tolist() == [3, 3, 3]


def test_every_accelerator_of_a_torus_has_a_cable_each_way_along_each_axis() -> None:
    fabric = tpu(48, dimensions=[4, 4, 12])
    assert set(np.bincount(fabric.cable_ends.ravel()).tolist()) == {6}
    assert len(set(fabric.cable_names)) == len(fabric.cable_names) == 3 * 192


@pytest.mark.parametrize(
    ("count", "given", "words"),
    [
        (15, {"dimensions": [4, 4, 4]}, "a torus of 4 x 4 x 4 joins 64 accelerators; its nodes have 60"),
        (9, {"dimensions": [3, 12]}, "nodes of 4 x 1 x 1 accelerators do not divide a torus of 3 x 12 x 1"),
        (16, {"dimensions": [4, 4, 4], "node_dimensions": [2, 1, 1]}, "hold 2 accelerators; a node has 4"),
        (16, {"dimensions": [4, 4, 4], "cube": [3, 4, 4]}, "a 'cube' of 3 x 4 x 4 does not divide"),
    ],
)
def test_a_torus_that_does_not_fit_its_nodes_is_refused(count: int, given: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        tpu(count, **given)


def test_accelerators_without_links_of_a_torus_are_refused() -> None:
    with pytest.raises(ValueError, match="the links of 'h100-sxm' are no torus; give 'link_bandwidth'"):
        Torus(dimensions=(8, 2)).build(fleet([catalog.entry("nodes", "dgx-h100")] * 2))


def test_a_torus_joins_nodes_of_one_type() -> None:
    kinds = [catalog.entry("nodes", "tpu-v4-host")] * 2 + [catalog.entry("nodes", "tpu-v5p-host")] * 2
    with pytest.raises(ValueError, match="a torus joins equal nodes; its nodes are of the types m0, m1"):
        Torus(dimensions=(4, 4)).build(fleet(kinds))
