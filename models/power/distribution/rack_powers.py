"""What racks are planned with: nameplates for breakers, measured coincident peaks for capacity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...fleet import Fleet
from .steps import Steps, stacked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class RackPowers:
    """Power of each rack [W], shape (k,): `provisioned_w` at the coincident peak, `rated_w` on the nameplates."""

    names: tuple[str, ...]
    provisioned_w: NDArray[np.float64]
    rated_w: NDArray[np.float64]


def rack_powers(fleet: Fleet) -> RackPowers:
    """Return the power of each rack with all the nodes that it ever holds, and of what they share."""
    import numpy as np

    provisioned_w, rated_w = _node_powers(fleet)
    count = len(fleet.rack_names)
    return RackPowers(
        fleet.rack_names,
        np.bincount(fleet.rack, provisioned_w, count) + fleet.rack_power_w,
        np.bincount(fleet.rack, rated_w, count) + fleet.rack_power_w,
    )


def planned_power(fleet: Fleet) -> tuple[Steps, Steps]:
    """Return provisioned and rated power of all nodes in service [W] over time.

    What racks share is there from their first node's commissioning to their last one's retirement.
    """
    import numpy as np

    rack_from_s, rack_until_s = np.full((2, len(fleet.rack_names)), np.inf)
    np.minimum.at(rack_from_s, fleet.rack, fleet.commission_s)
    rack_until_s[:] = 0.0
    np.maximum.at(rack_until_s, fleet.rack, fleet.retire_s)
    from_s = np.concatenate([fleet.commission_s, rack_from_s])
    until_s = np.concatenate([fleet.retire_s, rack_until_s])
    return tuple(  # type: ignore[return-value]
        stacked(from_s, until_s, np.concatenate([node_w, fleet.rack_power_w])) for node_w in _node_powers(fleet)
    )


def _node_powers(fleet: Fleet) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    import numpy as np

    provisioned_w = np.array([model.provisioned_power_w for model in fleet.models])
    rated_w = np.array([model.rated_power_w for model in fleet.models])
    return provisioned_w[fleet.model], rated_w[fleet.model]
