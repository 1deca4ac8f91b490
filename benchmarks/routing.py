"""Routes of a job over the whole fabric, with all of it in service, and around what is out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models import catalog
from models.fleet import Fleet
from models.topology.fabric import Fabric
from models.topology.fat_tree import FatTree
from models.topology.rail_optimized import RailOptimized
from models.topology.torus import Torus

from .figure import Figure, median_cpu_s

NODES = 2048
FLOWS = 16_384


def measure(runs: int) -> Iterator[Figure]:
    """Yield how long 16,384 routes between 2,048 nodes take, each node with a partner of its own."""
    for topology, node_type, rails in (
        (RailOptimized(), "dgx-h100", 8),
        (FatTree(), "dgx-h100", 8),
        (Torus(dimensions=(16, 16, 32)), "tpu-v4-host", 4),
    ):
        yield from _routes(topology, node_type, rails, runs)


def _routes(topology: Fabric, node_type: str, rails: int, runs: int) -> Iterator[Figure]:
    fleet = _fleet(node_type)
    built = topology.build(fleet)
    rng = np.random.default_rng(1)
    src = np.repeat(np.arange(NODES), FLOWS // NODES)
    dst = rng.permutation(NODES)[src]
    rail, flow = np.tile(np.arange(FLOWS // NODES) % rails, NODES), np.zeros(FLOWS, np.int64)
    given = (src, dst, rail, flow)

    def one_by_one() -> None:
        for index in range(0, FLOWS, 256):
            one = slice(index, index + 1)
            built.routes(src[one], dst[one], rail[one], flow[one])

    kind = str(getattr(topology, "kind", ""))
    alone_s = median_cpu_s(one_by_one, runs) * 256
    yield Figure(
        f"routing: {FLOWS:,} flows, {kind}",
        1e3 * median_cpu_s(lambda: built.routes(*given), 5 * runs),
        "CPU-ms",
        target=10.0,
        reference=1e3 * alone_s,
        reference_name="one by one",
    )
    cables = rng.choice(len(built.cable_names), size=20, replace=False).tolist()
    up = built.links_up([len(built.switches) - 1] if len(built.switches) else [], cables)
    yield Figure(
        f"routing: the same around 20 cables and a switch, {kind}",
        1e3 * median_cpu_s(lambda: built.routes(*given, up), 5 * runs),
        "CPU-ms",
        reference=1e3 * alone_s,
        reference_name="one by one",
        covers="cables alone in a torus" if not len(built.switches) else "",
    )


def _fleet(node_type: str) -> Fleet:
    racks = NODES // 4
    return Fleet(
        node_names=tuple(f"node-{index}" for index in range(NODES)),
        model_names=(node_type,),
        models=(catalog.entry("nodes", node_type),),
        model=np.zeros(NODES, np.int64),
        rack_names=tuple(f"rack-{index}" for index in range(racks)),
        rack_power_w=np.zeros(racks),
        rack=np.arange(NODES) // 4,
        group=("all",) * NODES,
        commission_s=np.zeros(NODES),
        retire_s=np.full(NODES, np.inf),
        retire_drains=np.zeros(NODES, np.bool_),
    )
