"""The accelerators that a job runs on, how they are joined, and which of them form each parallel group."""

from __future__ import annotations

import functools
from typing import NamedTuple

from ...calibration.network import Network, port_traffic_b
from ...calibration.operations.collectives import CollectiveName
from ...nodes.node import Node
from ...problems import InputError, Problem
from ...racks.rack import Rack
from .layout import Layout


class Machines(NamedTuple):
    """Equal accelerators, joined in scale-up domains by links and between domains by a network."""

    accelerators: int
    """How many."""
    domain: int
    """How many one scale-up domain joins."""
    node: int
    """How many share a node, and so a fate as a straggler."""
    network: Network | None
    """The network between domains; None where there is none."""


def machines_of(node: Node, accelerators: int, *, rack: Rack | None = None) -> Machines:
    """Return accelerators of equal nodes; a rack may join more than a node in a scale-up domain.

    The network's bandwidth of an accelerator is its share of the node's interfaces.
    """
    if node.accelerators == 0:
        raise InputError(Problem("", "node", f"'{node.title}' has no accelerators to train on"))
    network = None
    if node.network:
        network = Network(node.network.count * node.network.bandwidth.value / node.accelerators)
    domain = rack.scale_up_accelerators if rack else node.accelerators
    return Machines(accelerators, max(domain, 1), node.accelerators, network)


class ParallelGroup(NamedTuple):
    """Ranks that exchange with each other."""

    ranks: int
    per_domain: int
    """How many of them lie in one scale-up domain."""


def parallel_groups(layout: Layout, machines: Machines) -> dict[str, ParallelGroup]:
    """Return the groups of a layout. Ranks count fastest along tensor, then context, data and pipeline (Megatron-LM);
    those of experts along expert_tensor, expert, copies and pipeline.
    """
    stage = machines.accelerators // layout.pipeline
    experts = layout.expert * layout.expert_tensor
    strides = {
        "tensor": (layout.tensor, 1),
        "context": (layout.context, layout.tensor),
        "data": (stage // layout.tensor, layout.tensor),
        "expert_tensor": (layout.expert_tensor, 1),
        "expert": (layout.expert, layout.expert_tensor),
        "expert_data": (stage // experts, experts),
        "pipeline": (layout.pipeline, stage),
    }
    return {
        name: ParallelGroup(ranks, min(max(machines.domain // stride, 1), ranks))
        for name, (ranks, stride) in strides.items()
    }


def sent_b(collective: CollectiveName, message_b: float, group: ParallelGroup) -> tuple[float, float]:
    """Return what one rank sends over scale-up links and over the network in a collective [B].

    Between domains as `models.calibration.network` counts it, rings for sums and gathers. In an all-to-all each pair of
    ranks has its own part. A send goes to the next rank, and what is returned is the mean over ranks.
    """
    links, network = _sent_share(collective, group)
    return links * message_b, network * message_b


@functools.cache
def _sent_share(collective: CollectiveName, group: ParallelGroup) -> tuple[float, float]:
    ranks, inside = float(group.ranks), float(group.per_domain)
    if ranks <= 1.0:
        return 0.0, 0.0
    if collective == "point_to_point":
        out = 1.0 / inside if inside < ranks else 0.0  # To the next rank: the last of a domain leaves it.
        return 1.0 - out, out
    network = float(port_traffic_b(collective, 1.0, ranks=ranks, ranks_per_domain=group.per_domain))
    if collective == "all_to_all":
        return (inside - 1.0) / ranks, network
    passes = 2.0 if collective == "all_reduce" else 1.0
    return passes * (inside - 1.0) / inside, network
