"""How nodes that are not to be trusted are made anew."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from ..section import Section
from ..units import Bandwidth, Data, Duration, quantity


class Reimaging(Section):
    """Nodes load a fresh image from servers that only so many may load from at once."""

    image: Annotated[Data, Field(gt=0.0)] = quantity("50 GB")
    """What a node loads: system, drivers, containers (assumption)."""
    bandwidth: Annotated[Bandwidth, Field(gt=0.0)] = quantity("100 Gb/s")
    """What the image servers give together, shared by the nodes that load at once (assumption)."""
    at_once: int = Field(default=32, ge=1)
    """How many nodes are made anew at once (assumption)."""
    time_per_node: Duration = quantity("20 min")
    """What each takes besides loading: firmware written and attested, start, burn-in (assumption)."""

    @property
    def node_s(self) -> float:
        """How long one node takes while as many as may load do [s]."""
        return self.time_per_node + self.image * self.at_once / self.bandwidth

    def all_s(self, nodes: int) -> float:
        """Return how long so many nodes take, one batch after the other [s]."""
        return math.ceil(nodes / self.at_once) * self.node_s
