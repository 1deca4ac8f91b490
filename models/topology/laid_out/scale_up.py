"""Scale-up domains: nodes whose accelerators share a network of their own, such as NVLink or ICI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ...fleet import Fleet


@dataclass(frozen=True, eq=False)
class ScaleUpDomains:
    """The domain of each node, and how fast one accelerator sends within it."""

    domain: NDArray[np.int64]
    """Shape (nodes,): equal for nodes whose accelerators are joined."""
    accelerators: NDArray[np.int64]
    """Shape (nodes,): how many accelerators the node has."""
    bandwidth_b_per_s: NDArray[np.float64]
    """Shape (nodes,): B/s that each accelerator of the node sends within its domain, per direction; 0 where it has no
    such network or none is known."""

    def all_joined(self, nodes: NDArray[np.int64]) -> bool:
        """Return whether all of some nodes lie in one domain that has a network."""
        return bool((self.domain[nodes] == self.domain[nodes[0]]).all() and (self.bandwidth_b_per_s[nodes] > 0.0).all())


def scale_up_domains(fleet: Fleet, *, within_node: bool = False) -> ScaleUpDomains:
    """Return the domains of a fleet.

    Nodes of a group fill domains of as many accelerators as their rack says, in the fleet's order; where it says
    nothing a domain is a node, and so it is `within_node`, where the links beyond it are the fabric's. The bandwidth is
    the catalogue's `scale_up_bandwidth` of the accelerator.
    """
    import numpy as np

    from ...catalog import entry, names

    counts, bandwidths = [], []
    known = names("accelerators")
    for model in fleet.models:
        name = model.accelerator_name
        counts.append(model.accelerators)
        bandwidths.append(entry("accelerators", name).scale_up_bandwidth_b_per_s if name in known else 0.0)
    accelerators = np.array(counts, np.int64)[fleet.model]
    size = np.maximum(accelerators, 1)
    if fleet.rack_scale_up is not None and not within_node:
        size = np.maximum(size, fleet.rack_scale_up[fleet.rack])
    domain = np.zeros(len(fleet), np.int64)
    last, filled, key = -1, 0, None
    for node in range(len(fleet)):
        here = (fleet.group[node], int(fleet.model[node]), int(size[node]))
        if here != key or filled + accelerators[node] > size[node] or accelerators[node] == 0:
            last, filled, key = last + 1, 0, here
        domain[node] = last
        filled += int(accelerators[node])
    return ScaleUpDomains(domain, accelerators, np.array(bandwidths)[fleet.model])
