"""A fabric laid out for a fleet: its links as arrays, and routes over them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    import networkx
    import numpy as np
    from numpy.typing import NDArray

    from .scale_up import ScaleUpDomains
    from .switches import Switches


class Routes(NamedTuple):
    """The links that flows take: flow i takes `links[first[i]:first[i + 1]]`, in order from its source.

    A flow within a node takes none and is connected; one that nothing can carry takes none and is not.
    """

    first: NDArray[np.int64]
    """Shape (flows + 1,): where each flow's links begin in `links`."""
    links: NDArray[np.int64]
    """Indices of links."""
    connected: NDArray[np.bool_]
    """Shape (flows,): whether there is a way."""


class Bounds(NamedTuple):
    """What a topology promises when all of it works."""

    bisection_b_per_s: float
    """B/s that one half of the nodes can send to the other at once, at the worst choice of halves of whole blocks."""
    diameter_links: int
    """Links between the two interfaces (in a torus: accelerators) that lie farthest apart."""


@dataclass(frozen=True, eq=False)
class BuiltFabric(ABC):
    """Links, switches and interfaces of a fabric, by index.

    A cable carries two links, one each way: link 2c runs up (in a torus: towards higher coordinates) on cable c, link
    2c + 1 runs back. Interfaces of node i (in a torus: its accelerators) are `first_nic[i]` to `first_nic[i + 1]`; a
    node that the fabric does not join has none.
    """

    node_names: tuple[str, ...]
    """The fleet's nodes."""
    first_nic: NDArray[np.int64]
    """Shape (nodes + 1,): where each node's interfaces begin."""
    nic_word: str
    """What an interface is called: `nic`, in a torus `chip`."""
    cable_names: tuple[str, ...]
    """A name for each cable: its two ends, the one that belongs to a node alone where it hangs on one."""
    cable_ends: NDArray[np.int64]
    """Shape (cables, 2): from where to where link 2c runs; interfaces by index, then switches."""
    capacity_b_per_s: NDArray[np.float64]
    """Shape (links,): B/s of each link."""
    latency_s: NDArray[np.float64]
    """Shape (links,): s from where a link begins to where the next does: the cable, and what feeds it."""
    switches: Switches
    """Its switches: names, tier, power."""
    block: NDArray[np.int64]
    """Shape (nodes,): where a node stands, for placement. Nodes of one block reach each other over leaf switches alone;
    in a torus it is the position of `torus_position`. -1 where the fabric does not join the node."""
    scale_up: ScaleUpDomains
    """Which nodes' accelerators are joined by a faster network of their own, such as NVLink. The links of a torus are
    that network: its domains are nodes."""
    bounds: Bounds
    """Bisection and diameter with all of it in service."""

    @property
    def nodes(self) -> int:
        """How many nodes the fleet has, those among them that the fabric does not join."""
        return len(self.first_nic) - 1

    @property
    def links(self) -> int:
        """How many links there are: two for each cable."""
        return len(self.capacity_b_per_s)

    def link_name(self, link: int) -> str:
        """Return the name of a link: its cable, and which way it runs."""
        return f"{self.cable_names[link // 2]} {('up', 'down')[link % 2]}"

    def nics(self, nodes: NDArray[np.int64], rail: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return which interface a node uses on a rail: the rail's number modulo how many it has; -1 where none."""
        import numpy as np

        count = self.first_nic[nodes + 1] - self.first_nic[nodes]
        chosen: NDArray[np.int64] = np.where(count > 0, self.first_nic[nodes] + rail % np.maximum(count, 1), -1)
        return chosen

    @abstractmethod
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
        """Return the routes of flows from node `src` to node `dst`, all of shape (flows,).

        `rail` says over which interface (in a torus: from and to which accelerator) of both nodes a flow goes, unless
        the destination has another in `dst_rail`. `flow` tells flows of one pair apart, such as a connection's port:
        it goes into the hash that spreads flows over equal paths, and the same flow always takes the same path. `up`
        (links,) is false for links that are out; flows go round them where there is a way.
        """

    def joined(self, up: NDArray[np.bool_] | None = None) -> NDArray[np.int64]:
        """Return a number for each interface: equal for those that hang together over cables that are up both ways.

        Routes never go down and up again, so that flows between such interfaces may still find no way.
        """
        import numpy as np
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        alive = np.ones(len(self.cable_ends), np.bool_) if up is None else up[0::2] & up[1::2]
        ends = self.cable_ends[alive]
        size = int(self.first_nic[-1]) + len(self.switches)
        matrix = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(size, size))
        _, labels = connected_components(matrix, directed=False)
        numbers: NDArray[np.int64] = labels[: self.first_nic[-1]].astype(np.int64)
        return numbers

    def links_up(self, switches_out: Sequence[int] = (), cables_out: Sequence[int] = ()) -> NDArray[np.bool_]:
        """Return which links are in service while some switches and cables are not; shape (links,)."""
        import numpy as np

        up = np.ones(self.links, np.bool_)
        for switch in switches_out:
            up[self.switches.links(switch)] = False
        for cable in cables_out:
            up[2 * cable : 2 * cable + 2] = False
        return up

    def graph(self) -> networkx.Graph:
        """Return nodes, interfaces, switches and cables as a graph.

        Vertices have `tier` (node, nic, chip, leaf, spine, core) and `power_w`, what the fabric draws there. Edges have
        `capacity_b_per_s` each way, `latency_s` and `cables`, parallel ones taken together; those between a node and
        its own interfaces have none of these, which networkx takes as unbounded.
        """
        import networkx as nx

        graph = nx.Graph()
        names: list[str] = []
        for node, name in enumerate(self.node_names):
            count = int(self.first_nic[node + 1] - self.first_nic[node])
            if count == 0:
                continue
            graph.add_node(name, tier="node", power_w=0.0)
            for index in range(count):
                names.append(f"{name}/{self.nic_word}-{index}")
                graph.add_node(names[-1], tier=self.nic_word, power_w=0.0)
                graph.add_edge(name, names[-1])
        names += self.switches.names
        for name, tier, power_w in zip(
            self.switches.names, self.switches.tier, self.switches.power_w.tolist(), strict=True
        ):
            graph.add_node(name, tier=tier, power_w=power_w)
        for cable, (lower, upper) in enumerate(self.cable_ends.tolist()):
            capacity_b_per_s, latency_s = float(self.capacity_b_per_s[2 * cable]), float(self.latency_s[2 * cable])
            edge = graph.get_edge_data(names[lower], names[upper])
            if edge is None:
                graph.add_edge(
                    names[lower], names[upper], capacity_b_per_s=capacity_b_per_s, latency_s=latency_s, cables=1
                )
            else:
                edge["capacity_b_per_s"] += capacity_b_per_s
                edge["cables"] += 1
        return graph
