"""The switches of a fabric, by index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Switches:
    """Switches with what hangs on them. Powers include the transceivers at both ends of a switch's cables downwards."""

    names: tuple[str, ...]
    tier: tuple[str, ...]
    """leaf, spine or core."""
    power_w: NDArray[np.float64]
    """W of each in service, with its optics."""
    rated_power_w: NDArray[np.float64]
    """W that its supply is built for, with its optics."""
    first_link: NDArray[np.int64]
    """Shape (switches + 1,): where each switch's links begin in `links_of`."""
    links_of: NDArray[np.int64]
    """The links that are out when a switch is."""

    def __len__(self) -> int:
        return len(self.names)

    def links(self, switch: int) -> NDArray[np.int64]:
        """Return the links that end at a switch."""
        return self.links_of[self.first_link[switch] : self.first_link[switch + 1]]
