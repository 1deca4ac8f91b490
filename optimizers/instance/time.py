"""The time of a plan in numbers: quarters, representative hours, and futures with their probabilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Quarter:
    """A quarter of the horizon."""

    name: str
    """Such as `2026-Q3`, or what the plan calls it."""
    start_utc_s: float
    """Unix time of its start."""
    hours_h: float
    """How long it is [h]."""
    discount: float
    """What money spent in it is worth at the plan's start, 0 to 1."""


@dataclass(frozen=True)
class Day:
    """Representative hours of one day, in order: what a battery carries over lies within them."""

    first: int
    """Index of its first hour among the quarter's."""
    count: int
    """How many hours it has; 1 for a design hour."""


@dataclass(frozen=True, eq=False)
class Hours:
    """The representative hours of every quarter: as many in each.

    A design hour has the weight 0: limits hold in it, energy and work do not count.
    """

    weight_h: NDArray[np.float64]
    """Hours of the quarter that each stands for, shape (quarter, hour); a row sums up to the quarter's hours."""
    start_utc_s: NDArray[np.float64]
    """Unix time of the hour that it was taken from, shape (quarter, hour)."""
    days: tuple[Day, ...]
    """The same days in every quarter; together they are all hours."""

    @property
    def count(self) -> int:
        """Representative hours of a quarter."""
        return int(self.weight_h.shape[1])


@dataclass(frozen=True)
class Future:
    """One way in which things may go on. Demand, prices and tranches of the grid differ by future where they stand."""

    name: str
    probability: float
    delivery_slip: int = 0
    """Quarters by which every delivery of nodes comes late."""
    grid_slip: int = 0
    """Quarters by which every tranche of the grid that is to come is late; its effect is in `SiteFigures.grid_w`."""
    price_factor: float = 1.0
    """Price of electricity; its effect is in `SiteFigures.price_usd_per_kwh`."""
    demand_factor: float = 1.0
    """Demand; its effect is in the demands."""
