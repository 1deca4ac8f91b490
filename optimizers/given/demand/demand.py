"""A demand: the contract of every kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from models.section import Section
from models.units import Money


class Demand(Section):
    """Work that a plan is to serve. YAML selects a kind by `kind:`."""

    skus: tuple[str, ...] | None = None
    """SKUs that it may run on; all if nothing is said."""
    security: tuple[str, ...] | None = None
    """Levels of `security` that are enough for it; any if nothing is said."""
    least_served: float = Field(default=1.0, ge=0.0, le=1.0)
    """Share that must be served, in expectation over the futures; all if nothing is said."""
    unserved_price: Annotated[Money, Field(gt=0.0)] | None = None
    """USD that a unit of work costs which is not served; it steers the plan and is reported apart from its cost."""
    weight: float = Field(default=1.0, gt=0.0)
    """Weight of its unserved share in the plan's risk, beside those of the other demands."""

    def sku_names(self) -> tuple[str, ...]:
        """Return the SKUs that the demand names, wherever it does."""
        return self.skus or ()
