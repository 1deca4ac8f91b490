"""The network between nodes: the contract of every topology."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ..problems import nearest
from ..section import Section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..fleet import Fleet
    from .laid_out.built_fabric import BuiltFabric


class Fabric(Section):
    """A network between nodes. Its `kind` names the topology."""

    groups: tuple[str, ...] = ()
    """The groups of the fleet that it joins; every node if nothing is said."""

    @abstractmethod
    def build(self, fleet: Fleet) -> BuiltFabric:
        """Return the fabric laid out for a fleet; raises ValueError where it does not fit, in words for the user."""

    def members(self, fleet: Fleet) -> NDArray[np.bool_]:
        """Return which nodes it joins; raises ValueError where a group does not exist."""
        import numpy as np

        known = set(fleet.group)
        for group in self.groups:
            if group not in known:
                allowed = ", ".join(sorted(known - {""})) or "none"
                raise ValueError(f"the fleet has no group '{group}'; it has: {allowed}{nearest(group, known)}")
        if not self.groups:
            return np.ones(len(fleet), np.bool_)
        return np.array([group in self.groups for group in fleet.group], np.bool_)
