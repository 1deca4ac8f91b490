"""What a plan has in one hall in one quarter: all that a simulation of it needs to know of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from optimizers.instance.hardware import CoolingClass
from optimizers.instance.instance import Instance

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES: tuple[CoolingClass, ...] = ("air", "liquid")


@dataclass(frozen=True)
class PlacedGang:
    """A gang that trains in the quarter."""

    work: int
    """Index of its class in `Instance.gangs`."""
    node: int
    """Index of the node type."""
    nodes: int
    """Nodes that it holds, those that stand by for it included."""
    tokens_per_s: float
    """What the plan takes it to train while it does, with what interruptions and security leave of it."""
    tokens: float
    """What it is to train in the quarter."""
    busy: float
    """Share of the quarter in which it trains, 0 to 1."""


@dataclass(frozen=True, eq=False)
class HallQuarter:
    """One class of cooling of a site in one quarter, in one future."""

    site: int
    quarter: int
    future: int
    cooling: CoolingClass
    mode: int
    nodes: Mapping[int, int]
    """Nodes installed, by type; types of which there are none are left out."""
    module: int
    modules: int
    """How many modules of the design `module` are in service."""
    loads_w: Mapping[str, float]
    """Power of networks and storage, by name [W]."""
    work: Mapping[tuple[str, int], NDArray[np.float64]]
    """Nodes at work by class and node type, each of shape (hour,); gangs are left out."""
    gangs: tuple[PlacedGang, ...]
    asked_of_served: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """Demand over what the plan does of it at all sites together, for classes of which it does more than is demanded:
    of shape (hour,), at most 1; 1 for a class that is not there."""

    def free_nodes(self, node: int) -> int:
        """Return how many nodes of a type no gang holds."""
        return self.nodes.get(node, 0) - sum(gang.nodes for gang in self.gangs if gang.node == node)

    def classes_on(self, node: int) -> tuple[str, ...]:
        """Return the classes of work, other than gangs, that run on a node type."""
        return tuple(name for name, index in self.work if index == node)

    def it_w(self, instance: Instance, *, busiest: bool = False) -> NDArray[np.float64]:
        """Return the IT power that the plan counts on [W], by representative hour: its mean, or that of the `busiest`
        moment of what the hour stands for."""
        peaks = {each.name: each.peak for each in instance.serving if busiest and each.peak is not None}
        idle_w = sum(count * instance.nodes[node].idle_w for node, count in self.nodes.items())
        found = np.full(instance.hours.count, idle_w + sum(self.loads_w.values()))
        by_name = {each.name: each for each in (*instance.serving, *instance.batch)}
        for (name, node), nodes in self.work.items():
            found += by_name[name].busy_w[node] * nodes * (peaks[name][self.quarter] if name in peaks else 1.0)
        for gang in self.gangs:
            # A gang that trains for a part of the quarter is busy as a whole while it does.
            found += (1.0 if busiest else gang.busy) * gang.nodes * instance.gangs[gang.work].busy_w[gang.node]
        return found

    def facility_w(self, instance: Instance, *, busiest: bool = False) -> NDArray[np.float64]:
        """Return the facility power that the plan counts on [W], as its IT power."""
        module = instance.modules[self.module]
        slope = module.slope[self.site, self.quarter]
        return np.asarray(module.fixed_w[self.site] * self.modules + slope * self.it_w(instance, busiest=busiest))
