"""The network between nodes: the contract of every topology."""

from __future__ import annotations

from ..section import Section


class Fabric(Section):
    """A network between nodes. Its `kind` names the topology."""
