"""Fat trees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .tree import Tree

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class FatTree(Tree):
    """A tree of switches in which all interfaces of a node hang on one leaf switch.

    With `ports: k`, `tiers: 3` and k³/4 interfaces it is the k-ary fat tree.
    """

    kind: Literal["fat-tree"] = "fat-tree"

    def leaves_per_block(self, nics: NDArray[np.int64]) -> int:
        return 1
