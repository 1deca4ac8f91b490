"""The story of a signal: price or carbon intensity change, and those who wait for that are looked at again."""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
import simpy

from models.series import Series

from ..engine.batch import Batch
from ..engine.settlement import Settlement, Timeline


def follow_signal(
    timeline: Timeline, batch: Batch, settlement: Settlement, signal: Series, *, start_utc_s: float, until_s: float
) -> Generator[simpy.Event, None, None]:
    """Ask for a scheduling pass at each edge of a signal up to `until_s`, from which on nobody waits for it.

    A signal that never changes asks for none.
    """
    if np.all(signal.values == signal.values[0]):
        return
    first_s = signal.start_utc_s - start_utc_s
    for interval in range(len(signal.values)):
        edge_s = first_s + interval * signal.step_s
        if edge_s > until_s:
            return
        if edge_s > timeline.now:
            yield timeline.at(edge_s)
            batch.reschedule()
            if batch.unsettled:
                settlement.mark()
