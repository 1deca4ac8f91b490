"""Who keeps nodes from taking new jobs, and which take them again when one of several lets go."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Indices


class Cordoned:
    """Nodes by name of who cordons them off, such as "maintenance"; a node takes jobs when nobody does."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._off: dict[str, NDArray[np.bool_]] = {}

    def of(self, who: str) -> NDArray[np.int64]:
        """Return the nodes that one cordons off."""
        return np.flatnonzero(self._off[who]) if who in self._off else np.zeros(0, np.int64)

    def cordon(self, who: str, nodes: Indices) -> None:
        """Cordon nodes off; those that came back from an outage meanwhile are cordoned off anew."""
        chosen = np.asarray(nodes, np.int64)
        self._off.setdefault(who, np.zeros(len(self._batch.state.nodes), np.bool_))[chosen] = True
        self._batch.cordon(chosen)

    def let_go(self, who: str, nodes: Indices) -> None:
        """Let those of the nodes take jobs again that nobody else cordons off."""
        if who not in self._off:
            return
        chosen = np.asarray(nodes, np.int64)
        self._off[who][chosen] = False
        if not self._off[who].any():
            del self._off[who]
        kept = np.logical_or.reduce([*self._off.values(), np.zeros(len(self._batch.state.nodes), np.bool_)])
        self._batch.uncordon(chosen[~kept[chosen]])
        self._batch.cordon(chosen[kept[chosen]])  # An outage may have lifted it.
