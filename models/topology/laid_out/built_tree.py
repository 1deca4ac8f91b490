"""A tree of switches laid out for a fleet: cables, switches and their power, and its closed forms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .built_fabric import Bounds, BuiltFabric, Routes
from .scale_up import scale_up_domains
from .switches import Switches, links_by_switch
from .tree_routing import TreeRouting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...fleet import Fleet
    from .leaf_ports import LeafPorts
    from .tree_plan import TreeEquipment, TreeShape


@dataclass(frozen=True, eq=False)
class BuiltTree(BuiltFabric):
    """A tree of switches. Cables: one for each interface, then those of leaves to spines, then of spines to cores."""

    routing: TreeRouting
    failover: bool
    """Whether flows take another rail where their own has no way."""

    def routes(
        self,
        src: NDArray[np.int64],
        dst: NDArray[np.int64],
        rail: NDArray[np.int64],
        flow: NDArray[np.int64],
        up: NDArray[np.bool_] | None = None,
        *,
        dst_rail: NDArray[np.int64] | None = None,
    ) -> Routes:
        other_rail = rail if dst_rail is None else dst_rail
        apart = src != dst
        path, connected = self.routing.paths(self.nics(src, rail), self.nics(dst, other_rail), apart, flow, up)
        if up is not None and self.failover and not connected.all():
            rails = int(np.diff(self.first_nic).max())
            for shift in range(1, rails):
                index = np.flatnonzero(~connected)
                if not len(index):
                    break
                nics = self.nics(src[index], rail[index] + shift), self.nics(dst[index], other_rail[index] + shift)
                path[index], connected[index] = self.routing.paths(*nics, apart[index], flow[index], up)
        taken = path >= 0
        return Routes(np.concatenate([[0], np.cumsum(taken.sum(axis=1))]), path[taken], connected)


def build_tree(fleet: Fleet, ports: LeafPorts, shape: TreeShape, equipment: TreeEquipment) -> BuiltTree:
    """Return a tree of a shape laid out for a fleet, whose interfaces hang on its leaves as `ports` says."""
    switch, node_of_nic, leaf_of_nic = equipment.switch, ports.node_of_nic, ports.leaf_of_nic
    ends = _ends(shape, leaf_of_nic)
    names = _switch_names(shape)
    nic_b_per_s = np.array(
        [model.network.bandwidth.value if model.network else 0.0 for model in fleet.models]
    )[fleet.model][node_of_nic]  # fmt: skip
    port_b_per_s = switch.port_bandwidth.value
    capacity = np.full(len(ends), port_b_per_s)
    capacity[: len(leaf_of_nic)] = np.minimum(nic_b_per_s, port_b_per_s)
    latency = np.full((len(ends), 2), equipment.cable_delay_s + switch.latency.value)
    latency[: len(leaf_of_nic), 0] = equipment.cable_delay_s + equipment.nic_latency_s
    first_link, links_of = links_by_switch(ends, len(leaf_of_nic), len(names))
    optics = np.diff(first_link) // 2
    if equipment.copper_to_nodes:
        optics[: shape.leaves] -= np.bincount(leaf_of_nic, minlength=shape.leaves)
    switches = Switches(
        names=names,
        tier=("leaf",) * shape.leaves + ("spine",) * shape.spines + ("core",) * shape.cores,
        power_w=switch.power.value + switch.transceiver_power.value * optics,
        rated_power_w=np.full(len(names), switch.rated_power.value),
        switch_type=(equipment.switch_type,) * len(names),
        first_link=first_link,
        links_of=links_of,
    )
    return BuiltTree(
        node_names=fleet.node_names,
        first_nic=ports.first_nic,
        nic_word="nic",
        cable_names=_cable_names(shape, names, fleet.node_names, node_of_nic, ports.first_nic),
        cable_ends=ends,
        capacity_b_per_s=np.repeat(capacity, 2),
        latency_s=latency.ravel(),
        switches=switches,
        block=ports.block,
        scale_up=scale_up_domains(fleet),
        bounds=_bounds(shape, float(capacity[: len(leaf_of_nic)].sum()), port_b_per_s),
        routing=TreeRouting(shape, leaf_of_nic),
        failover=equipment.failover,
    )


def _ends(shape: TreeShape, leaf_of_nic: NDArray[np.int64]) -> NDArray[np.int64]:
    nics, leaves, spines = len(leaf_of_nic), shape.leaves, shape.spines
    parts = [np.column_stack([np.arange(nics), nics + leaf_of_nic])]
    if shape.uplinks:
        leaf = np.repeat(np.arange(leaves), shape.uplinks)
        turn = np.tile(np.arange(shape.uplinks), leaves) % shape.spines_per_pod
        spine = leaf // shape.leaves_per_pod * shape.spines_per_pod + turn
        parts.append(np.column_stack([nics + leaf, nics + leaves + spine]))
    if shape.spine_uplinks:
        spine = np.repeat(np.arange(spines), shape.spine_uplinks)
        turn = np.tile(np.arange(shape.spine_uplinks), spines) % shape.cores_per_group
        core = spine % shape.spines_per_pod * shape.cores_per_group + turn
        parts.append(np.column_stack([nics + leaves + spine, nics + leaves + spines + core]))
    return np.concatenate(parts)


def _switch_names(shape: TreeShape) -> tuple[str, ...]:
    """Return leaf-BLOCK or leaf-BLOCK-RAIL, spine-NUMBER or spine-POD-NUMBER, core-GROUP-NUMBER."""
    rails, pods = shape.leaves_per_block, shape.pods
    leaves = [f"leaf-{leaf // rails}-{leaf % rails}" if rails > 1 else f"leaf-{leaf}" for leaf in range(shape.leaves)]
    spines = [
        f"spine-{spine // shape.spines_per_pod}-{spine % shape.spines_per_pod}" if pods > 1 else f"spine-{spine}"
        for spine in range(shape.spines)
    ]
    cores = [f"core-{core // shape.cores_per_group}-{core % shape.cores_per_group}" for core in range(shape.cores)]
    return (*leaves, *spines, *cores)


def _cable_names(
    shape: TreeShape,
    switches: tuple[str, ...],
    nodes: tuple[str, ...],
    node_of_nic: NDArray[np.int64],
    first_nic: NDArray[np.int64],
) -> tuple[str, ...]:
    """Return NODE/nic-NUMBER, LEAF/SPINE or SPINE/CORE, with a number of their own where several run side by side."""
    ranks = (np.arange(len(node_of_nic)) - first_nic[node_of_nic]).tolist()
    names = [f"{nodes[node]}/nic-{rank}" for node, rank in zip(node_of_nic.tolist(), ranks, strict=True)]
    leaves, spines = switches[: shape.leaves], switches[shape.leaves : shape.leaves + shape.spines]
    cores = switches[shape.leaves + shape.spines :]
    width = shape.spines_per_pod
    for index, leaf in enumerate(leaves):
        pod = index // shape.leaves_per_pod
        names += _side_by_side(leaf, spines[pod * width : (pod + 1) * width], shape.uplinks)
    width = shape.cores_per_group
    for index, spine in enumerate(spines):
        group = index % shape.spines_per_pod
        names += _side_by_side(spine, cores[group * width : (group + 1) * width], shape.spine_uplinks)
    return tuple(names)


def _side_by_side(lower: str, uppers: tuple[str, ...], cables: int) -> list[str]:
    if cables <= len(uppers):
        return [f"{lower}/{upper}" for upper in uppers[:cables]]
    return [f"{lower}/{uppers[cable % len(uppers)]}/{cable // len(uppers)}" for cable in range(cables)]


def _bounds(shape: TreeShape, nodes_b_per_s: float, port_b_per_s: float) -> Bounds:
    """Return half of what the narrowest tier carries, and links up and down again between the farthest interfaces.

    The bisection is exact where halves of whole pods, or of the blocks of one pod, are alike (W. J. Dally, B. Towles:
    Principles and Practices of Interconnection Networks, 2004, section 3.1).
    """
    tiers_b_per_s = [nodes_b_per_s]
    if shape.uplinks:
        tiers_b_per_s.append(shape.leaves * shape.uplinks * port_b_per_s)
    if shape.spine_uplinks:
        tiers_b_per_s.append(shape.spines * shape.spine_uplinks * port_b_per_s)
    return Bounds(min(tiers_b_per_s) / 2.0, 2 * len(tiers_b_per_s))
