"""Bytes that collectives put on each link of a fabric, by algorithm.

A collective is a list of flows between the places of its group, the same for every group of a job. n ranks, g of them
side by side in each scale-up domain, d domains, a buffer of S bytes at each rank:

    ring            each rank sends the next one 2 (n - 1) / n S
    tree            two binary trees carry half the buffer each, both ways over every edge (Sanders, Speck, Traff 2009;
                    the second is the first mirrored, so that inner ranks of one are leaves of the other, as in NCCL)
    hierarchical    inside the domain over its own links; then rings over domains, one for each of the g places in a
                    domain, each with 2 (d - 1) / d S / g a rank
    all-to-all      each rank sends every other S / n
    point-to-point  each rank sends S to the next, the last to nobody

Flows within a node or a scale-up domain take no link of the fabric.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from ..topology.laid_out.built_fabric import BuiltFabric

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Algorithm = Literal["ring", "tree", "hierarchical", "all-to-all", "point-to-point"]

MOST_SHIFTS = 32
"""Exchanges of an all-to-all that are routed one by one; of more, so many evenly spread ones stand for all. Each rank's
own bytes stay exact; what is spread over the upper tiers is then a sample."""


class GroupFlows(NamedTuple):
    """Flows between places of a group, shape (flows,) each."""

    source: IntArray
    sink: IntArray
    size_b: FloatArray


class LinkBytes(NamedTuple):
    """What passes over links, each named once."""

    links: IntArray
    size_b: FloatArray
    """Bytes on each."""
    connected: bool
    """Whether there is a way for every flow."""
    port_b: FloatArray
    """Bytes that leave over the first link of each way or arrive over the last, by place in `links`; 0 for others."""


def group_flows(algorithm: Algorithm, ranks: int, message_b: float, *, per_domain: int = 1) -> GroupFlows:
    """Return the flows of one collective in a group of `ranks`, of which `per_domain` in turn share a domain.

    `message_b` is the buffer of a rank: of a sum the part that is summed, of an all-to-all all that a rank has for the
    others and itself, of a send what is sent. Rings and trees sum (an all-reduce); a gather or a scatter by ring is
    half of it.
    """
    place = np.arange(ranks)
    if ranks < 2:
        return GroupFlows(place[:0], place[:0], np.zeros(0))
    if algorithm == "ring":
        return ring_flows(ranks, 2.0 * (ranks - 1.0) / ranks * message_b)
    if algorithm == "hierarchical":
        domains = ranks / per_domain
        return ring_flows(ranks, 2.0 * (domains - 1.0) / domains * message_b / per_domain, stride=per_domain)
    if algorithm == "all-to-all":
        return exchange_flows(ranks, (ranks - 1.0) / ranks * message_b)
    if algorithm == "point-to-point":
        return GroupFlows(place[:-1], place[1:], np.full(ranks - 1, message_b))
    child, parent = _tree_edges(ranks)
    # The second tree is the first mirrored, where the ranks are even, or turned by one place.
    other = (ranks - 1 - child, ranks - 1 - parent) if ranks % 2 == 0 else ((child + 1) % ranks, (parent + 1) % ranks)
    source = np.concatenate([child, parent, other[0], other[1]])
    sink = np.concatenate([parent, child, other[1], other[0]])
    return GroupFlows(source, sink, np.full(len(source), message_b / 2.0))


def ring_flows(ranks: int, sent_b: float, *, stride: int = 1) -> GroupFlows:
    """Return flows of `sent_b` from each place to the one `stride` further on, and from the last to the first."""
    place = np.arange(ranks)
    if stride >= ranks:
        return GroupFlows(place[:0], place[:0], np.zeros(0))
    return GroupFlows(place, (place + stride) % ranks, np.full(ranks, sent_b))


def exchange_flows(ranks: int, sent_b: float, *, most_shifts: int = MOST_SHIFTS) -> GroupFlows:
    """Return flows from each place to every other, `sent_b` from each in all.

    Beyond `most_shifts` others only so many evenly spread ones get anything, as much more of it.
    """
    shifts = np.arange(1, ranks)
    if len(shifts) > most_shifts:
        shifts = 1 + np.round(np.linspace(0, ranks - 2, most_shifts)).astype(np.int64)
    place = np.arange(ranks)
    sink = (place[:, None] + shifts[None, :]) % ranks
    return GroupFlows(np.repeat(place, len(shifts)), sink.ravel(), np.full(sink.size, sent_b / len(shifts)))


def collective_routes(
    built: BuiltFabric,
    algorithm: Algorithm,
    node: ArrayLike,
    rail: ArrayLike,
    message_b: float,
    *,
    per_domain: int = 1,
    up: NDArray[np.bool_] | None = None,
) -> LinkBytes:
    """Return the bytes on each link of one collective in every group, shape (groups, ranks) or (ranks,).

    `node` and `rail` say where each rank is; `up` which links are (all where nothing is said).
    """
    nodes, rails = np.atleast_2d(np.asarray(node, np.int64)), np.atleast_2d(np.asarray(rail, np.int64))
    flows = group_flows(algorithm, nodes.shape[1], message_b, per_domain=per_domain)
    return link_bytes(built, [(nodes, rails, flows)], up)


def link_bytes(
    built: BuiltFabric, groups: list[tuple[IntArray, IntArray, GroupFlows]], up: NDArray[np.bool_] | None = None
) -> LinkBytes:
    """Return the bytes on each link of flows in groups (one set or more), with the node and the rail of each rank."""
    source: IntArray = np.concatenate([node[:, flows.source].ravel() for node, _, flows in groups])
    sink: IntArray = np.concatenate([node[:, flows.sink].ravel() for node, _, flows in groups])
    rail: IntArray = np.concatenate([rails[:, flows.source].ravel() for _, rails, flows in groups])
    sink_rail: IntArray = np.concatenate([rails[:, flows.sink].ravel() for _, rails, flows in groups])
    size_b: FloatArray = np.concatenate([np.tile(flows.size_b, len(node)) for node, _, flows in groups])
    domains = built.scale_up
    inside = (domains.domain[source] == domains.domain[sink]) & (domains.bandwidth_b_per_s[source] > 0.0)
    sent = ~(inside | (source == sink)) & (size_b > 0.0)
    source, sink, rail, sink_rail, size_b = source[sent], sink[sent], rail[sent], sink_rail[sent], size_b[sent]
    routes = built.routes(source, sink, rail, np.zeros(len(source), np.int64), up, dst_rail=sink_rail)
    hops = np.diff(routes.first)
    carried_b: FloatArray = np.bincount(routes.links, weights=np.repeat(size_b, hops), minlength=built.links).astype(
        np.float64
    )
    way = hops > 0
    ends = np.concatenate([routes.links[routes.first[:-1][way]], routes.links[routes.first[1:][way] - 1]])
    port_b: FloatArray = np.bincount(ends, weights=np.tile(size_b[way], 2), minlength=built.links).astype(np.float64)
    links = np.flatnonzero(carried_b)
    return LinkBytes(links, carried_b[links], bool(routes.connected.all()), port_b[links])


def _tree_edges(ranks: int) -> tuple[IntArray, IntArray]:
    """Return child and parent of every edge of NCCL's binary tree: rank 0 above, odd ranks are leaves.

    A rank's parent is one power of two away, that of its lowest bit that is set, on the side where the next bit is.
    """
    child = np.arange(1, ranks)
    bit = child & -child
    parent = (child ^ bit) | (bit << 1)
    return child, np.where(parent >= ranks, child ^ bit, parent)
