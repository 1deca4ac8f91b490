"""A rack, or another unit of delivery: nodes of one sort and what they share."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ..catalog_files import InCatalog, names, read_entry
from ..nodes.node import Node
from ..section import Section
from ..sourced import Entry, Sourced
from ..units import Money, Power


class SharedLoad(Section):
    """What a rack powers besides its nodes; taken as constant."""

    name: str
    """What it is."""
    count: int = Field(default=1, ge=1)
    """How many."""
    power: Sourced[Power]
    """W of each."""


class Rack(Entry):
    """A rack of equal nodes."""

    node: Annotated[str, InCatalog("nodes")]
    """The node's name in the catalogue."""
    nodes: int = Field(ge=1)
    """How many nodes it holds."""
    cabinets: int = Field(default=1, ge=1)
    """How many cabinets it takes on the floor."""
    scale_up_accelerators: int = Field(ge=0)
    """How many accelerators one scale-up domain joins; may reach beyond the rack (TPU pods)."""
    shared: tuple[SharedLoad, ...] = ()
    """Switches, power shelves and the like."""
    rated_power: Sourced[Power]
    """W for which the rack's supply is built."""
    provisioned_power: Sourced[Power]
    """W of all of it at its coincident peak."""
    price: Sourced[Money] | None = None
    """USD to buy one."""

    @model_validator(mode="after")
    def _rated_above_provisioned(self) -> Self:
        rated_w, provisioned_w = self.rated_power.value, self.provisioned_power.value
        if rated_w < provisioned_w:
            raise ValueError(f"rated power {rated_w:g} W is below provisioned power {provisioned_w:g} W")
        return self

    @property
    def node_entry(self) -> Node:
        """The node, read from the catalogue."""
        return read_entry("nodes", self.node, Node)

    @property
    def shared_power_w(self) -> float:
        """W of what the nodes share."""
        return sum(load.count * load.power.value for load in self.shared)

    @property
    def accelerators(self) -> int:
        """How many accelerators it holds."""
        return self.nodes * self.node_entry.accelerators


def rack_of(node: Node) -> Rack | None:
    """Return the catalogue's rack of a node of the catalogue, whose scale-up domain may join more than a node; None
    where there is none."""
    racks = (read_entry("racks", name, Rack) for name in names("racks"))
    return next((rack for rack in racks if rack.node_entry is node), None)
