"""Who keeps nodes switched off, and which come back when one of several lets go: those that nobody else keeps off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .batch import Batch, Indices
from .state import CORDONED, DOWN, IN_SERVICE


class SwitchedOff:
    """Nodes by name of who keeps them off, such as "cooling"; a node is up when nobody does."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._off: dict[str, NDArray[np.bool_]] = {}

    def of(self, who: str) -> NDArray[np.int64]:
        """Return the nodes that one keeps off."""
        return np.flatnonzero(self._off[who]) if who in self._off else np.zeros(0, np.int64)

    def switch_off(self, who: str, nodes: Indices) -> None:
        """Switch off nodes that are in service or down already; their jobs return to their lines."""
        status = self._batch.state.nodes["status"]
        chosen = np.asarray(nodes, np.int64)
        chosen = chosen[np.isin(status[chosen], (IN_SERVICE, CORDONED, DOWN))]
        if len(chosen):
            self._off.setdefault(who, np.zeros(len(status), np.bool_))[chosen] = True
            self._batch.shut_down(chosen[status[chosen] != DOWN])

    def let_go(self, who: str, nodes: Indices) -> None:
        """Bring up those of the nodes that one keeps off and nobody else does."""
        if who not in self._off:
            return
        status = self._batch.state.nodes["status"]
        chosen = np.asarray(nodes, np.int64)
        chosen = chosen[self._off[who][chosen]]
        self._off[who][chosen] = False
        if not self._off[who].any():
            del self._off[who]
        kept = np.logical_or.reduce([*self._off.values(), np.zeros(len(status), np.bool_)])
        self._batch.bring_up(chosen[(status[chosen] == DOWN) & ~kept[chosen]])
