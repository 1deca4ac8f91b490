"""The section `events`: what is made to happen at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from models.section import Section
from models.units import Duration

from .fleet import Retirement
from .names import GroupName
from .selection import selected


class Event(Section):
    """Something that happens at a stated time, to nodes or to a job."""

    at: Duration
    """When, from the scenario's start."""
    group: GroupName | None = None
    """The group of the fleet that it happens to."""
    nodes: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The names of the nodes that it happens to."""


class ClockEvent(Event):
    """Clocks are turned down to a fraction: of a group, of nodes, of the nodes of a job, or of the whole hall where
    none of the three is given."""

    kind: Literal["clock"] = "clock"
    job: str | None = None
    """The name of the job whose nodes it happens to while they hold it."""
    fraction: float = Field(gt=0.0, le=1.0)
    """The clock as a fraction of the full one."""
    until: Duration | None = None
    """When clocks go back to full, from the scenario's start; never if nothing is said."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        given = [name for name in ("group", "nodes", "job") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(
                f"give one of 'group', 'nodes' and 'job', or none for the whole hall; given: {', '.join(given)}"
            )
        if self.until is not None and self.until <= self.at:
            raise ValueError("'until' must be later than 'at'")
        return self


class _OfNodes(Event):
    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.group is None) == (self.nodes is None):
            raise ValueError("give 'group' or 'nodes', one of the two")
        return self


class CommissionEvent(_OfNodes):
    """Nodes go into service. They are absent before, whatever their group says."""

    kind: Literal["commission"] = "commission"


class RetireEvent(_OfNodes):
    """Nodes leave service."""

    kind: Literal["retire"] = "retire"
    retire: Retirement = "drain"
    """`drain` lets jobs end, `at-once` interrupts them."""


if TYPE_CHECKING:
    AnyEvent = ClockEvent | CommissionEvent | RetireEvent
else:
    AnyEvent = selected({"clock": ClockEvent, "commission": CommissionEvent, "retire": RetireEvent})
