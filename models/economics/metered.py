"""What a meter reads for a bill: energy by billing month and by demand interval, on the local clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..series import utc_text
from .local_clock import LocalTimes, local_times, month_start_utc_s

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class IntervalMeans:
    """Mean power of the m demand intervals that the energy touches.

    `power_w` [W] is the interval's energy over its whole length: what was drawn before the first edge and after the
    last counts as nothing. `start_utc_s` are Unix times, `at` what the local clock shows, `month` the index of the
    billing month; each of shape (m,).
    """

    start_utc_s: NDArray[np.float64]
    power_w: NDArray[np.float64]
    at: LocalTimes
    month: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Metered:
    """Energy of n buckets, and the k billing months of a zone that they touch.

    `edges_utc_s` are n + 1 rising Unix times, `energy_j` [J] has shape (n,). `month` is each bucket's index into
    `months`, which count from January 1970. `month_share` is the share of each month's time that the edges cover.
    """

    edges_utc_s: NDArray[np.float64]
    energy_j: NDArray[np.float64]
    zone: str
    at: LocalTimes
    month: NDArray[np.int64]
    months: NDArray[np.int64]
    month_share: NDArray[np.float64]

    @classmethod
    def of(cls, edges_utc_s: ArrayLike, energy_j: ArrayLike, zone: str) -> Metered:
        """Return what a meter reads; raise ValueError where edges do not rise or a bucket straddles two months."""
        import numpy as np

        edges, energy = np.asarray(edges_utc_s, dtype=np.float64), np.asarray(energy_j, dtype=np.float64)
        if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
            raise ValueError("edges must be one row of at least two rising times")
        if energy.shape != (len(edges) - 1,):
            raise ValueError(f"{len(edges)} edges need energy of shape ({len(edges) - 1},), not {energy.shape}")
        at = local_times(np.floor(edges[:-1]).astype(np.int64), zone)
        last = local_times(np.ceil(edges[1:]).astype(np.int64) - 1, zone)
        _refuse_straddling(edges, at.month_number, last.month_number, f"billing months of '{zone}'")
        months = np.arange(at.month_number[0], at.month_number[-1] + 1)
        starts = np.array([month_start_utc_s(int(month), zone) for month in (*months, months[-1] + 1)])
        month = at.month_number - months[0]
        covered_s = np.bincount(month, weights=np.diff(edges), minlength=len(months))
        return cls(edges, energy, zone, at, month, months, covered_s / np.diff(starts))

    def by_month(self, amounts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the sum of bucket amounts of shape (n,) over each month, of shape (k,)."""
        import numpy as np

        return np.bincount(self.month, weights=amounts, minlength=len(self.months)).astype(np.float64)

    def interval_means(self, interval_s: int) -> IntervalMeans:
        """Return the mean power of every interval of `interval_s` [s], which stand on the local clock.

        Raises ValueError where a bucket straddles two intervals: its peak would be smoothed away.
        """
        import numpy as np

        edges = self.edges_utc_s
        # Zones off the full hour: intervals of an hour begin on the local hour. Daylight saving moves by whole hours,
        # but on Lord Howe, where intervals stay on the grid of the first edge.
        phase_s = int(self.at.offset_s[0]) % interval_s
        index = np.floor((edges[:-1] + phase_s) / interval_s).astype(np.int64)
        last = np.ceil((edges[1:] + phase_s) / interval_s).astype(np.int64) - 1
        _refuse_straddling(edges, index, last, f"demand intervals ({interval_s} s each)")
        first = np.flatnonzero(np.diff(index, prepend=index[0] - 1))
        at = LocalTimes(
            self.at.month_number[first],
            self.at.month[first],
            self.at.weekday[first],
            self.at.quarter[first],
            self.at.offset_s[first],
        )
        start_utc_s = (index[first] * interval_s - phase_s).astype(np.float64)
        return IntervalMeans(start_utc_s, np.add.reduceat(self.energy_j, first) / interval_s, at, self.month[first])


def _refuse_straddling(
    edges_utc_s: NDArray[np.float64], first: NDArray[np.int64], last: NDArray[np.int64], what: str
) -> None:
    import numpy as np

    straddling = np.flatnonzero(first != last)
    if len(straddling):
        bucket = straddling[0]
        which = f"{utc_text(edges_utc_s[bucket])} to {utc_text(edges_utc_s[bucket + 1])}"
        raise ValueError(f"the bucket {which} straddles two {what}")
