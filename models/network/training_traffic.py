"""What a step of training sends over a fabric: by parallel group, and on each link from where the job stands.

Ranks count through the accelerators of the job's nodes in order; accelerator k of a node sends over rail k. Sums and
gathers go round rings over scale-up domains, one for each place in a domain, as NCCL lays them; experts exchange with
all; stages send to the next and gradients back. A step's bytes are those of `TrainingStep.sent_b`, so that what a job
puts on its ports is what its step time was computed from.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .collective_traffic import FloatArray, GroupFlows, IntArray, LinkBytes, exchange_flows, link_bytes, ring_flows

if TYPE_CHECKING:
    from ..topology.laid_out.built_fabric import BuiltFabric
    from ..workload.training.layout import Layout
    from ..workload.training.machines import Machines

_GROUPS = {
    "all_reduce": ("data", "expert_data", "tensor", "expert_tensor"),
    "reduce_scatter": ("data", "expert_data", "tensor", "expert_tensor"),
    "all_gather": ("data", "expert_data", "tensor", "expert_tensor"),
    "all_to_all": ("expert",),
    "point_to_point": ("pipeline", "context"),
}
"""The groups that a collective may be of, the likeliest first."""


_ROUNDING = 1e-9
"""Share by which two sums of the same bytes may differ."""


class GroupTraffic(NamedTuple):
    """What every rank of a job sends over the network in a step, on the mean, in groups of equal shape."""

    collective: str
    group: str
    ranks: int
    stride: int
    """From one rank of a group to the next, in ranks of the job."""
    per_domain: int
    """How many in turn share a scale-up domain."""
    sent_b: float
    """Bytes of a rank in a step."""


class JobUse(NamedTuple):
    """What a placed job puts on links."""

    links: IntArray
    step_b: FloatArray
    """Bytes of a step on each link."""
    own: NDArray[np.bool_]
    """Whether a link is an interface of the job's own nodes alone: nobody else's job passes there."""
    least_s: float
    """Time that the fullest link needs for a step's bytes, as it is [s]; infinite where a link is out."""
    nominal_s: float
    """The same of the fullest interface alone, at its full rate [s]: what the step's own model counts on."""
    weight: float
    """Flows of the job on its fullest link: bytes there over the most of any interface, 1 or more."""

    def speed(self, step_s: float) -> float:
        """Return how fast the job can step here over how fast its model says, 0 to 1.

        step = computing + exposed communication. What hides beside computing stays hidden as far as it was: time that a
        narrower way adds shows in full. So a step takes `step_s` + max(`least_s` - `nominal_s`, 0).
        """
        return step_s / (step_s + max(self.least_s - self.nominal_s, 0.0))


def training_traffic(
    layout: Layout, sent_b: Mapping[tuple[str, str], float], machines: Machines
) -> tuple[GroupTraffic, ...]:
    """Return what a step (`TrainingStep.sent_b`) sends over the network, by collective and the group that does.

    Of the groups that may do a collective, the first that reaches beyond a scale-up domain is taken to send all of it
    (assumption): bytes of dense and expert gradients, of stages and contexts are not told apart in the sum.
    """
    from ..workload.training.machines import parallel_groups

    groups = parallel_groups(layout, machines)
    experts = layout.expert * layout.expert_tensor
    strides = {
        "tensor": 1,
        "context": layout.tensor,
        "data": layout.tensor,
        "expert_tensor": 1,
        "expert": layout.expert_tensor,
        "expert_data": experts,
        "pipeline": machines.accelerators // layout.pipeline,
    }
    found = []
    for (link, collective), size_b in sent_b.items():
        if link != "network" or size_b <= 0.0:
            continue
        for name in _GROUPS[collective]:
            group = groups[name]
            if group.ranks > group.per_domain:
                found.append(GroupTraffic(collective, name, group.ranks, strides[name], group.per_domain, size_b))
                break
    return tuple(found)


def job_use(
    built: BuiltFabric,
    nodes: IntArray,
    traffic: Iterable[GroupTraffic],
    *,
    up: NDArray[np.bool_] | None = None,
    wraps: bool = False,
) -> JobUse | None:
    """Return what a job on `nodes`, in order of rank, puts on each link in a step; None where nodes are cut off.

    All nodes have as many accelerators as the first. `up` are the links that work; `wraps` says that the last stage
    sends to the first too (interleaved stages). Where groups do not fill the nodes evenly the ranks left over send
    nothing.
    """
    per_node = max(int(built.scale_up.accelerators[nodes[0]]), 1)
    node, rail = np.repeat(nodes, per_node), np.tile(np.arange(per_node), len(nodes))
    placed: list[tuple[IntArray, IntArray, GroupFlows]] = []
    for each in traffic:
        block = each.ranks * each.stride
        whole = len(node) // block * block
        if whole == 0:
            continue
        members = np.arange(whole).reshape(-1, each.ranks, each.stride).transpose(0, 2, 1).reshape(-1, each.ranks)
        placed.append((node[members], rail[members], _flows(each, wraps)))
    if not placed:
        empty = np.zeros(0, np.int64)
        return JobUse(empty, np.zeros(0), empty > 0, 0.0, 0.0, 1.0)
    found = link_bytes(built, placed, up)
    return _use(built, found) if found.connected else None


def _use(built: BuiltFabric, found: LinkBytes) -> JobUse:
    if not len(found.links):
        return JobUse(found.links, found.size_b, found.size_b > 0.0, 0.0, 0.0, 1.0)
    capacity = built.capacity_b_per_s[found.links]
    return JobUse(
        found.links,
        found.size_b,
        found.port_b >= found.size_b * (1.0 - _ROUNDING),
        least_s=float((found.size_b / capacity).max()),
        nominal_s=float((found.port_b / capacity).max()),
        weight=max(float(found.size_b.max() / found.port_b.max()), 1.0),
    )


def _flows(traffic: GroupTraffic, wraps: bool) -> GroupFlows:
    if traffic.collective == "all_to_all":
        return _beyond_domain(traffic)
    if traffic.collective != "point_to_point":
        return ring_flows(traffic.ranks, traffic.sent_b, stride=traffic.per_domain)
    if traffic.group == "context":  # Keys and values go round a ring; only the last of a domain leaves it.
        on = ring_flows(traffic.ranks, traffic.sent_b * traffic.per_domain)
        leaves = on.source % traffic.per_domain == traffic.per_domain - 1
        return GroupFlows(on.source[leaves], on.sink[leaves], on.size_b[leaves])
    on = ring_flows(traffic.ranks, traffic.sent_b / 2.0)
    kept = slice(None) if wraps else slice(traffic.ranks - 1)
    source, sink, size_b = on.source[kept], on.sink[kept], on.size_b[kept]
    return GroupFlows(np.concatenate([source, sink]), np.concatenate([sink, source]), np.tile(size_b, 2))


def _beyond_domain(traffic: GroupTraffic) -> GroupFlows:
    """Return flows from each rank to those of other domains, `sent_b` from each in all."""
    flows = exchange_flows(traffic.ranks, traffic.sent_b)
    beyond = flows.source // traffic.per_domain != flows.sink // traffic.per_domain
    source, sink = flows.source[beyond], flows.sink[beyond]
    count = np.bincount(source, minlength=traffic.ranks)
    return GroupFlows(source, sink, traffic.sent_b / count[source])
