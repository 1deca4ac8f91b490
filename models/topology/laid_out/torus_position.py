"""The place of a node in a torus as one number, which placement reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BITS = 10
"""Bits of each coordinate: a torus has at most 1,024 nodes along each axis."""
NO_WRAP = 1 << 3 * BITS
"""Added where the ends of the axes are not joined."""


def packed(place: NDArray[np.int64], *, wraps: bool) -> NDArray[np.int64]:
    """Return x + 2**10 y + 2**20 z of places in the grid of nodes, shape (nodes, 3), and NO_WRAP more in a mesh."""
    number: NDArray[np.int64] = place[:, 0] + (place[:, 1] << BITS) + (place[:, 2] << 2 * BITS)
    return number if wraps else number + NO_WRAP
