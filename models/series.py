"""A quantity over time, constant over each interval: weather, price, carbon intensity."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from .problems import InputError, Problem

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_DAY_S = 86_400
_FEBRUARY_29 = 59  # day of a leap year, from 0
_DAYS_OF_LEAP_YEAR = 366
# A constant is one interval from the year 1 to the year 9999, the years that ISO dates can write.
_CONSTANT_START_UTC_S = -62_135_596_800
_CONSTANT_STEP_S = 315_537_897_600


def constant(name: str, unit: str, value: float) -> Series:
    """Return a series that has one value at all times: a single interval over the years 1 to 9999."""
    import numpy as np

    return Series(name, unit, _CONSTANT_START_UTC_S, _CONSTANT_STEP_S, np.array([value], dtype=np.float64))


def utc_text(utc_s: float) -> str:
    """Return a Unix time as people write it, such as 2023-03-12T07:00Z; seconds only where there are any."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=utc_s)
    return time.isoformat(timespec="seconds" if time.second or time.microsecond else "minutes").replace("+00:00", "Z")


@dataclass(frozen=True, eq=False)
class Series:
    """Values of equal intervals, each labelled at its start (left), in UTC.

    `start_utc_s` is the Unix time of the first interval's start, `step_s` the length of each, `values` float64 of
    shape (n,) in `unit`, all finite. `repeats_yearly` marks a typical year, which stands for every calendar year:
    beyond the series' own intervals a time takes the value of the same month, day and hour in UTC, and 29 February
    that of 28 February where the series has none. `source` is the file that the values come from, or "".
    `recorded_utc_s`, where the values stand for other years than their own, are the Unix times [start, end) of these.
    """

    name: str
    unit: str
    start_utc_s: int
    step_s: int
    values: NDArray[np.float64]
    repeats_yearly: bool = False
    source: str = ""
    recorded_utc_s: tuple[int, int] | None = None

    @property
    def end_utc_s(self) -> int:
        """Unix time at which the last interval ends."""
        return self.start_utc_s + self.step_s * len(self.values)

    def named(self, name: str, unit: str, values: NDArray[np.float64]) -> Series:
        """Return a series over the same intervals with other values."""
        return dataclasses.replace(self, name=name, unit=unit, values=values)

    def at(self, utc_s: ArrayLike) -> NDArray[np.float64]:
        """Return the values at Unix times of any shape; raise InputError where the series does not reach."""
        import numpy as np

        times_utc_s = np.asarray(utc_s, dtype=np.float64)
        interval = ((times_utc_s - self.start_utc_s) // self.step_s).astype(np.int64)
        return np.asarray(self.values[self._index(interval)])

    def covering(self, from_utc_s: float, to_utc_s: float) -> Series:
        """Return the series' own intervals that the window [from, to) touches, so that it needs no repeating.

        Raises InputError, which names the series, its ends and the run's, where the series does not reach and does
        not repeat yearly; ValueError where the window is empty.
        """
        import numpy as np

        if not from_utc_s < to_utc_s:
            raise ValueError(f"the window [{from_utc_s}, {to_utc_s}) is empty: its end must lie after its start")
        first = int((from_utc_s - self.start_utc_s) // self.step_s)
        after_last = -int(-(to_utc_s - self.start_utc_s) // self.step_s)
        if not self.repeats_yearly and (first < 0 or after_last > len(self.values)):
            raise InputError(self._too_short(from_utc_s, to_utc_s))
        values = self.values[self._index(np.arange(first, after_last))]
        start_utc_s = self.start_utc_s + first * self.step_s
        own = first >= 0 and after_last <= len(self.values)
        recorded_utc_s = self.recorded_utc_s if own else (self.start_utc_s, self.end_utc_s)
        return dataclasses.replace(
            self, start_utc_s=start_utc_s, values=values, repeats_yearly=False, recorded_utc_s=recorded_utc_s
        )

    def mean_over(self, edges_utc_s: ArrayLike) -> NDArray[np.float64]:
        """Return the exact time-weighted mean between consecutive edges.

        `edges_utc_s` are m + 1 rising Unix times, on the series' grid or not; the result has shape (m,). Raises
        InputError where the series does not reach, ValueError where the edges do not rise.
        """
        import numpy as np

        edges = np.asarray(edges_utc_s, dtype=np.float64)
        if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
            raise ValueError("edges must be one row of at least two rising times")
        window = self.covering(float(edges[0]), float(edges[-1]))
        borders = window.start_utc_s + window.step_s * np.arange(1, len(window.values), dtype=np.float64)
        # Pieces between neighbouring edges or borders have one value each; none straddles two intervals.
        cuts = np.union1d(edges, borders[(borders > edges[0]) & (borders < edges[-1])])
        interval = ((cuts[:-1] - window.start_utc_s) // window.step_s).astype(np.int64)
        shares = np.diff(cuts) / np.repeat(np.diff(edges), np.diff(np.searchsorted(cuts, edges)))
        return np.add.reduceat(window.values[interval] * shares, np.searchsorted(cuts, edges[:-1]))

    def resampled(self, step_s: int, from_utc_s: float, to_utc_s: float) -> Series:
        """Return exact means over intervals of `step_s`, aligned to multiples of it in UTC, that cover the window.

        Where `step_s` divides the series' own grid the values are the series' own.
        """
        import numpy as np

        first, after_last = int(from_utc_s // step_s), -int(-to_utc_s // step_s)
        starts_utc_s = step_s * np.arange(first, after_last, dtype=np.int64)
        window = self.covering(float(first * step_s), float(after_last * step_s))
        if self.step_s % step_s == 0 and self.start_utc_s % step_s == 0:
            values = window.at(starts_utc_s)
        else:
            values = window.mean_over(step_s * np.arange(first, after_last + 1, dtype=np.int64))
        return dataclasses.replace(window, start_utc_s=first * step_s, step_s=step_s, values=values)

    def weighing(self, amounts: ArrayLike, edges_utc_s: ArrayLike) -> NDArray[np.float64]:
        """Return amounts, of shape (..., n) between n + 1 rising edges, each times the value of its interval.

        Raises ValueError where a bucket straddles two intervals: then the product would not be exact.
        """
        import numpy as np

        edges = np.asarray(edges_utc_s, dtype=np.float64)
        given = np.asarray(amounts, dtype=np.float64)
        if edges.ndim != 1 or len(edges) < 2 or not np.all(np.diff(edges) > 0):
            raise ValueError("edges must be one row of at least two rising times")
        if given.shape[-1:] != (len(edges) - 1,):
            raise ValueError(f"{len(edges)} edges need amounts of shape (..., {len(edges) - 1}), not {given.shape}")
        starts_s = edges[:-1] - self.start_utc_s
        straddling = np.flatnonzero(starts_s % self.step_s + np.diff(edges) > self.step_s)
        if len(straddling):
            which = f"{utc_text(edges[straddling[0]])} to {utc_text(edges[straddling[0] + 1])}"
            raise ValueError(f"the bucket {which} straddles two intervals of '{self.name}' ({self.step_s} s each)")
        return given * self.at(edges[:-1])

    def _index(self, interval: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the index into `values` of intervals counted from the first, those of other years included."""
        import numpy as np

        inside = (interval >= 0) & (interval < len(self.values))
        if np.all(inside):
            return interval
        if not self.repeats_yearly:
            beyond_utc_s = self.start_utc_s + self.step_s * interval[~inside]
            raise InputError(self._too_short(float(beyond_utc_s.min()), float(beyond_utc_s.max()) + self.step_s))
        by_slot = self._typical_year()
        slot, _ = self._slots(interval)
        return np.where(inside, interval, by_slot[slot])

    def _typical_year(self) -> NDArray[np.int64]:
        """Return, for each slot of a leap year, the index of the value that stands for it."""
        import numpy as np

        own = np.arange(len(self.values), dtype=np.int64)
        slot, slots_per_day = self._slots(own)
        by_slot = np.full(_DAYS_OF_LEAP_YEAR * slots_per_day, -1, dtype=np.int64)
        by_slot[slot[::-1]] = own[::-1]  # the earliest year wins where there are several
        days = by_slot.reshape(_DAYS_OF_LEAP_YEAR, slots_per_day)
        days[_FEBRUARY_29] = np.where(days[_FEBRUARY_29] < 0, days[_FEBRUARY_29 - 1], days[_FEBRUARY_29])
        if np.any(by_slot < 0):
            raise InputError(
                Problem(
                    self.source,
                    self.name,
                    f"the series runs from {utc_text(self.start_utc_s)} to {utc_text(self.end_utc_s)} and can not "
                    "repeat: 'repeat: year' needs a value for every hour of a calendar year",
                )
            )
        return by_slot

    def _slots(self, interval: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
        """Return each interval's place in a leap year, in steps by month, day and time, and the steps of a day."""
        import numpy as np

        if _DAY_S % self.step_s:
            raise ValueError(f"a series of step {self.step_s} s can not repeat yearly: the step must divide a day")
        start_utc_s = self.start_utc_s + self.step_s * interval
        date = (start_utc_s // _DAY_S).astype("datetime64[D]")
        year = date.astype("datetime64[Y]")
        day = (date - year.astype("datetime64[D]")).astype(np.int64)
        is_leap = ((year + 1).astype("datetime64[D]") - year.astype("datetime64[D]")).astype(np.int64) == 366
        day = day + (~is_leap & (day >= _FEBRUARY_29))
        slots_per_day = _DAY_S // self.step_s
        return day * slots_per_day + start_utc_s % _DAY_S // self.step_s, slots_per_day

    def _too_short(self, from_utc_s: float, to_utc_s: float) -> Problem:
        if to_utc_s > self.end_utc_s:
            fault = f"the series ends at {utc_text(self.end_utc_s)}, before the run ends at {utc_text(to_utc_s)}"
        else:
            fault = f"the series starts at {utc_text(self.start_utc_s)}, after the run starts at {utc_text(from_utc_s)}"
        remedy = "add 'repeat: year' to take the same values in every calendar year, or move the run"
        return Problem(self.source, self.name, f"{fault}; {remedy}")
