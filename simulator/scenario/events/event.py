"""An event: the contract of every kind."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from models.facility import Facility
from models.section import Section
from models.units import Duration

from ..names import GroupName


class Event(Section):
    """Something that happens at a stated time. YAML selects a kind by `kind:`."""

    at: Duration
    """When, from the scenario's start."""

    def refused_by(self, facility: Facility) -> str | None:  # noqa: ARG002 - kinds that need a building use it
        """Return why it can not happen to a facility, None where it can."""
        return None


def needs_building(facility: Facility) -> str | None:
    """Return the refusal of a facility whose PUE is stated."""
    return None if facility.cooling is not None else "needs a building that is simulated: give 'facility.cooling'"


class LastingEvent(Event):
    """Something that lasts."""

    until: Duration | None = None
    """When it is over, from the scenario's start; never if nothing is said."""

    @model_validator(mode="after")
    def _ends_after_its_start(self) -> Self:
        if self.until is not None and self.until <= self.at:
            raise ValueError("'until' must be later than 'at'")
        return self


class NodesEvent(Event):
    """Something that happens to nodes."""

    group: GroupName | None = None
    """The group of the fleet that it happens to."""
    nodes: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The names of the nodes that it happens to."""


class OneTargetEvent(NodesEvent):
    """Something that happens to a group or to nodes that are named."""

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.group is None) == (self.nodes is None):
            raise ValueError("give 'group' or 'nodes', one of the two")
        return self
