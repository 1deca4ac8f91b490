"""A torus laid out for a fleet: which accelerator stands where, its cables, and its closed forms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .built_fabric import Bounds, BuiltFabric, Routes
from .scale_up import scale_up_domains
from .switches import Switches
from .torus_position import packed
from .torus_routing import TorusRouting, ring_links

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...fleet import Fleet
    from .torus_grid import TorusGrid

_AXES = "xyz"


@dataclass(frozen=True, eq=False)
class BuiltTorus(BuiltFabric):
    """A torus. Its interfaces are accelerators; the links of cable c run towards higher coordinates, and back."""

    routing: TorusRouting

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
        src_chip, dst_chip = self.nics(src, rail), self.nics(dst, rail if dst_rail is None else dst_rail)
        return self.routing.routes(src_chip, dst_chip, src != dst, flow, up)


def build_torus(grid: TorusGrid, fleet: Fleet, members: NDArray[np.int64]) -> BuiltTorus:
    """Return a torus laid out for the nodes `members` of a fleet, which are equal and fill the grid."""
    per_node = grid.accelerators_per_node
    sizes, node_sizes = grid.sizes, grid.node_sizes
    corner = _corners(len(members), sizes, node_sizes, grid.cube_sizes)
    inside = _unravelled(np.arange(per_node), node_sizes)
    place = (corner[:, None, :] + inside[None, :, :]).reshape(-1, 3)
    counts = np.zeros(len(fleet), np.int64)
    counts[members] = per_node
    first = np.concatenate([[0], np.cumsum(counts)])
    chip_at = np.empty(len(place), np.int64)
    chip_at[_ravelled(place, sizes)] = np.arange(len(place))
    ends, names, link_at = _cables(grid, place, chip_at, np.repeat(np.array(fleet.node_names)[members], per_node))
    block = np.full(len(fleet), -1, np.int64)
    block[members] = packed(corner // np.array(node_sizes), wraps=grid.wraps)
    nothing = np.zeros(0, np.int64)
    return BuiltTorus(
        node_names=fleet.node_names,
        first_nic=first,
        nic_word="chip",
        cable_names=names,
        cable_ends=ends,
        capacity_b_per_s=np.full(2 * len(ends), grid.link_b_per_s),
        latency_s=np.full(2 * len(ends), grid.hop_latency_s),
        switches=Switches((), (), np.zeros(0), np.zeros(0), (), np.zeros(1, np.int64), nothing),
        block=block,
        scale_up=scale_up_domains(fleet, within_node=True),
        bounds=_bounds(sizes, grid.wraps, grid.link_b_per_s),
        routing=TorusRouting(sizes, place.T.copy(), ring_links(link_at, sizes), grid.wrapped, ends),
    )


def _corners(
    count: int, sizes: tuple[int, int, int], node: tuple[int, int, int], cube: tuple[int, int, int]
) -> NDArray[np.int64]:
    """Return the least coordinates of each node: cube after cube, each along x, then y, then z."""
    per_cube = math.prod(cube) // math.prod(node)
    number = np.arange(count)
    cubes = (sizes[0] // cube[0], sizes[1] // cube[1], sizes[2] // cube[2])
    within = (cube[0] // node[0], cube[1] // node[1], cube[2] // node[2])
    corners: NDArray[np.int64] = _unravelled(number // per_cube, cubes) * np.array(cube) + _unravelled(
        number % per_cube, within
    ) * np.array(node)
    return corners


def _unravelled(number: NDArray[np.int64], sizes: tuple[int, int, int]) -> NDArray[np.int64]:
    """Return coordinates of numbers that count along x, then y, then z; shape (numbers, 3)."""
    return np.column_stack([number % sizes[0], number // sizes[0] % sizes[1], number // (sizes[0] * sizes[1])])


def _ravelled(place: NDArray[np.int64], sizes: tuple[int, int, int]) -> NDArray[np.int64]:
    number: NDArray[np.int64] = place[..., 0] + sizes[0] * (place[..., 1] + sizes[1] * place[..., 2])
    return number


def _cables(
    grid: TorusGrid, place: NDArray[np.int64], chip_at: NDArray[np.int64], node_names: NDArray[np.str_]
) -> tuple[NDArray[np.int64], tuple[str, ...], NDArray[np.int64]]:
    """Return the ends of cables, their names, and the link from each place up each axis, -1 where there is none."""
    sizes = grid.sizes
    link_at = np.full((3, len(place)), -1, np.int64)
    per_node = len(place) // len(np.unique(node_names))
    ends: list[NDArray[np.int64]] = []
    names: list[str] = []
    for axis, wraps in enumerate(grid.wrapped):
        lower = np.flatnonzero(place[:, axis] < sizes[axis] - (0 if wraps else 1))
        upper = place[lower].copy()
        upper[:, axis] = (upper[:, axis] + 1) % sizes[axis]
        link_at[axis, _ravelled(place[lower], sizes)] = 2 * (len(names) + np.arange(len(lower)))
        ends.append(np.column_stack([lower, chip_at[_ravelled(upper, sizes)]]))
        names += [f"{node_names[chip]}/chip-{chip % per_node}/{_AXES[axis]}" for chip in lower.tolist()]
    return np.concatenate(ends), tuple(names), link_at


def _bounds(sizes: tuple[int, int, int], wraps: bool, link_b_per_s: float) -> Bounds:
    """Return the links that cross the middle of the longest axis, and half of each axis, or all of it without wrap.

    W. J. Dally, B. Towles: Principles and Practices of Interconnection Networks, 2004, section 5.2. Exact for an even
    longest axis; for an odd one the halves differ by a layer.
    """
    longest = max(sizes)
    rows = math.prod(sizes) // longest * (2 if wraps and longest > 2 else 1)
    diameter = sum(size // 2 if wraps and size > 2 else size - 1 for size in sizes)
    return Bounds(rows * link_b_per_s if longest > 1 else math.inf, diameter)
