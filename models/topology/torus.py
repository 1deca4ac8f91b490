"""Tori of accelerators."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ..units import Bandwidth, Duration, quantity
from .fabric import Fabric
from .laid_out.torus_grid import Sizes, TorusGrid

if TYPE_CHECKING:
    from ..fleet import Fleet
    from ..nodes.node import Node
    from .laid_out.built_torus import BuiltTorus

Size = Annotated[int, Field(ge=1, le=1024)]
_LINKS = {"torus-2d": 4, "torus-3d": 6}
_NODE_SHAPES = {1: (1, 1, 1), 4: (2, 2, 1), 8: (2, 4, 1)}
_CUBE = 4
"""Accelerators along each side of a TPU v4, v5p or v7 cube, one rack (arXiv 2304.01433)."""


class Torus(Fabric):
    """Accelerators in a grid, each joined to its neighbours, with the ends of every row joined too.

    N. P. Jouppi et al.: TPU v4: An Optically Reconfigurable Supercomputer for Machine Learning, ISCA 2023. The links
    are those of the accelerators themselves; there are no switches.
    """

    kind: Literal["torus"] = "torus"
    dimensions: tuple[Size, ...] = Field(min_length=1, max_length=3)
    """Accelerators along x, y and z, such as [8, 8, 16]."""
    node_dimensions: tuple[Size, ...] = ()
    """The part of the grid that is one node; by default 2 x 2 x 1 for nodes of four accelerators, 2 x 4 x 1 for eight
    (TPU hosts), else a row along x."""
    cube: tuple[Size, ...] = ()
    """The part of the grid that nodes of one rack fill before the next begins; by default 4 x 4 x 4 where that divides
    three dimensions (TPU v4, v5p and v7), else the whole grid. Nodes follow each other along x, then y, then z."""
    wraps: bool = True
    """Whether the ends of every row of three or more are joined; without it the grid is a mesh."""
    link_bandwidth: Bandwidth | None = None
    """B/s of each link, per direction; by default the accelerator's bandwidth in the catalogue over its links, four of
    a 2-D torus, six of a 3-D one."""
    hop_latency: Duration = quantity("500 ns")
    """s from an accelerator to its neighbour (assumption: no figure is published)."""

    def build(self, fleet: Fleet) -> BuiltTorus:
        """Return the torus laid out for a fleet; raises ValueError where the nodes do not fill it."""
        import numpy as np

        from .laid_out.built_torus import build_torus

        members = np.flatnonzero(self.members(fleet))
        models = np.unique(fleet.model[members])
        if len(models) > 1:
            types = ", ".join(fleet.model_names[model] for model in models)
            raise ValueError(f"a torus joins equal nodes; its nodes are of the types {types}; choose with 'groups'")
        return build_torus(self.grid(fleet.models[models[0]], len(members)), fleet, members)

    def grid(self, node: Node, count: int) -> TorusGrid:
        """Return the grid that so many nodes fill; raises ValueError where they do not, or its links are not known."""
        per_node = max(node.accelerators, 1)
        self.check_count(per_node * count)
        node_sizes = self.node_sizes(per_node)
        return TorusGrid(
            self.sizes(),
            node_sizes,
            self.cube_sizes(node_sizes),
            self.wraps,
            self.link_b_per_s(node.accelerator_name),
            float(self.hop_latency),
        )

    def sizes(self) -> Sizes:
        """Return the accelerators along x, y and z; 1 along those that are not given."""
        return _three(self.dimensions)

    def node_sizes(self, accelerators: int) -> Sizes:
        """Return how a node of so many accelerators lies in the grid; raises ValueError where it can not."""
        sizes = self.sizes()
        if self.node_dimensions:
            shape = _three(self.node_dimensions)
            if math.prod(shape) != accelerators:
                raise ValueError(
                    f"'node_dimensions' of {_times(shape)} hold {math.prod(shape)} accelerators; a node has "
                    f"{accelerators}"
                )
        else:
            shape = _NODE_SHAPES.get(accelerators, (accelerators, 1, 1))
            if any(size % part for size, part in zip(sizes, shape, strict=True)):
                shape = (accelerators, 1, 1)
        if any(size % part for size, part in zip(sizes, shape, strict=True)):
            raise ValueError(
                f"nodes of {_times(shape)} accelerators do not divide a torus of {_times(sizes)}; say with "
                "'node_dimensions' how a node lies in it"
            )
        return shape

    def cube_sizes(self, node: Sizes) -> Sizes:
        """Return the part of the grid that is filled first; raises ValueError where it does not divide it."""
        sizes = self.sizes()
        if self.cube:
            cube = _three(self.cube)
        elif len(self.dimensions) == 3 and all(size % _CUBE == 0 for size in sizes):
            cube = (_CUBE, _CUBE, _CUBE)
        else:
            cube = sizes
        whole = all(size % part == 0 for size, part in zip(sizes, cube, strict=True))
        if not (whole and all(part % piece == 0 for part, piece in zip(cube, node, strict=True))):
            if not self.cube:
                return sizes
            raise ValueError(
                f"a 'cube' of {_times(cube)} does not divide a torus of {_times(sizes)} into parts that hold nodes of "
                f"{_times(node)}"
            )
        return cube

    def check_count(self, accelerators: int) -> None:
        """Raise ValueError unless so many accelerators fill the torus."""
        sizes = self.sizes()
        if math.prod(sizes) != accelerators:
            raise ValueError(
                f"a torus of {_times(sizes)} joins {math.prod(sizes)} accelerators; its nodes have {accelerators}"
            )

    def link_b_per_s(self, accelerator: str) -> float:
        """Return what each link of an accelerator carries [B/s]; raises ValueError where nothing is known of it."""
        from ..catalog import entry, names

        if self.link_bandwidth is not None:
            return self.link_bandwidth
        if accelerator in names("accelerators"):
            chip = entry("accelerators", accelerator)
            if chip.scale_up in _LINKS:
                return chip.scale_up_bandwidth_b_per_s / _LINKS[chip.scale_up]
        raise ValueError(f"the links of '{accelerator or 'nodes without accelerators'}' are no torus; give "
                         "'link_bandwidth'")  # fmt: skip


def _three(sizes: tuple[int, ...]) -> Sizes:
    x, y, z = (*sizes, 1, 1, 1)[:3]
    return x, y, z


def _times(sizes: tuple[int, ...]) -> str:
    return " x ".join(map(str, sizes))
