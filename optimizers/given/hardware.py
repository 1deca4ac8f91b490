"""What a plan may buy: node types, modules of a building, networks, storage; and what stands there already."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.facility import Facility
from models.section import Section
from models.units import Area, Bandwidth, Data, Mass, Money, Power, quantity

from .quarter import CountCurve, MoneyCurve, QuarterName
from .ranges import Count, Quarters

PositivePower = Annotated[Power, Field(gt=0.0)]
Existing = dict[str, Count]
CoolingClass = Literal["air", "liquid"]


class Sku(Section):
    """A node type that is on sale, or stands there already."""

    node: str
    """The node, of the catalogue or of `nodes`."""
    cooling: CoolingClass = "air"
    """How its heat is taken away: by a module of this class."""
    nodes_per_rack: Count
    """Most nodes of a rack. One whose `rack_power` does not feed so many has fewer; the report says how many."""
    batch: Count = 1
    """Nodes that are bought together."""
    price: MoneyCurve | None = None
    """USD of one node by the quarter of its order; the catalogue's if nothing is said."""
    released: QuarterName | None = None
    """First quarter in which it can be ordered; the plan's first if nothing is said."""
    supply: CountCurve
    """Batches that can be ordered in a quarter, for all sites together."""
    lead_quarters: Quarters
    """Quarters from the order until it is in service."""
    life_quarters: Annotated[int, Field(ge=1, le=400)] = 20
    """Quarters in service, after which it is taken out and sold; 20 is an assumption (large operators state 4 to 6
    years)."""
    value_kept: float = Field(default=0.92, ge=0.0, le=1.0)
    """Share of its price, or of a new one's where that is less by then, that a node keeps from one quarter to the next,
    for resale and at the horizon's end: an assumption (28% lost a year)."""
    embodied_carbon: Mass | None = None
    """kg of CO2 equivalent of making a node; the catalogue's if nothing is said."""


class ExistingNodes(Section):
    """Nodes that stand at a site when the plan begins."""

    site: str
    """The site."""
    sku: str
    """The SKU."""
    count: Count
    """How many."""
    age_quarters: Quarters
    """Quarters that they have been in service."""
    price: Money | None = None
    """USD of one when it was new; by default the SKU's price in the first quarter."""


class Module(Section):
    """A block of building with power and cooling. It is filled with provisioned power; nameplates count against its
    breakers alone."""

    facility: Facility
    """What it draws beside its computers: a stated `pue`, or `cooling` and `power` as in a scenario. Eco mode of the
    UPS, an economizer or liquid cooling are modules of their own design."""
    cooling: CoolingClass
    """Which nodes it takes."""
    capacity: PositivePower
    """W of provisioned IT power."""
    breaker: PositivePower | None = None
    """W of nameplate IT power; 1.25 times the capacity if nothing is said (the US National Electrical Code loads
    breakers to 80%)."""
    racks: Count
    """Racks that it has room for."""
    rack_power: PositivePower
    """W of provisioned power that a rack may have."""
    price: MoneyCurve
    """USD of one."""
    lead_quarters: Quarters
    """Quarters from the order until it is in service."""
    floor: Area = quantity("0 m2")
    """m2 of floor that one takes."""
    embodied_carbon: Mass = quantity("0 kg")
    """kg of CO2 equivalent of building one; nothing is an assumption."""
    most: Count
    """Modules of this design that a site may have."""
    exists: Existing = {}
    """Modules that stand at a site already, by site."""

    @property
    def breaker_w(self) -> float:
        """Rated IT power that it takes [W]."""
        return 1.25 * self.capacity if self.breaker is None else self.breaker

    @model_validator(mode="after")
    def _room_for_what_it_takes(self) -> Self:
        if self.breaker_w < self.capacity:
            raise ValueError("'breaker' is below 'capacity': nameplates are never below provisioned power")
        return self


class FabricBlock(Section):
    """A block of network: switches, optics and cables for so many ports."""

    ports: Count
    """Ports towards nodes."""
    largest_gang: Count
    """Nodes that one training run may have on it."""
    oversubscription: float = Field(default=1.0, ge=1.0)
    """Bandwidth of its ports over that of its core."""
    price: MoneyCurve
    """USD of one; at the horizon's end what is left of it in a straight line over 20 quarters, an assumption."""
    lead_quarters: Quarters
    """Quarters from the order until it is in service."""
    power: Power
    """W that one draws."""
    most: Count
    """Blocks that a site may have."""
    exists: Existing = {}
    """Blocks that stand at a site already, by site."""


class StoreUnit(Section):
    """A unit of storage."""

    capacity: Annotated[Data, Field(gt=0.0)]
    """B that it holds."""
    write: Annotated[Bandwidth, Field(gt=0.0)]
    """B/s that it writes."""
    price: MoneyCurve
    """USD of one; at the horizon's end what is left of it in a straight line over 20 quarters, an assumption."""
    lead_quarters: Quarters
    """Quarters from the order until it is in service."""
    power: Power
    """W that one draws."""
    most: Count
    """Units that a site may have."""
    exists: Existing = {}
    """Units that stand at a site already, by site."""
