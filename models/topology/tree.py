"""What trees of switches have in common: which switches, how many of each, and what hangs on which.

A tree has leaf switches, to which nodes are connected, spine switches that join the leaves of a pod, and core switches
that join the pods. Spine i of every pod goes to the cores of group i, as in M. Al-Fares, A. Loukissas, A. Vahdat: A
Scalable, Commodity Data Center Network Architecture, SIGCOMM 2008, whose k-ary fat tree is the case of k ports, k pods
and no oversubscription.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ..catalog_files import InCatalog, read_entry
from ..switches.switch import Switch
from ..units import Duration, quantity
from .fabric import Fabric
from .laid_out.tree_plan import TreeEquipment, TreeShape

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..fleet import Fleet
    from .laid_out.built_tree import BuiltTree

_ROUNDING = 1e-9  # of a ratio that is written as a decimal number


class Tree(Fabric):
    """A tree of equal switches."""

    switch: Annotated[str, InCatalog("switches")] = "quantum-2-qm9700"
    """The switch, of the catalogue. The default is that of most halls of 400 Gb/s (assumption)."""
    ports: int | None = Field(default=None, ge=2)
    """How many ports of each switch are used; all that it has if nothing is said."""
    nodes_per_block: int | None = Field(default=None, ge=1)
    """Nodes that share their leaf switches; as many as fill them if nothing is said."""
    oversubscription: float = Field(default=1.0, ge=1.0, le=64.0)
    """Bandwidth from leaves down to nodes over bandwidth up to spines; 1 for none (assumption, as in NVIDIA's DGX
    SuperPOD reference architecture)."""
    pod_oversubscription: float = Field(default=1.0, ge=1.0, le=64.0)
    """The same of spines, where there are cores above them; the cluster on which Llama 3 was trained has 7 (Grattafiori
    et al., 2024)."""
    tiers: Literal[1, 2, 3] | None = None
    """Tiers of switches: 1 is leaves alone, which nothing joins, 2 adds spines, 3 adds cores; as few as join all nodes
    if nothing is said."""
    failover: bool = True
    """Whether a flow whose own rail is out takes the next one that is not: accelerators hand it over within their node,
    and back. Assumption: collectives are set up over the interfaces that work, as NCCL does when a job starts anew."""
    node_cables: Literal["optical", "copper"] = "optical"
    """What nodes are connected with. Copper draws nothing and reaches 2 to 3 m; switches are joined by optical cables.
    Assumption: leaves stand farther off."""
    cable_delay: Duration = quantity("100 ns")
    """s that light takes along a cable: 20 m at 5 ns/m (assumption)."""
    nic_latency: Duration = quantity("600 ns")
    """s that an interface takes to send (assumption: reports of 0.6 us for InfiniBand adapters, end to end)."""

    def build(self, fleet: Fleet) -> BuiltTree:
        """Return the tree laid out for a fleet; raises ValueError where its switches do not suffice."""
        from .laid_out.built_tree import build_tree
        from .laid_out.leaf_ports import leaf_ports

        nics = self.nics_of(fleet)
        joined = nics[nics > 0]
        spread = self.leaves_per_block(joined)
        ports = leaf_ports(nics, self.blocks(joined), spread)
        return build_tree(fleet, ports, self.shape(ports.blocks, spread, ports.most_down), self.equipment)

    @property
    def equipment(self) -> TreeEquipment:
        """What it is made of."""
        return TreeEquipment(
            self.switch,
            self.switch_entry,
            self.node_cables == "copper",
            self.cable_delay,
            self.nic_latency,
            self.failover,
        )

    @property
    def switch_entry(self) -> Switch:
        """The switch, read from the catalogue."""
        return read_entry("switches", self.switch, Switch)

    @property
    def ports_used(self) -> int:
        """How many ports of each switch are used; raises ValueError where it has fewer."""
        have = self.switch_entry.ports
        if self.ports is not None and self.ports > have:
            raise ValueError(f"'ports' is {self.ports}; allowed: at most the {have} of '{self.switch}'")
        return self.ports or have

    def nics_of(self, fleet: Fleet) -> NDArray[np.int64]:
        """Return how many interfaces of each node hang on the tree; raises ValueError where a node has none."""
        import numpy as np

        counts = np.array([model.network.count if model.network else 0 for model in fleet.models], np.int64)
        members = self.members(fleet)
        missing = np.flatnonzero(members & (counts[fleet.model] == 0))
        if len(missing):
            node_type = fleet.model_names[fleet.model[missing[0]]]
            raise ValueError(
                f"node '{fleet.node_names[missing[0]]}' of type '{node_type}' has no network interfaces; give its type "
                "a 'network', or say with 'groups' which nodes the fabric joins"
            )
        nics: NDArray[np.int64] = np.where(members, counts[fleet.model], 0)
        return nics

    @abstractmethod
    def leaves_per_block(self, nics: NDArray[np.int64]) -> int:
        """Return over how many leaves the nodes of a block are spread; `nics` are the interfaces of each node."""

    def blocks(self, nics: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the block of each node, in order; raises ValueError where a leaf has too few ports for one."""
        import numpy as np

        ports = self.ports_used
        per_leaf = -(-nics // self.leaves_per_block(nics))  # ports that a node takes of its most used leaf
        if self.nodes_per_block is not None:
            return np.arange(len(nics)) // self.nodes_per_block
        alone = self.tiers == 1 or (self.tiers is None and self.leaves_per_block(nics) == 1)
        if alone and per_leaf.sum() <= ports:
            return np.zeros(len(nics), np.int64)
        _, down = split_ports(ports, self.oversubscription)
        if per_leaf.max() > down:
            raise ValueError(f"a node takes {per_leaf.max()} ports of a leaf, which has {down} for nodes")
        if (per_leaf == per_leaf[0]).all():
            return np.arange(len(nics)) // (down // int(per_leaf[0]))
        block = np.zeros(len(nics), np.int64)
        number, filled = 0, 0
        for node, taken in enumerate(per_leaf.tolist()):
            if filled + taken > down:
                number, filled = number + 1, 0
            block[node] = number
            filled += taken
        return block

    def shape(self, blocks: int, spread: int, down: int) -> TreeShape:
        """Return the fewest equal switches that join so many blocks of `spread` leaves with `down` ports to nodes.

        Raises ValueError where the ports do not suffice.
        """
        ports, leaves = self.ports_used, blocks * spread
        if self.tiers == 1 or (self.tiers is None and leaves == 1 and down <= ports):
            if blocks > 1 or down > ports:
                raise ValueError(
                    f"the nodes of each of {blocks} blocks take {down} ports of a leaf; one tier of '{self.switch}' "
                    f"has one block of {ports} ports; allowed: 'tiers' of 2 or 3"
                )
            return TreeShape(1, spread, spread, 0, 1, 0, 1)
        up = up_ports(down, self.oversubscription)
        if down + up > ports:
            raise ValueError(
                f"the nodes of a block take {down} ports of each leaf, and {up} go up; allowed: together at most the "
                f"{ports} ports of '{self.switch}'"
            )
        if self.tiers in (None, 2) and leaves <= ports:
            spines = next(count for count in _divisors(up) if leaves * (up // count) <= ports)
            return TreeShape(blocks, spread, leaves, up, spines, 0, 1)
        if self.tiers == 2:
            raise ValueError(
                f"two tiers of '{self.switch}' with {ports} ports join {ports} leaves; the nodes need {leaves}; "
                "allowed: 'tiers: 3', more ports, or fewer nodes"
            )
        spine_up, spine_down = split_ports(ports, self.pod_oversubscription)
        per_pod = spine_down // spread * spread
        if per_pod == 0:
            raise ValueError(f"a spine has {spine_down} ports down; allowed: at least the {spread} leaves of a block")
        pods = -(-leaves // per_pod)
        if pods > ports:
            raise ValueError(
                f"three tiers of '{self.switch}' with {ports} ports join {ports} pods of {per_pod} leaves; the nodes "
                f"need {leaves} leaves; allowed: more ports, or fewer nodes"
            )
        cores = next(count for count in _divisors(spine_up) if pods * (spine_up // count) <= ports)
        return TreeShape(blocks, spread, per_pod, up, up, spine_up, cores)


def split_ports(ports: int, oversubscription: float) -> tuple[int, int]:
    """Return how many ports of a switch go up, and how many down.

    >>> split_ports(64, 1.0), split_ports(64, 3.0), split_ports(64, 7.0)
    ((32, 32), (16, 48), (8, 56))
    """
    up = max(int(ports / (1.0 + oversubscription) + _ROUNDING), 1)
    return up, min(ports - up, int(up * oversubscription + _ROUNDING))


def up_ports(down: int, oversubscription: float) -> int:
    """Return how many ports up go with so many down."""
    return math.ceil(down / oversubscription - _ROUNDING)


def _divisors(number: int) -> list[int]:
    return [count for count in range(1, number + 1) if number % count == 0]
