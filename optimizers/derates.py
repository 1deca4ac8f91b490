"""What simulation took off a plan's figures, by cause: how a plan learns from its proof."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Derates:
    """Factors on what the models say; a factor that is not there is 1. They are made by the proof, bounded there."""

    availability: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """On the share of time in which a node can work, by maintenance tier and SKU."""
    rate: Mapping[tuple[str, str, str], float] = field(default_factory=dict)
    """On the rate of a class of work, by its name, SKU and security level."""
    facility: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """On what a facility draws beside its computers, by site and module."""
    it_power: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """On what a node draws above its idle power, by class of work and SKU."""
    idle_power: Mapping[tuple[str], float] = field(default_factory=dict)
    """On what an installed node draws idle, by SKU: nodes that are down draw nothing."""
    spares: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """On the spares that are held, by maintenance tier and part: above 1 where shelves were found empty. A plan with
    too few spares so comes back with more of them, not with a smaller promise."""
