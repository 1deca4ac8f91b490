"""Failures of coolant distribution units."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt

from ...units import quantity
from .shock import MOST_RACKS, RowShock


class CduFailures(RowShock):
    """Failures of coolant distribution units that no spare pump covers, one hazard for each; all nodes of its racks go
    out.

    If nothing is said of how often: once in 20 years, an assumption.
    """

    kind: Literal["cdu"] = "cdu"
    takes_out: ClassVar[str] = "cdu"
    counts: ClassVar[str] = "cdu"
    part: ClassVar[str] = "cdu"
    skill: ClassVar[str] = "cooling"
    stated_mtbf: ClassVar[float | None] = quantity("20 a")
    racks: Annotated[PositiveInt, Field(le=MOST_RACKS)] = 3
    """How many racks, in the order of the fleet, hang on one; Frontier has 25 units for 74 cabinets. Not used where the
    hall has units of its own."""
