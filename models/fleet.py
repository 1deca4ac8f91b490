"""The nodes of a hall, one row a node: what simulator and optimizers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .nodes.node import Node


@dataclass(frozen=True, eq=False)
class Fleet:
    """Named nodes in a fixed order, each of a model and in a rack.

    `model[i]` indexes `models` and `model_names`, `rack[i]` indexes `rack_names`. A node is in service from
    `commission_s[i]` (0: from the start) until `retire_s[i]` (infinity: to the end) [s from the scenario's start]; with
    `retire_drains[i]` it then first ends the jobs that it holds, else they are interrupted. Rack k draws
    `rack_power_w[k]` besides its nodes (switches, power shelves) while any of them is in service. Scale-up networks
    join `rack_scale_up[k]` of its accelerators, or of more racks than one where that is more than it has; 0 where
    nothing is known beyond the node.
    """

    node_names: tuple[str, ...]
    model_names: tuple[str, ...]
    models: tuple[Node, ...]
    model: NDArray[np.int64]
    rack_names: tuple[str, ...]
    rack_power_w: NDArray[np.float64]
    rack: NDArray[np.int64]
    group: tuple[str, ...]
    commission_s: NDArray[np.float64]
    retire_s: NDArray[np.float64]
    retire_drains: NDArray[np.bool_]
    rack_scale_up: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.node_names)
