"""Slices of a torus, as a compiled choice.

A node's place is x + 2**10 y + 2**20 z in the grid of nodes, and 2**30 more where its ends are not joined (see
`torus_position` in `models.topology.laid_out`). The scratch `counted` of row x + X (y + Y z) holds how many nodes from
there along x are free; once the box is chosen, that of a node's own row is 1 for the nodes in it.
"""

from __future__ import annotations

from typing import Any

from models.compiled import compiled, compiled_apart, compiled_as

from ..engine.holding_kernel import fits
from ..engine.state import CHOOSE_SIGNATURE

AXIS = 1 << 10
NO_WRAP = 1 << 30
KEY = 1 << 11
"""More than any extent of a box: shapes are put in order by one number."""
MOST = 1 << 60


@compiled
def _first_fit(state: Any, job: int, first: int, outside: bool) -> int:
    """Return the first node that fits, of those outside of the torus where so asked."""
    for node in range(first, len(state.nodes)):
        if (not outside or state.nodes[node]["block"] < 0) and fits(state, job, node):
            return node
    return -1


@compiled
def _count_free(state: Any, job: int, size_x: int, size_y: int, size_z: int, wraps: bool) -> None:
    """Set `counted` of every place of the grid to the free nodes from there along x, at most all of the row."""
    nodes, rows = state.nodes, size_y * size_z
    for place in range(size_x * rows):
        nodes[place]["counted"] = 0
    for node in range(len(nodes)):
        block = nodes[node]["block"]
        if block >= 0 and fits(state, job, node):
            x, y, z = block % AXIS, block // AXIS % AXIS, block // (AXIS * AXIS) % AXIS
            nodes[x + size_x * (y + size_y * z)]["counted"] = 1
    for row in range(rows):
        run = 0
        for turn in range(2 * size_x - 1 if wraps else size_x - 1, -1, -1):
            place = row * size_x + turn % size_x
            run = min(run + 1, size_x) if nodes[place]["counted"] > 0 else 0
            if turn < size_x:
                nodes[place]["counted"] = run


@compiled
def _is_free(
    state: Any, size_x: int, size_y: int, size_z: int, x: int, y: int, z: int, width: int, depth: int, height: int
) -> bool:  # fmt: skip
    for up in range(height):
        for along in range(depth):
            row = (y + along) % size_y + size_y * ((z + up) % size_z)
            if state.nodes[x + size_x * row]["counted"] < width:
                return False
    return True


@compiled
def _origins(size: int, extent: int, wraps: bool) -> int:
    """Return at how many places along an axis a box of some extent can begin."""
    if extent == size:
        return 1
    return size if wraps else size - extent + 1


@compiled_apart
def _mark_box(state: Any, job: int) -> bool:
    """Set `counted` to 1 for the nodes of the box that is chosen for a job, else to 0; return whether there is one."""
    nodes = state.nodes
    size_x, size_y, size_z, wraps = 0, 0, 0, True
    for node in range(len(nodes)):
        block = nodes[node]["block"]
        if block >= 0:
            size_x, size_y = max(size_x, block % AXIS + 1), max(size_y, block // AXIS % AXIS + 1)
            size_z, wraps = max(size_z, block // (AXIS * AXIS) % AXIS + 1), block < NO_WRAP
    if size_x == 0:
        return False
    tasks = state.jobs[job]["tasks"]
    _count_free(state, job, size_x, size_y, size_z, wraps)
    least = MOST
    for width in range(1, size_x + 1):
        for depth in range(1, size_y + 1):
            height = (tasks + width * depth - 1) // (width * depth)
            if height <= size_z:
                least = min(least, width * depth * height)
    last = -1
    while least < MOST:
        # The next shape of the least volume, by surface, then by width and depth.
        key = MOST
        for width in range(1, size_x + 1):
            for depth in range(1, size_y + 1):
                height = (tasks + width * depth - 1) // (width * depth)
                if height <= size_z and width * depth * height == least:
                    surface = width * depth + depth * height + height * width
                    mine = (surface * KEY + width) * KEY + depth
                    if last < mine < key:
                        key = mine
        if key == MOST:
            return False
        last = key
        width, depth = key // KEY % KEY, key % KEY
        height = least // (width * depth)
        for z in range(_origins(size_z, height, wraps)):
            for y in range(_origins(size_y, depth, wraps)):
                for x in range(_origins(size_x, width, wraps)):
                    if _is_free(state, size_x, size_y, size_z, x, y, z, width, depth, height):
                        _mark(state, size_x, size_y, size_z, x, y, z, width, depth, height)
                        return True
    return False


@compiled
def _mark(
    state: Any, size_x: int, size_y: int, size_z: int, x: int, y: int, z: int, width: int, depth: int, height: int
) -> None:  # fmt: skip
    nodes = state.nodes
    for node in range(len(nodes)):
        block = nodes[node]["block"]
        nodes[node]["counted"] = 0
        if block >= 0:
            beyond_x = (block % AXIS - x) % size_x
            beyond_y = (block // AXIS % AXIS - y) % size_y
            beyond_z = (block // (AXIS * AXIS) % AXIS - z) % size_z
            if beyond_x < width and beyond_y < depth and beyond_z < height:
                nodes[node]["counted"] = 1


@compiled_as(CHOOSE_SIGNATURE)
def choose(state: Any, job: int, previous: int) -> int:
    """Return the next node of the job's box, which is chosen with its first task."""
    nodes = state.nodes
    if state.jobs[job]["exclusive"] == 0:
        return _first_fit(state, job, max(previous, 0), False)
    if previous < 0 and not _mark_box(state, job):
        return _first_fit(state, job, 0, True)
    if previous >= 0 and nodes[previous]["block"] < 0:
        return _first_fit(state, job, previous, True)
    for node in range(previous + 1, len(nodes)):
        if nodes[node]["counted"] == 1 and fits(state, job, node):
            return node
    return -1
