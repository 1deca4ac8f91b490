"""The network between nodes: the contract of every topology."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from ..section import Section

if TYPE_CHECKING:
    from ..fleet import Fleet
    from .built_fabric import BuiltFabric


class Fabric(Section):
    """A network between nodes. Its `kind` names the topology."""

    groups: tuple[str, ...] = ()
    """The groups of the fleet that it joins; every node if nothing is said."""

    @abstractmethod
    def build(self, fleet: Fleet) -> BuiltFabric:
        """Return the fabric laid out for a fleet; raises ValueError where it does not fit, in words for the user."""
