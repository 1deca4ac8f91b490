"""The hall's buckets as a run leaves them: what each meter read between two edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..engine.state import State
from ..metering.meter_kernel import GREATEST, INTEGRAL, LEAST


class Buckets:
    """The hall's buckets that the run touched, with their edges; the first and the last may be short.

    `integral`, `least` and `greatest` have the shape (quantity, bucket), the quantities those of the state's meters.
    """

    def __init__(self, state: State, start_utc_s: float) -> None:
        clock = state.clock[0]
        end_s = float(clock["now_s"])
        inner = np.arange(clock["first_edge_s"], end_s, clock["interval_s"])
        self.edges_s = np.concatenate([[0.0], inner, [end_s]]) if end_s > 0.0 else np.array([0.0])
        self.start_utc_s = start_utc_s
        self.edges_utc_s = self.edges_s + start_utc_s
        count = len(self.edges_s) - 1
        buckets = state.hall_buckets[:, :count].copy()
        self.integral = buckets[:, :, INTEGRAL]
        self.least = buckets[:, :, LEAST]
        self.greatest = buckets[:, :, GREATEST]

    def __len__(self) -> int:
        return len(self.edges_s) - 1

    def starts_of(self, interval_s: int) -> NDArray[np.int64]:
        """Return the index of the first bucket of every longer interval that stands on the UTC clock."""
        if not len(self):
            return np.zeros(0, np.int64)
        interval = np.floor(self.edges_utc_s[:-1] / interval_s)
        return np.flatnonzero(np.diff(interval, prepend=-np.inf))
