"""What work of a sort moves on the nodes of a hall: what controls are weighed against."""

from __future__ import annotations

from .. import catalog
from ..nodes.node import Node
from .moved_bytes import MovedBytes, NodeWork
from .security import Security, WorkClass, WorkMoved


def node_work(
    section: Security,
    sort: WorkClass,
    node: Node,
    nodes: int,
    *,
    network_b_per_s: float | None = None,
    storage_simulated: bool = False,
) -> NodeWork:
    """Return what work of a sort moves on a node of a type, in a hall of so many nodes.

    `network_b_per_s` is what each node sends, where it is known better than from the section. Typical work moves no
    more than the node's ports carry; bytes that the scenario states must fit them. Storage that is simulated
    slows its readers by itself.
    """
    given: WorkMoved = getattr(section, sort)
    ports = node.network
    port_b_per_s = 0.0 if ports is None else ports.count * ports.bandwidth.value
    return NodeWork(
        moved=_moved(given, port_b_per_s, network_b_per_s),
        nodes=nodes,
        cpu_cores=float(node.cpu_cores),
        accelerators=node.accelerators,
        host_b_per_s=_host_b_per_s(node),
        port_b_per_s=port_b_per_s,
        storage_b_per_s=0.0 if storage_simulated else section.storage_per_node or 0.0,
    )


def _moved(given: WorkMoved, port_b_per_s: float, network_b_per_s: float | None) -> MovedBytes:
    moved = given.bytes
    if given.like is None:
        return moved
    network = moved.network if network_b_per_s is None else network_b_per_s
    return moved.model_copy(update={"network": min(network, port_b_per_s) if port_b_per_s else network})


def _host_b_per_s(node: Node) -> float:
    if isinstance(node.accelerator, str):
        host = catalog.entry("accelerators", node.accelerator).host_bandwidth
        if host is not None:
            return float(host.value)
    return NodeWork.host_b_per_s
