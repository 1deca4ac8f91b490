"""Routes in a torus: the fewest links, axis by axis, and around failures over other orders or the longer way."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .built_fabric import Routes
from .tree_routing import flow_key, mixed

if TYPE_CHECKING:
    from numpy.typing import NDArray

Order = tuple[int, ...]
Found = tuple["NDArray[np.int64]", "NDArray[np.int64]", "NDArray[np.int64]"]
"""Flows, how many links each takes, and these one after the other."""


@dataclass(frozen=True, eq=False)
class TorusRouting:
    """Routes between accelerators, given as indices.

    Dimension-ordered: first along x, then y, then z, each the shorter way round; where both are as long, a hash of the
    flow decides (W. J. Dally, B. Towles, 2004, section 8.4).
    """

    sizes: tuple[int, int, int]
    place: NDArray[np.int64]
    """Shape (3, accelerators): coordinates; so many apart, they are read several times as fast as side by side."""
    rings: NDArray[np.int64]
    """Links in order along the axes, from `ring_links`: those of any way along one axis lie next to each other."""
    wraps: tuple[bool, bool, bool]
    """Whether the ends of each axis are joined."""
    ends: NDArray[np.int64]
    """Shape (cables, 2): accelerators at the ends of each cable."""

    def routes(
        self,
        src: NDArray[np.int64],
        dst: NDArray[np.int64],
        apart: NDArray[np.bool_],
        flow: NDArray[np.int64],
        up: NDArray[np.bool_] | None,
    ) -> Routes:
        """Return the routes from accelerators `src` to `dst` of flows; those not `apart` stay within their node."""
        connected = ~apart | ((src >= 0) & (dst >= 0))
        index = np.flatnonzero(apart & connected)
        steps = self._steps(src[index], dst[index], flow_key(src[index], dst[index], flow[index]))
        count, links = self._links(src[index], dst[index], steps, (0, 1, 2))
        if up is None or up[links].all():
            return _assembled(len(src), [(index, count, links)], connected)
        out = np.zeros(len(index), np.bool_)
        out[np.repeat(np.arange(len(index)), count)[~up[links]]] = True
        found = [(index[~out], count[~out], links[~np.repeat(out, count)])]
        broken, steps = index[out], steps[:, out]
        sizes = np.array(self.sizes)[:, None]
        for order, longer in self._other_ways():
            if not len(broken):
                break
            other = np.where(longer[:, None] & (steps != 0), steps - np.sign(steps) * sizes, steps)
            count, links = self._links(src[broken], dst[broken], other, order)
            works = np.ones(len(broken), np.bool_)
            works[np.repeat(np.arange(len(broken)), count)[~up[links]]] = False
            found.append((broken[works], count[works], links[np.repeat(works, count)]))
            broken, steps = broken[~works], steps[:, ~works]
        if len(broken):
            found.append(self._fewest_links(src, dst, broken, up))
            connected[broken[np.isin(broken, found[-1][0], invert=True)]] = False
        return _assembled(len(src), found, connected)

    def _other_ways(self) -> Iterator[tuple[Order, NDArray[np.bool_]]]:
        """Yield the other orders of the axes by the shorter ways, then all orders with some ways the longer."""
        axes = [axis for axis in range(3) if self.sizes[axis] > 1]
        orders: list[Order] = list(itertools.permutations(axes))
        choices = [np.array(choice) for choice in itertools.product((False, True), repeat=3)]
        for longer in sorted(choices, key=lambda choice: int(choice.sum())):
            if all(self.wraps[axis] or not longer[axis] for axis in range(3)):
                for order in orders:
                    yield order, longer

    def _steps(self, src: NDArray[np.int64], dst: NDArray[np.int64], key: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return how many links each flow takes along each axis, with the sign of the direction; shape (3, flows)."""
        steps = np.stack([row[dst] - row[src] for row in self.place])
        bits = mixed(key, 1)
        for axis, size in enumerate(self.sizes):
            if self.wraps[axis]:
                ahead = steps[axis] + size * (steps[axis] < 0)
                back = (2 * ahead > size) | ((2 * ahead == size) & (bits >> np.uint64(32 + axis) & np.uint64(1) == 1))
                steps[axis] = np.where(back, ahead - size, ahead)
        return steps

    def _links(
        self, src: NDArray[np.int64], dst: NDArray[np.int64], steps: NDArray[np.int64], order: Order
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return how many links each flow takes, and all of them one after the other."""
        # Each axis is one segment of its flow; where it begins in `rings` is worked out, and all are read at once.
        places = self.sizes[0] * self.sizes[1] * self.sizes[2]
        here = [row[src] for row in self.place]
        begin = np.empty((len(src), len(order)), np.int64)
        for column, axis in enumerate(order):
            row = np.zeros(len(src), np.int64)
            stride = 1
            for other in range(3):
                if other != axis:
                    row += here[other] * stride
                    stride *= self.sizes[other]
            back = steps[axis] < 0
            offset = np.where(back & (here[axis] > 0), self.sizes[axis] - here[axis], here[axis])
            begin[:, column] = (2 * axis + back) * 2 * places + row * 2 * self.sizes[axis] + offset
            here[axis] = self.place[axis][dst]
        lengths = np.abs(steps[list(order)])
        count, flat = lengths.sum(axis=0), lengths.T.ravel()
        shift = begin.ravel() - (np.cumsum(flat) - flat)
        entry = np.repeat(shift, flat)
        entry += np.arange(len(entry))
        return count, self.rings[entry]

    def _fewest_links(
        self, src: NDArray[np.int64], dst: NDArray[np.int64], index: NDArray[np.int64], up: NDArray[np.bool_]
    ) -> Found:
        """Return the fewest links of flows over what remains, for those that have a way: breadth first."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import breadth_first_order

        alive = np.flatnonzero(up)
        ends = np.where((alive % 2 == 0)[:, None], self.ends[alive // 2], self.ends[alive // 2, ::-1])
        link_of = dict(zip(map(tuple, ends.tolist()), alive.tolist(), strict=True))
        matrix = csr_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(self.place.shape[1],) * 2)
        flows: list[int] = []
        counts: list[int] = []
        links: list[int] = []
        for source in np.unique(src[index]).tolist():
            _, before = breadth_first_order(matrix, source, directed=True, return_predecessors=True)
            for flow in index[src[index] == source].tolist():
                way: list[int] = []
                chip = int(dst[flow])
                while chip != source and before[chip] >= 0:
                    way.append(link_of[int(before[chip]), chip])
                    chip = int(before[chip])
                if chip == source:
                    flows.append(flow)
                    counts.append(len(way))
                    links += way[::-1]
        return np.array(flows, np.int64), np.array(counts, np.int64), np.array(links, np.int64)


def ring_links(link_at: NDArray[np.int64], sizes: tuple[int, int, int]) -> NDArray[np.int64]:
    """Return the links along every row of every axis, twice round: first upwards from 0, then downwards from 0.

    `link_at` (3, places) is the link up each axis from place x + X (y + Y z). Rows are numbered by their other two
    coordinates, the lower axis first. A way of n links from coordinate c is n entries from c on in the row's links up,
    or from (size - c) % size on in those down.
    """
    parts = []
    for axis, size in enumerate(sizes):
        grid = link_at[axis].reshape(sizes[::-1])  # by z, y, x
        rows = np.moveaxis(grid, 2 - axis, -1).reshape(-1, size)
        parts.append(np.concatenate([rows, rows], axis=1).ravel())
        parts.append(np.concatenate([rows[:, ::-1], rows[:, ::-1]], axis=1).ravel() + 1)
    return np.concatenate(parts)


def _assembled(flows: int, found: list[Found], connected: NDArray[np.bool_]) -> Routes:
    count = np.zeros(flows, np.int64)
    for index, counts, _ in found:
        count[index] = counts
    first = np.concatenate([[0], np.cumsum(count)])
    if len(found) == 1:  # in the order of the flows
        return Routes(first, found[0][2], connected)
    links = np.empty(int(first[-1]), np.int64)
    for index, counts, ways in found:
        start = np.cumsum(counts) - counts
        links[np.repeat(first[index] - start, counts) + np.arange(len(ways))] = ways
    return Routes(first, links, connected)
