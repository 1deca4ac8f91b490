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
        self._off: dict[str, NDArray[np.int64]] = {}
        """Nodes in ascending order by who keeps them off: most keep a few, and many may."""
        self._keepers = np.zeros(len(batch.state.nodes), np.int32)
        """How many keep each node off."""

    def of(self, who: str) -> NDArray[np.int64]:
        """Return the nodes that one keeps off."""
        return self._off.get(who, np.zeros(0, np.int64))

    def switch_off(self, who: str, nodes: Indices) -> None:
        """Switch off nodes that are in service or down already; their jobs return to their lines."""
        status = self._batch.state.nodes["status"]
        chosen = np.asarray(nodes, np.int64)
        now = status[chosen]
        chosen = chosen[(now == IN_SERVICE) | (now == CORDONED) | (now == DOWN)]
        if len(chosen):
            new = np.setdiff1d(chosen, self.of(who))
            self._keepers[new] += 1
            self._off[who] = np.union1d(self.of(who), new)
            self._batch.shut_down(chosen[status[chosen] != DOWN])

    def let_go(self, who: str, nodes: Indices) -> None:
        """Bring up those of the nodes that one keeps off and nobody else does."""
        if who not in self._off:
            return
        chosen = np.asarray(nodes, np.int64)
        chosen = chosen[np.isin(chosen, self._off[who])]
        left = np.setdiff1d(self._off[who], chosen, assume_unique=True)
        self._keepers[np.unique(chosen)] -= 1
        if len(left):
            self._off[who] = left
        else:
            del self._off[who]
        status = self._batch.state.nodes["status"]
        self._batch.bring_up(chosen[(status[chosen] == DOWN) & (self._keepers[chosen] == 0)])
