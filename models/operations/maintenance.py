"""Work that is planned: inspections, firmware, security patches, a share of the hall at a time."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..economics.local_clock import LocalHours
from ..section import Section
from ..units import Duration, quantity

WaitFor = Literal["job-end", "checkpoint", "nothing"]
"""What nodes wait for before they leave: that their jobs end, that each has saved its state, or nothing."""


class Maintenance(Section):
    """A round through all components of a kind. Of each wave nodes take no new job, then leave, and come back."""

    name: str = Field(min_length=1)
    """What it is called, such as `firmware`."""
    component: str = "node"
    """The kind of component that it is done to, such as `node`, `rack`, `switch` or `cooling-unit`; nodes if
    nothing is said (assumption)."""
    every: Annotated[Duration, Field(gt=0)] = quantity("90 d")
    """From the start of a round to that of the next (assumption). A round that takes longer is followed at once."""
    first: Duration | None = None
    """When the first round starts, from the scenario's start; after `every` if nothing is said."""
    duration: Annotated[Duration, Field(gt=0)] = quantity("1 h")
    """How long the work takes on each component (assumption)."""
    skill: str | None = None
    """What the technician must be able to do who does it by hand, after repairs that wait; the component is out while
    it waits for one. It is done from afar if nothing is said (assumption)."""
    at_once: float = Field(default=0.05, gt=0.0, le=1.0)
    """Share of the components that are out at the same time, at least one (assumption)."""
    window: LocalHours = Field(default_factory=LocalHours)
    """Hours of the local clock in which a wave may leave; at any time if nothing is said (assumption)."""
    wait_for: WaitFor = "checkpoint"
    """What a wave waits for before it leaves: that its jobs end, that each has ended or written its next checkpoint, or
    nothing. Jobs that write none are waited for to their end (assumption)."""
    wait_limit: Duration = quantity("12 h")
    """The longest that a wave waits; what still runs on it then is interrupted (assumption)."""
