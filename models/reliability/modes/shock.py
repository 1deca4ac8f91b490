"""One failure that takes out what stands below: racks, and what feeds or cools several of them."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from ..detection import Detection, Probability
from .component_failures import ComponentFailures

MOST_RACKS = 100_000


class Shock(ComponentFailures):
    """One failure that all nodes below have in common (Marshall and Olkin, JASA 62, 1967)."""

    each: Probability = 1.0
    """Probability with which each node below goes out, independently; at 1, the default (assumption), all of them."""
    detection: Detection = Detection(at_once=1.0)
    """How it is noticed: at once if nothing is said, as all of it goes dark or hot (assumption)."""


class RowShock(Shock):
    """A shock to all nodes of several racks."""

    racks: Annotated[PositiveInt, Field(le=MOST_RACKS)] = 8
    """How many racks, in the order of the fleet, hang on one; where the hall says so itself, this is not used."""

    takes_out: ClassVar[str] = "row"
