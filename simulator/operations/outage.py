"""What went wrong with a component, from the first sign to the end: what tables, drills and KPIs are made from."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Outage:
    """A component that was out. Instants count from the scenario's start [s]; NaN: not, or not yet."""

    kind: str
    """What the component is."""
    name: str
    """Its name."""
    cause: str
    """Why: the failure mode's name, `maintenance`, `drill`, `incident`, ..."""
    failed_s: float
    """When it began."""
    detected_s: float = math.nan
    """When somebody or something noticed."""
    repair_began_s: float = math.nan
    """When hands, or a reboot, were put to it."""
    restored_s: float = math.nan
    """When it was back."""
    permanent: bool = False
    """Whether a part had to be replaced."""
    nodes: int = 0
    """Nodes that stopped with it."""
    jobs_interrupted: int = 0
    """Running jobs that it stopped."""
    planned: bool = False
    """Whether it was meant to happen: maintenance and drills."""
    false_alarm: bool = False
    """Whether nothing was wrong with it."""
    slow_until_s: float = math.nan
    """Until when a component that failed worked on, only slower; infinity where it has not stopped for it, NaN where
    it stopped as it failed."""

    @property
    def stopped_s(self) -> float:
        """When it stopped [s], infinity where it did not: as it failed, or after it had been slow for a while."""
        return self.failed_s if math.isnan(self.slow_until_s) else self.slow_until_s

    def down_s(self, end_s: float) -> float:
        """Return for how long it was down until it was back or the run ended at `end_s` [s]."""
        # In this order NaN, not back yet, gives the end.
        return max(min(end_s, self.restored_s) - self.stopped_s, 0.0)
