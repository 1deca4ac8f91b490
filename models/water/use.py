"""How much water cooling uses, by where it goes, and the day on which it uses most."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

LITRES_PER_KG = 1.0
"""At 1000 kg/m3; water of 4 to 25 °C lies within 0.3% of it."""
_HOUR_S = 3600.0


class WaterUse(NamedTuple):
    """Water by where it goes, each of one shape, in any one unit such as L.

    `evaporation` is that of towers and of wet pads, `humidification` what goes into the hall's air; both leave as
    vapour. `drift` are drops that towers lose. `blowdown` carries the salts to the drain.
    """

    evaporation: NDArray[np.float64]
    blowdown: NDArray[np.float64]
    drift: NDArray[np.float64]
    humidification: NDArray[np.float64]

    @property
    def drawn(self) -> NDArray[np.float64]:
        """All water that the site draws."""
        return self.evaporation + self.blowdown + self.drift + self.humidification

    @property
    def consumed(self) -> NDArray[np.float64]:
        """Water that does not come back to a drain: drawn less blowdown."""
        return self.evaporation + self.drift + self.humidification


def litres_per_hour(flow_kg_per_s: ArrayLike) -> NDArray[np.float64]:
    """Return a flow of water [kg/s] in L/h, of its shape.

    >>> litres_per_hour(0.5)
    array(1800.)
    """
    import numpy as np

    return np.asarray(_HOUR_S * LITRES_PER_KG * np.asarray(flow_kg_per_s, dtype=np.float64))


def water_used_l(
    evaporation_kg_per_s: ArrayLike,
    blowdown_kg_per_s: ArrayLike,
    drift_kg_per_s: ArrayLike,
    humidification_kg_per_s: ArrayLike,
    duration_s: ArrayLike,
) -> WaterUse:
    """Return the water [L] of flows [kg/s] that hold for durations [s]; arguments broadcast to one shape.

    >>> use = water_used_l(2.0, 0.5, 0.01, 0.0, 3600.0)
    >>> float(use.drawn), float(use.consumed)
    (9036.0, 7236.0)
    """
    import numpy as np

    flows = (evaporation_kg_per_s, blowdown_kg_per_s, drift_kg_per_s, humidification_kg_per_s)
    *shaped, duration = np.broadcast_arrays(*(np.asarray(given, np.float64) for given in (*flows, duration_s)))
    return WaterUse(*(np.asarray(LITRES_PER_KG * flow * duration) for flow in shaped))


class PeakDay(NamedTuple):
    """The local calendar day (ISO, such as 2023-07-28) on which most water was used, and how much [L]."""

    date: str
    volume_l: float


def peak_day(volume_l: ArrayLike, edges_utc_s: ArrayLike, zone: str | tzinfo) -> PeakDay | None:
    """Return the calendar day of a place on which most water is used; None where there is no interval.

    `volume_l` [L], shape (n,), is used evenly between each two of the n + 1 rising `edges_utc_s` [Unix time, s];
    an interval over midnight counts on both days. `zone` is an IANA name, or a clock. Days last 23 or 25 hours when
    the clock changes; the first and last count as far as they are covered. Of equal days the first is named.

    >>> peak_day([10.0, 30.0, 20.0], [0, 43_200, 86_400, 172_800], "UTC")
    PeakDay(date='1970-01-01', volume_l=40.0)
    """
    import numpy as np

    edges = np.asarray(edges_utc_s, dtype=np.float64)
    volume = np.asarray(volume_l, dtype=np.float64)
    if len(edges) != len(volume) + 1 or np.any(np.diff(edges) <= 0.0):
        raise ValueError(f"{len(volume)} volumes lie between {len(volume) + 1} rising edges; given {len(edges)}")
    if not len(volume):
        return None
    clock = zoneinfo.ZoneInfo(zone) if isinstance(zone, str) else zone
    first = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=float(edges[0]))).astimezone(clock).date()
    dates = [first]
    midnights = [datetime(first.year, first.month, first.day, tzinfo=clock).timestamp()]
    while midnights[-1] < edges[-1]:
        dates.append(dates[-1] + timedelta(days=1))
        midnights.append(datetime(dates[-1].year, dates[-1].month, dates[-1].day, tzinfo=clock).timestamp())
    used = np.concatenate([[0.0], np.cumsum(volume)])
    by_day = np.diff(np.interp(midnights, edges, used))
    most = int(np.argmax(by_day))
    return PeakDay(dates[most].isoformat(), float(by_day[most]))
