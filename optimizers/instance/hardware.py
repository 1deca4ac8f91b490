"""What a plan can buy, in numbers: nodes, modules of a building, networks and storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CoolingClass = Literal["air", "liquid"]


@dataclass(frozen=True, eq=False)
class NodeFigures:
    """A type of node that is on sale, or stands there already (an SKU). It is bought in batches, such as racks."""

    name: str
    batch: int
    """Nodes of a batch."""
    nodes_per_rack: int
    accelerators: int
    """Of one node."""
    cooling: CoolingClass
    provisioned_w: float
    """What a module is filled with, of one node."""
    rated_w: float
    """What breakers are sized for."""
    idle_w: float
    """What an installed node draws when it does nothing."""
    price_usd: NDArray[np.float64]
    """Of one node, ordered in a quarter, shape (quarter,)."""
    supply: NDArray[np.int64]
    """Batches that can be ordered in a quarter, by all sites together, shape (quarter,): 0 before it is released."""
    lead: int
    """Quarters from order to service."""
    life: int
    """Quarters of service after which it is taken out, and sold for what it is worth then."""
    value_kept: float
    """Share of its price, or of a new one's where that is less by then, that it keeps from one quarter to the next, for
    resale and at the horizon's end, 0 to 1."""
    embodied_kg: float
    """kg of CO2 equivalent of making one."""
    ports: int
    """Ports of the network that one takes."""

    @property
    def on_sale(self) -> int:
        """First quarter in which it can be ordered; 0 where it never can."""
        return int((self.supply > 0).argmax())


@dataclass(frozen=True)
class Cohort:
    """Nodes that stand at a site when the plan begins."""

    site: int
    node: int
    count: int
    age: int
    """Quarters in service at the start."""
    price_usd: float
    """Of one, when it was new."""


@dataclass(frozen=True, eq=False)
class ModuleFigures:
    """A design of facility module: a block of building with power and cooling, for nodes of one class of cooling.

    A site has one design at most for each class. What it draws beside its computers is, for Y modules with the IT
    power `it_w` in them, `fixed_w Y + (slope - 1) it_w`.
    """

    name: str
    cooling: CoolingClass
    capacity_w: float
    """Provisioned IT power that one takes."""
    breaker_w: float
    """Rated IT power that one takes."""
    racks: int
    rack_w: float
    """Provisioned IT power that a rack may have."""
    price_usd: NDArray[np.float64]
    """Shape (quarter,)."""
    lead: int
    floor_m2: float
    embodied_kg: float
    most: int
    """Of a site."""
    exists: NDArray[np.int64]
    """How many stand at each site at the start, shape (site,)."""
    fixed_w: NDArray[np.float64]
    """What one draws without any load, shape (site,)."""
    slope: NDArray[np.float64]
    """Facility power over IT power, beside what is fixed, shape (site, quarter, hour)."""
    water_m3_per_kwh: NDArray[np.float64]
    """Water over IT energy, shape (site, quarter, hour)."""
    largest_error: float = 0.0
    """Greatest difference of `fixed + slope IT` from the curve that it stands for, over the curve's power."""
    error_at: str = ""
    """Where that is: site, quarter, hour, load."""


@dataclass(frozen=True, eq=False)
class FabricFigures:
    """A design of network: blocks of ports. A site has one design at most."""

    name: str
    ports: int
    """Of one block."""
    largest_gang: int
    """Nodes that one gang may have on it."""
    price_usd: NDArray[np.float64]
    """Of a block, shape (quarter,)."""
    lead: int
    power_w: float
    """Of a block: switches and optics; part of IT power, in modules of either class of cooling."""
    most: int
    exists: NDArray[np.int64]
    """Shape (site,)."""


@dataclass(frozen=True, eq=False)
class StoreFigures:
    """A kind of storage, in units. All kinds of a site count together."""

    name: str
    capacity_b: float
    write_b_per_s: float
    price_usd: NDArray[np.float64]
    """Of a unit, shape (quarter,)."""
    lead: int
    power_w: float
    """Of a unit; part of IT power, in modules of either class of cooling."""
    most: int
    exists: NDArray[np.int64]
    """Shape (site,)."""
