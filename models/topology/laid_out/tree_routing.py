"""Routes over a tree of switches: up as far as needed, and down again, spread over equal paths by a hash (ECMP).

C. Hopps: Analysis of an Equal-Cost Multi-Path Algorithm, RFC 2992, 2000. Every switch hashes source, destination and
flow with a seed of its tier, so that two tiers do not choose alike. Hashing is resilient: where paths fail, the flows
on them are spread over those that remain, and the others stay where they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .tree_plan import TreeShape

_LEAF_UP, _SPINE_UP, _CORE_DOWN, _SPINE_DOWN, _ANEW = range(1, 6)
"""Seeds of the tiers' hashes, and of the choice among what remains."""
_AT_ONCE = 4096
"""Flows that are looked at together for ways around failures: their ways then fit into a cache."""
_LONGEST = 6


def mixed(key: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return 64 well-mixed bits of each key: the finaliser of SplitMix64.

    G. L. Steele, D. Lea, C. H. Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
    """
    bits = key + np.uint64(seed * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed_bits: NDArray[np.uint64] = bits ^ (bits >> np.uint64(31))
    return mixed_bits


def flow_key(src: NDArray[np.int64], dst: NDArray[np.int64], flow: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Return what switches hash: source, destination and flow in one number; other flows may share it by chance."""
    there = src.astype(np.uint64) * np.uint64(0xD6E8FEB86659FD93) + dst.astype(np.uint64)
    return mixed(there, 0) + flow.astype(np.uint64) * np.uint64(0xA0761D6478BD642F)


def _drawn(key: NDArray[np.uint64], seed: int, count: int) -> NDArray[np.int64]:
    return ((mixed(key, seed) >> np.uint64(32)) % np.uint64(count)).astype(np.int64)


@dataclass(frozen=True, eq=False)
class TreeRouting:
    """Routes between interfaces, given as indices."""

    shape: TreeShape
    leaf_of_nic: NDArray[np.int64]

    @property
    def _first_uplink(self) -> int:
        return len(self.leaf_of_nic)

    @property
    def _first_spine_uplink(self) -> int:
        return self._first_uplink + self.shape.leaves * self.shape.uplinks

    def paths(
        self,
        src: NDArray[np.int64],
        dst: NDArray[np.int64],
        apart: NDArray[np.bool_],
        flow: NDArray[np.int64],
        up: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return the links of flows from interfaces `src` to `dst`, and whether there is a way.

        Links have the shape (flows, 6), -1 where a flow takes fewer; flows not `apart` stay within their node.
        """
        connected = ~apart | ((src >= 0) & (dst >= 0))
        if not self.shape.uplinks:  # leaves that nothing joins
            connected &= ~apart | (self.leaf_of_nic[src] == self.leaf_of_nic[dst])
        index = np.flatnonzero(apart & connected)
        key = flow_key(src[index], dst[index], flow[index])
        path = np.full((len(src), _LONGEST), -1, np.int64)
        path[index] = self._shortest(src[index], dst[index], key)
        if up is not None:
            broken = index[~(up[path[index]] | (path[index] < 0)).all(axis=1)]
            if len(broken):
                found = self._around(src[broken], dst[broken], flow_key(src[broken], dst[broken], flow[broken]), up)
                path[broken] = found
                connected[broken] = found[:, 0] >= 0
        return path, connected

    def _shortest(self, src: NDArray[np.int64], dst: NDArray[np.int64], key: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the links of each flow with all in service, shape (flows, 6), -1 where it takes fewer."""
        shape = self.shape
        path = np.full((len(src), _LONGEST), -1, np.int64)
        path[:, 0], path[:, 5] = 2 * src, 2 * dst + 1
        leaf, other = self.leaf_of_nic[src], self.leaf_of_nic[dst]
        index = np.flatnonzero(leaf != other)
        if not len(index):
            return path
        leaf, other, key = leaf[index], other[index], key[index]
        uplink = _drawn(key, _LEAF_UP, shape.uplinks)
        spine = uplink % shape.spines_per_pod
        side = _drawn(key, _SPINE_DOWN, shape.uplinks // shape.spines_per_pod)
        path[index, 1] = self._uplink(leaf, uplink, 0)
        path[index, 4] = self._uplink(other, side * shape.spines_per_pod + spine, 1)
        if shape.spine_uplinks:
            pod, other_pod = leaf // shape.leaves_per_pod, other // shape.leaves_per_pod
            far = np.flatnonzero(pod != other_pod)
            key, spine, index = key[far], spine[far], index[far]
            uplink = _drawn(key, _SPINE_UP, shape.spine_uplinks)
            core = uplink % shape.cores_per_group
            side = _drawn(key, _CORE_DOWN, shape.spine_uplinks // shape.cores_per_group)
            path[index, 2] = self._spine_uplink(pod[far] * shape.spines_per_pod + spine, uplink, 0)
            path[index, 3] = self._spine_uplink(
                other_pod[far] * shape.spines_per_pod + spine, side * shape.cores_per_group + core, 1
            )
        return path

    def _around(
        self, src: NDArray[np.int64], dst: NDArray[np.int64], key: NDArray[np.uint64], up: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        """Return the links of flows whose shortest way is out, over what remains; all -1 where there is no way."""
        parts = [
            self._around_some(src[begin:end], dst[begin:end], key[begin:end], up)
            for begin, end in ((begin, begin + _AT_ONCE) for begin in range(0, len(src), _AT_ONCE))
        ]
        return np.concatenate(parts)

    def _around_some(
        self, src: NDArray[np.int64], dst: NDArray[np.int64], key: NDArray[np.uint64], up: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        shape = self.shape
        path = np.full((len(src), _LONGEST), -1, np.int64)
        leaf, other = self.leaf_of_nic[src], self.leaf_of_nic[dst]
        # Flows within a leaf have one way, which is out; others need their interfaces' own cables.
        index = np.flatnonzero(np.asarray(up[2 * src] & up[2 * dst + 1]) & (leaf != other))
        if not len(index):
            return path
        leaf, other, key = leaf[index], other[index], key[index]
        pod, other_pod = leaf // shape.leaves_per_pod, other // shape.leaves_per_pod
        cables = self._leaf_cables(up)
        spines: NDArray[np.bool_] = np.logical_and(
            cables[leaf, :, :, 0].any(axis=1), cables[other, :, :, 1].any(axis=1)
        )
        if shape.spine_uplinks:
            upper = self._spine_cables(up)
            cores = upper[pod, :, :, :, 0].any(axis=2) & upper[other_pod, :, :, :, 1].any(axis=2)
            cores |= (pod == other_pod)[:, None, None]
            ways = (spines[:, :, None] & cores).reshape(len(index), -1)
        else:
            ways = spines
        way, found = _picked(ways, key, _ANEW)
        index, way, leaf, other, key = index[found], way[found], leaf[found], other[found], key[found]
        pod, other_pod = pod[found], other_pod[found]
        spine, core = np.divmod(way, shape.cores_per_group) if shape.spine_uplinks else (way, way)
        path[index, 0], path[index, 5] = 2 * src[index], 2 * dst[index] + 1
        side, _ = _picked(cables[leaf, :, spine, 0], key, _LEAF_UP)
        path[index, 1] = self._uplink(leaf, side * shape.spines_per_pod + spine, 0)
        side, _ = _picked(cables[other, :, spine, 1], key, _SPINE_DOWN)
        path[index, 4] = self._uplink(other, side * shape.spines_per_pod + spine, 1)
        if shape.spine_uplinks:
            far = np.flatnonzero(pod != other_pod)
            index, spine, core, key = index[far], spine[far], core[far], key[far]
            pod, other_pod = pod[far], other_pod[far]
            side, _ = _picked(upper[pod, spine, :, core, 0], key, _SPINE_UP)
            path[index, 2] = self._spine_uplink(
                pod * shape.spines_per_pod + spine, side * shape.cores_per_group + core, 0
            )
            side, _ = _picked(upper[other_pod, spine, :, core, 1], key, _CORE_DOWN)
            path[index, 3] = self._spine_uplink(
                other_pod * shape.spines_per_pod + spine, side * shape.cores_per_group + core, 1
            )
        return path

    def _leaf_cables(self, up: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which links between leaves and spines are up: shape (leaf, side by side, spine of the pod, way)."""
        links = up[2 * self._first_uplink : 2 * self._first_spine_uplink]
        return links.reshape(self.shape.leaves, -1, self.shape.spines_per_pod, 2)

    def _spine_cables(self, up: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which links between spines and cores are up: shape (pod, spine, side by side, core of group, way)."""
        links = up[2 * self._first_spine_uplink :]
        return links.reshape(self.shape.pods, self.shape.spines_per_pod, -1, self.shape.cores_per_group, 2)

    def _uplink(self, leaf: NDArray[np.int64], uplink: NDArray[np.int64], way: int) -> NDArray[np.int64]:
        return 2 * (self._first_uplink + leaf * self.shape.uplinks + uplink) + way

    def _spine_uplink(self, spine: NDArray[np.int64], uplink: NDArray[np.int64], way: int) -> NDArray[np.int64]:
        return 2 * (self._first_spine_uplink + spine * self.shape.spine_uplinks + uplink) + way


def _picked(
    ways: NDArray[np.bool_], key: NDArray[np.uint64], seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:  # fmt: skip
    """Return one of the ways that are open to each flow, by its hash, and whether any is."""
    open_ways = ways.sum(axis=1)
    rank = ((mixed(key, seed) >> np.uint64(32)) % np.maximum(open_ways, 1).astype(np.uint64)).astype(np.int64)
    return (np.cumsum(ways, axis=1, dtype=np.int32) > rank[:, None]).argmax(axis=1), open_ways > 0
