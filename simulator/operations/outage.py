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
