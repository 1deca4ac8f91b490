"""Which leaf switch each interface of a fleet hangs on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class LeafPorts(NamedTuple):
    """The interfaces of a tree, in the order of their nodes, and the leaves that they hang on."""

    block: NDArray[np.int64]
    """Shape (nodes,): the block of each node; -1 where the tree does not join it."""
    first_nic: NDArray[np.int64]
    """Shape (nodes + 1,): where each node's interfaces begin."""
    node_of_nic: NDArray[np.int64]
    leaf_of_nic: NDArray[np.int64]

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return int(self.block.max()) + 1

    @property
    def most_down(self) -> int:
        """Ports to nodes of the leaf that has most."""
        return int(np.bincount(self.leaf_of_nic).max())


def leaf_ports(nics: NDArray[np.int64], blocks: NDArray[np.int64], spread: int) -> LeafPorts:
    """Return the leaves of `nics` interfaces of each node (0: not joined), in turn the `spread` leaves of its block.

    `blocks` are those of the nodes that are joined, in order.
    """
    block = np.full(len(nics), -1, np.int64)
    block[np.flatnonzero(nics)] = blocks
    first_nic = np.concatenate([[0], np.cumsum(nics)])
    node_of_nic = np.repeat(np.arange(len(nics)), nics)
    leaf_of_nic = block[node_of_nic] * spread + (np.arange(len(node_of_nic)) - first_nic[node_of_nic]) % spread
    return LeafPorts(block, first_nic, node_of_nic, leaf_of_nic)
