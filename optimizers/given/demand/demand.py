"""A demand: the contract of every kind."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from models.section import Section
from models.units import Money


class Demand(Section):
    """Work that a plan is to serve. YAML selects a kind by `kind:`."""

    skus: tuple[str, ...] | None = None
    """SKUs that it may run on; all if nothing is said."""
    security: tuple[str, ...] | None = None
    """Levels of `security` that are enough for it; any if nothing is said."""
    least_served: float | None = Field(default=None, ge=0.0, le=1.0)
    """Share that must be served over the whole horizon, in expectation over the futures: a quarter may fall short of it
    where others make up for it. If nothing is said all of it, or, where an `unserved_price` says what it costs to serve
    less, as little as that makes worth while, or what `least_served_in_quarter` asks for."""
    unserved_price: Annotated[Money, Field(gt=0.0)] | None = None
    """USD that a unit of work costs which is not served; it steers the plan and is reported apart from its cost."""
    weight: float = Field(default=1.0, gt=0.0)
    """Weight of its unserved share in the plan's risk, beside those of the other demands."""

    curves: ClassVar[tuple[str, ...]] = ()
    """Keys of the kind whose values change by quarter."""

    @property
    def least_share(self) -> float:
        """Share that must be served: what is stated, else 0 where a price says what less costs, 1 where none does."""
        if self.least_served is not None:
            return self.least_served
        return 1.0 if self.unserved_price is None else 0.0

    @property
    def least_share_in_quarter(self) -> float:
        """Share that must be served in every quarter; 0 where nobody says, and of work that is of no quarter."""
        return 0.0

    def sku_names(self) -> tuple[str, ...]:
        """Return the SKUs that the demand names, wherever it does."""
        return self.skus or ()


class QuarterlyDemand(Demand):
    """Work that is asked for quarter by quarter."""

    least_served_in_quarter: float | None = Field(default=None, ge=0.0, le=1.0)
    """Share that must be served in every quarter, in expectation over the futures; no quarter has a least share of its
    own if nothing is said."""

    @property
    def least_share(self) -> float:
        """Share of the horizon that must be served: nothing more, where only that of quarters is stated."""
        if self.least_served is None and self.least_served_in_quarter is not None:
            return 0.0
        return super().least_share

    @property
    def least_share_in_quarter(self) -> float:
        return self.least_served_in_quarter or 0.0
