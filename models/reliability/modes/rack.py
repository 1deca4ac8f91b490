"""Failures of whole racks."""

from __future__ import annotations

from typing import ClassVar, Literal

from ...units import quantity
from .shock import Shock


class RackFailures(Shock):
    """Failures of racks (power shelves, busbars, manifolds), one hazard for each; all nodes of the rack go out.

    If nothing is said of how often: once in 50 years of a rack, an assumption.
    """

    kind: Literal["rack"] = "rack"
    takes_out: ClassVar[str] = "rack"
    counts: ClassVar[str] = "rack"
    part: ClassVar[str] = "rack"
    stated_mtbf: ClassVar[float | None] = quantity("50 a")
