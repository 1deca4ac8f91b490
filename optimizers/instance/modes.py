"""How a site is run, in numbers: a tier of maintenance and a level of security together are a mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class ModeFigures:
    """A mode of operation; a site has one, from its opening to the end."""

    name: str
    """Such as `lean, basic`."""
    maintenance: str
    """The tier."""
    security: str
    """The level."""
    availability: NDArray[np.float64]
    """Share of time in which a node can work, shape (node type,)."""
    spares_per_node: NDArray[np.float64]
    """Spare nodes' worth of parts bought with each node, shape (node type,)."""
    spares_usd_per_node: NDArray[np.float64]
    """What they cost with each node bought, shape (node type,)."""
    maintenance_usd: float
    """Crew and contracts of a site and quarter, whatever stands there."""
    maintenance_usd_per_node: NDArray[np.float64]
    """Of a node and quarter, shape (node type,)."""
    security_usd: float
    """People, licences and audits of a site and quarter."""
    security_usd_per_node: NDArray[np.float64]
    """Of a node and quarter, such as logs that are kept, shape (node type,)."""
