"""What a torus is laid out by: its size, how nodes fill it, and what its links carry."""

from __future__ import annotations

import math
from typing import NamedTuple

Sizes = tuple[int, int, int]
"""Accelerators along x, y and z."""


class TorusGrid(NamedTuple):
    """A grid of accelerators, filled by equal nodes, cube after cube; every part divides the whole."""

    sizes: Sizes
    node_sizes: Sizes
    """The part that is one node."""
    cube_sizes: Sizes
    """The part that is filled first."""
    wraps: bool
    """Whether the ends of rows are joined."""
    link_b_per_s: float
    """B/s of each link, per direction."""
    hop_latency_s: float

    @property
    def accelerators_per_node(self) -> int:
        """How many accelerators a node has."""
        return math.prod(self.node_sizes)

    @property
    def wrapped(self) -> tuple[bool, bool, bool]:
        """Along which axes the ends are joined: of two places, one cable joins both already."""
        x, y, z = (self.wraps and size > 2 for size in self.sizes)
        return x, y, z
