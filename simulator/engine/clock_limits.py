"""Who holds nodes to lower clocks, and what is left when several do: the least."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Indices


class ClockLimits:
    """Limits by name of who sets them, such as "cooling"; a node's clock is the least of its limits."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._limits: dict[str, NDArray[np.float64]] = {}

    def set(self, who: str, nodes: Indices, fraction: float) -> None:
        """Hold nodes to a fraction (0 to 1) of full clock; 1 lifts that limit and leaves those that others set."""
        chosen = np.asarray(nodes, np.int64)
        if not len(chosen) or (fraction == 1.0 and who not in self._limits):
            return
        limit = self._limits.setdefault(who, np.ones(len(self._batch.state.nodes)))
        limit[chosen] = fraction
        least = np.minimum.reduce(list(self._limits.values()))
        if (limit == 1.0).all():
            del self._limits[who]
        changed = np.flatnonzero(least != self._batch.state.nodes["clock"])
        for clock in np.unique(least[changed]):
            self._batch.set_node_clock(changed[least[changed] == clock], float(clock))
