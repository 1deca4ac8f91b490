"""A power that is constant between steps, over the time of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

_SLACK = 1e-9  # relative; sums of many powers differ by less where they are meant to be equal


@dataclass(frozen=True, eq=False)
class Steps:
    """`power_w[i]` holds from `from_s[i]` to `from_s[i + 1]`, the last one for ever; `from_s` rises from 0 [s from the
    scenario's start]. Both of shape (n,)."""

    from_s: NDArray[np.float64]
    power_w: NDArray[np.float64]

    def at(self, time_s: ArrayLike) -> NDArray[np.float64]:
        """Return the power [W] at times of 0 or more [s]."""
        import numpy as np

        return np.asarray(self.power_w[np.searchsorted(self.from_s, time_s, side="right") - 1])

    @property
    def greatest_w(self) -> float:
        """The greatest power [W]."""
        return float(self.power_w.max())


class Shortfall(NamedTuple):
    """A time [s] over which more is needed than there is, and the instant's figures [W] when most is missing. `to_s`
    is infinite where it lasts for ever."""

    from_s: float
    to_s: float
    needed_w: float
    available_w: float


def stacked(from_s: ArrayLike, until_s: ArrayLike, power_w: ArrayLike) -> Steps:
    """Return the sum of powers [W], each there from `from_s` until `until_s` (infinity: to the end); shape (n,) each.

    Steps before the scenario's start count from 0.
    """
    import numpy as np

    starts, ends, powers = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(each, np.float64)) for each in (from_s, until_s, power_w))
    )
    starts = np.maximum(starts, 0.0)
    lasting = ends > starts
    starts, ends, powers = starts[lasting], ends[lasting], powers[lasting]
    spans, span = np.unique(np.stack([starts, ends]), axis=1, return_inverse=True)
    starts, ends, powers = spans[0], spans[1], np.bincount(span.reshape(-1), powers, spans.shape[1])
    times = np.unique(np.concatenate([[0.0], starts, ends[np.isfinite(ends)]]))
    # Every power is added up anew at each time, so that what has gone leaves no rounding behind.
    sums = np.array([powers[(starts <= time) & (time < ends)].sum() for time in times])
    return Steps(times, sums)


def shortfalls(needed: Steps, available: Steps, end_s: float = float("inf")) -> tuple[Shortfall, ...]:
    """Return every time before `end_s` over which more is needed than is available, in order."""
    import numpy as np

    times = np.union1d(needed.from_s, available.from_s)
    times = times[times < end_s]
    ends = np.append(times[1:], end_s)
    needed_w, available_w = needed.at(times), available.at(times)
    short = needed_w > available_w * (1.0 + _SLACK)
    found: list[Shortfall] = []
    for index in np.flatnonzero(short).tolist():
        here = Shortfall(float(times[index]), float(ends[index]), float(needed_w[index]), float(available_w[index]))
        if found and found[-1].to_s == here.from_s:
            before = found.pop()
            worse = max(before, here, key=lambda each: each.needed_w - each.available_w)
            here = worse._replace(from_s=before.from_s, to_s=here.to_s)
        found.append(here)
    return tuple(found)
