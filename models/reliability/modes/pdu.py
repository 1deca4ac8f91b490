"""Failures of power distribution units."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, PositiveInt

from ...units import quantity
from .shock import MOST_RACKS, RowShock


class PduFailures(RowShock):
    """Failures of power distribution units, one hazard for each; all nodes of its racks go out.

    If nothing is said of how often: 0.0036 a year, once in 278 years, as of the dry transformer in one (IEEE 493-1997,
    from memory, unverified).
    """

    kind: Literal["pdu"] = "pdu"
    takes_out: ClassVar[str] = "pdu"
    counts: ClassVar[str] = "pdu"
    part: ClassVar[str] = "pdu"
    skill: ClassVar[str] = "electrical"
    stated_mtbf: ClassVar[float | None] = quantity("278 a")
    racks: Annotated[PositiveInt, Field(le=MOST_RACKS)] = 8
    """How many racks, in the order of the fleet, hang on one; 8 is an assumption. Not used where the hall has units of
    its own."""
