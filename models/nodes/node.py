"""A node: what jobs are placed on, and what is bought, powered, cooled and repaired as one."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from ..catalog_files import InCatalog
from ..section import Section
from ..sourced import Entry, Sourced
from ..units import Bandwidth, Data, Mass, Money, Power
from .node_power import NodePower


class OtherAccelerator(Section):
    """An accelerator that the catalogue does not have, such as those that a trace names."""

    name: str
    """What jobs may ask for."""
    memory: Sourced[Data] | None = None
    """B of its memory."""


class NetworkInterfaces(Section):
    """Network interfaces towards other nodes; management ports are left out."""

    count: int = Field(ge=1)
    """How many."""
    bandwidth: Sourced[Bandwidth]
    """B/s of each, per direction."""


class Node(Entry):
    """A node."""

    accelerator: Annotated[str, InCatalog("accelerators")] | OtherAccelerator | None = None
    """Its accelerator: a name of the catalogue, or `{name: T4}` for another one."""
    accelerators: int = Field(default=0, ge=0)
    """How many accelerators it has."""
    cpu_cores: int = Field(ge=0)
    """Physical processor cores."""
    memory: Sourced[Data]
    """B of memory of the processors."""
    local_storage: Sourced[Data] | None = None
    """B of drives for data."""
    network: NetworkInterfaces | None = None
    """Interfaces of the network between nodes."""
    storage_network: NetworkInterfaces | None = None
    """Interfaces of the storage network, where it has its own."""
    rated_power: Sourced[Power] | None = None
    """W on the nameplate: what breakers and cables are sized for. By default its parts' peak power."""
    provisioned_power: Sourced[Power] | None = None
    """W, the measured coincident peak: what a hall is planned for. By default its parts' peak power."""
    power: NodePower
    """Its power, part by part."""
    price: Sourced[Money] | None = None
    """USD to buy one."""
    embodied_carbon: Sourced[Mass] | None = None
    """kg of CO2 equivalent emitted in making it, where published."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.accelerator is None) != (self.accelerators == 0):
            raise ValueError("give accelerator and accelerators together, or neither")
        for part in self.power.parts:
            if part.follows == "accelerator" and part.count != self.accelerators:
                raise ValueError(
                    f"power part '{part.name}' follows the accelerators and counts {part.count}; "
                    f"allowed: one for each of the node's {self.accelerators} accelerators"
                )
        if self.rated_power_w < self.provisioned_power_w:
            raise ValueError(
                f"rated power {self.rated_power_w:g} W is below provisioned power {self.provisioned_power_w:g} W"
            )
        return self

    @property
    def accelerator_name(self) -> str:
        """The accelerator's name; "" where it has none."""
        return self.accelerator.name if isinstance(self.accelerator, OtherAccelerator) else self.accelerator or ""

    @property
    def memory_b(self) -> float:
        """B of memory of the processors."""
        return self.memory.value

    @property
    def rated_power_w(self) -> float:
        """W on the nameplate."""
        return self.rated_power.value if self.rated_power else self.provisioned_power_w

    @property
    def provisioned_power_w(self) -> float:
        """W, the measured coincident peak."""
        return self.provisioned_power.value if self.provisioned_power else self.power.peak_power_w
