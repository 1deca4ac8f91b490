"""When the drives of nodes last lost what lay on them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..engine.batch import Indices

if TYPE_CHECKING:
    from ..operations.outage import Outage


class WipedDrives:
    """Nodes that were imaged anew, and those that were repaired for good: their drives go with them (assumption)."""

    def __init__(self, node_names: Sequence[str], outages: Sequence[Outage]) -> None:
        self.nodes = len(node_names)
        """How many nodes there are."""
        self._outages = outages
        self._index = {name: number for number, name in enumerate(node_names)}
        self._wiped_s: dict[int, float] = {}
        self._over = 0
        """Outages before this one are over, and what they wiped is noted."""

    def wipe(self, nodes: Indices, now_s: float) -> None:
        """Take notice that nodes lost what lay on their drives."""
        self._wiped_s |= dict.fromkeys((int(node) for node in nodes), now_s)

    def by_node(self) -> Mapping[int, float]:
        """Return when each node last lost it [s], nodes that never did left out."""
        while self._over < len(self._outages) and not math.isnan(self._outages[self._over].restored_s):
            self._note(self._outages[self._over])
            self._over += 1
        for outage in self._outages[self._over :]:
            self._note(outage)
        return self._wiped_s

    def _note(self, outage: Outage) -> None:
        node = self._index.get(outage.name) if outage.kind == "node" and outage.permanent else None
        if node is not None:
            self._wiped_s[node] = max(self._wiped_s.get(node, -math.inf), outage.failed_s)
