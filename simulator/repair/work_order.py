"""An order to repair a component, with what it waited for."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from ..operations.outage import Outage


@dataclass(eq=False)
class WorkOrder:
    """A repair from its request to its end. Instants count from the scenario's start [s]; NaN: not, or not yet."""

    number: int
    """Orders count from 0 in the order in which they were asked for."""
    outage: Outage
    """The component, and what stopped with it."""
    requested_s: float
    part: str | None = None
    """The spare that it takes, None where nothing is replaced."""
    skill: str | None = None
    """What the technician must know, None where everybody can do it."""
    lemon: bool = False
    """Whether the component is taken apart or replaced because it failed too often."""
    reset: bool = False
    """Whether a reset from afar was all that it took."""
    crew: str = ""
    """Whose hands did it; the last where it was handed over."""
    triaged_s: float = math.nan
    """When diagnosis, and a reset that did not help, were over."""
    supplied_s: float = math.nan
    """When the spare was at hand, or none was needed."""
    began_s: float = math.nan
    """When a technician first set out."""
    waited_technician_s: float = 0.0
    """How long it waited for a technician, after hand-overs too [s]."""
    worked_s: float = 0.0
    """Technicians' time on it, the way there included [s]."""
    restored_s: float = math.nan
    """When the component could come back."""

    @property
    def precedence(self) -> tuple[bool, int, int, int]:
        """The order in which work is begun: repairs before planned work, what stopped most nodes, then most jobs, then
        what came first."""
        return (self.outage.planned, -self.outage.nodes, -self.outage.jobs_interrupted, self.number)


@dataclass(eq=False)
class HandsOn:
    """What is left of an order's work for hands."""

    order: WorkOrder
    left_s: float
    waiting_since_s: float = math.nan
    stints: int = field(default=0)
    """How many technicians have taken it up."""
