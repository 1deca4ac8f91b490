"""The switches of a fabric, by index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Switches:
    """Switches with what hangs on them. Powers include the transceivers in their own ports."""

    names: tuple[str, ...]
    tier: tuple[str, ...]
    """leaf, spine or core."""
    power_w: NDArray[np.float64]
    """W of each in service, with its optics."""
    rated_power_w: NDArray[np.float64]
    """W that its supply is built for, with its optics."""
    switch_type: tuple[str, ...]
    """Names of the catalogue."""
    first_link: NDArray[np.int64]
    """Shape (switches + 1,): where each switch's links begin in `links_of`."""
    links_of: NDArray[np.int64]
    """The links that are out when a switch is."""

    def __len__(self) -> int:
        return len(self.names)

    def links(self, switch: int) -> NDArray[np.int64]:
        """Return the links that end at a switch."""
        return self.links_of[self.first_link[switch] : self.first_link[switch + 1]]


def links_by_switch(cable_ends: NDArray[np.int64], nics: int, switches: int) -> tuple[NDArray[np.int64], ...]:
    """Return `first_link` and `links_of` of switches whose cables end at vertices: interfaces first, then switches."""
    import numpy as np

    cables = np.repeat(np.arange(len(cable_ends)), 2)
    at = cable_ends.ravel() - nics
    order = np.argsort(at, kind="stable")
    order = order[at[order] >= 0]
    count = np.bincount(at[order], minlength=switches)
    links = np.repeat(2 * cables[order], 2)
    links[1::2] += 1
    return 2 * np.concatenate([[0], np.cumsum(count)]), links
