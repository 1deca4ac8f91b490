"""Rail-optimised trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .tree import Tree

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class RailOptimized(Tree):
    """A tree of switches in which interface i of every node of a block hangs on the block's leaf i.

    Accelerators of one rank in their nodes then reach each other over one switch; spines join the rails. NVIDIA DGX
    SuperPOD reference architecture: blocks of 32 nodes with eight leaves of 64 ports.
    """

    kind: Literal["rail-optimized"] = "rail-optimized"

    def leaves_per_block(self, nics: NDArray[np.int64]) -> int:
        return int(nics.max())
