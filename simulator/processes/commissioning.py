"""The story of the fleet: nodes come into service and leave it."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import simpy

from models.fleet import Fleet

from ..engine.batch import Batch
from ..engine.settlement import Settlement, Timeline


def commission_and_retire(
    timeline: Timeline, batch: Batch, settlement: Settlement, fleet: Fleet
) -> Generator[simpy.Event, None, None]:
    """Commission and retire every node at its time, those of one instant together."""
    for instant_s in _instants(fleet):
        yield timeline.at(instant_s)
        batch.commission(np.flatnonzero(fleet.commission_s == instant_s).tolist())
        leaving = fleet.retire_s == instant_s
        for drain in (True, False):
            batch.retire(np.flatnonzero(leaving & (fleet.retire_drains == drain)).tolist(), drain=drain)
        settlement.mark()


def _instants(fleet: Fleet) -> list[float]:
    instants = np.unique(np.concatenate([fleet.commission_s, fleet.retire_s]))
    return [float(instant_s) for instant_s in instants if np.isfinite(instant_s)]
