"""The section `plan.futures`: ways in which things may go on, with their probabilities."""

from __future__ import annotations

from pydantic import Field

from models.section import Section

from .ranges import Factor, Quarters


class FutureTerms(Section):
    """One way in which things may go on. What is bought is decided before it is known which comes."""

    name: str = Field(min_length=1)
    """What it is called."""
    probability: float = Field(gt=0.0, le=1.0)
    """How likely it is; those of all futures sum up to 1."""
    demand_factor: Factor = 1.0
    """All demand, times this."""
    price_factor: Factor = 1.0
    """The price of electricity, times this."""
    grid_slip_quarters: Quarters = 0
    """Quarters by which tranches of the grid after the first quarter come late."""
    delivery_slip_quarters: Quarters = 0
    """Quarters by which nodes come late."""
