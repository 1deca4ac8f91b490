"""When jobs arrive: Poisson processes of constant or daily varying rate.

A Poisson process of rate l(t) is one of rate 1 in the stretched time L(t), the integral of l from 0 to t (Çinlar,
Introduction to Stochastic Processes, 1975, section 4.7). Draws are made there and carried back by the inverse of L,
which is exact and needs no thinning.
"""

from __future__ import annotations

import datetime
import math
import zoneinfo
from abc import abstractmethod
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from ..section import Section
from ..units import Duration, quantity

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_DAY_S = 86_400.0
_HOUR_S = 3_600.0


def _known_zone(zone: str) -> str:
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"'{zone}' is no time zone; allowed: an IANA name such as 'America/New_York'") from error
    return zone


class ArrivalPattern(Section):
    """How the rate of arrivals varies. Its mean over a day is 1; the rate itself is given beside it."""

    @abstractmethod
    def stretched_s(self, time_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        """Return the integral of the relative rate from 0 to each time [s], the same shape."""

    @abstractmethod
    def unstretched_s(self, stretched_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        """Return the times [s] at which the integral reaches the values given [s], the same shape."""


class Poisson(ArrivalPattern):
    """Arrivals at a constant rate."""

    kind: Literal["poisson"] = "poisson"

    def stretched_s(self, time_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        return time_s

    def unstretched_s(self, stretched_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        return stretched_s


class DailyPattern(ArrivalPattern):
    """A rate that repeats every day of 24 hours."""

    zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    """Time zone of the day's hours. Its offset at the scenario's start holds throughout: clocks do not change."""

    def midnight_to_start_s(self, start_utc_s: float) -> float:
        """Return the local time of day of the scenario's start [s], 0 to 86,400."""
        start = datetime.datetime.fromtimestamp(start_utc_s, zoneinfo.ZoneInfo(self.zone))
        offset = start.utcoffset() or datetime.timedelta()
        return (start_utc_s + offset.total_seconds()) % _DAY_S


class Diurnal(DailyPattern):
    """A rate that swings as a cosine over the day: 1 + a cos(2 pi (t - peak) / 24 h)."""

    kind: Literal["diurnal"] = "diurnal"
    peak: Duration = quantity("14 h")
    """Local time of day at which most jobs arrive; 14 h is an assumption."""
    peak_to_trough: float = Field(default=3.0, ge=1)
    """Highest rate over lowest, so that a = (ratio - 1) / (ratio + 1); 3 is an assumption."""

    @field_validator("peak")
    @classmethod
    def _within_a_day(cls, peak_s: float) -> float:
        if peak_s >= _DAY_S:
            raise ValueError("'peak' is a time of day, below 24 h")
        return peak_s

    @property
    def _amplitude(self) -> float:
        return (self.peak_to_trough - 1.0) / (self.peak_to_trough + 1.0)

    def stretched_s(self, time_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        import numpy as np

        turn = 2.0 * math.pi / _DAY_S
        phase = turn * (self.midnight_to_start_s(start_utc_s) - self.peak)
        stretched: NDArray[np.float64] = time_s + self._amplitude / turn * (
            np.sin(turn * time_s + phase) - math.sin(phase)
        )
        return stretched

    def unstretched_s(self, stretched_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        import numpy as np

        # The two times differ by the sine term, at most 2 a / turn; 60 halvings leave less than a float resolves.
        reach_s = self._amplitude * _DAY_S / math.pi
        low, high = np.maximum(stretched_s - reach_s, 0.0), stretched_s + reach_s
        for _ in range(60):
            middle = 0.5 * (low + high)
            early = self.stretched_s(middle, start_utc_s) < stretched_s
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        return 0.5 * (low + high)


class HourlyProfile(DailyPattern):
    """A rate that is constant over each hour of the day."""

    kind: Literal["hourly-profile"] = "hourly-profile"
    weights: tuple[Annotated[float, Field(ge=0)], ...] = Field(min_length=24, max_length=24)
    """The 24 relative rates, from local midnight on."""

    @model_validator(mode="after")
    def _some_weight(self) -> Self:
        if not math.fsum(self.weights) > 0.0:
            raise ValueError("all weights are zero; at least one must be above")
        return self

    @property
    def _borders(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The hours of a day [s] and the integral of the relative rate up to each [s], both of shape (25,)."""
        import numpy as np

        hours = np.arange(25, dtype=np.float64) * _HOUR_S
        integral: NDArray[np.float64] = np.concatenate(([0.0], np.cumsum(self.weights)))
        return hours, integral * (_DAY_S / integral[-1])

    def _from_midnight_s(self, time_s: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        hours, integral = self._borders
        days = np.floor(time_s / _DAY_S)
        return days * _DAY_S + np.interp(time_s - days * _DAY_S, hours, integral)

    def stretched_s(self, time_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        import numpy as np

        begun_s = self.midnight_to_start_s(start_utc_s)
        return self._from_midnight_s(time_s + begun_s) - self._from_midnight_s(np.array([begun_s]))

    def unstretched_s(self, stretched_s: NDArray[np.float64], start_utc_s: float) -> NDArray[np.float64]:
        import numpy as np

        begun_s = self.midnight_to_start_s(start_utc_s)
        stretched_s = stretched_s + self._from_midnight_s(np.array([begun_s]))
        hours, integral = self._borders
        days = np.floor(stretched_s / _DAY_S)
        time_s = days * _DAY_S + np.interp(stretched_s - days * _DAY_S, integral, hours)
        return np.maximum(time_s - begun_s, 0.0)


Arrivals = Annotated[Poisson | Diurnal | HourlyProfile, Field(discriminator="kind")]
"""How the rate of arrivals varies over the day."""


def first_arrivals_s(
    pattern: ArrivalPattern, jobs_per_s: float, count: int, start_utc_s: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Return the times [s] of the first `count` arrivals of mean rate `jobs_per_s`, rising, shape (count,)."""
    import numpy as np

    return pattern.unstretched_s(np.cumsum(generator.standard_exponential(count)) / jobs_per_s, start_utc_s)


def arrivals_within_s(
    pattern: ArrivalPattern,
    jobs_per_s: float | None,
    count: int | None,
    horizon_s: float,
    start_utc_s: float,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return the times [s] of the arrivals before `horizon_s`, rising, shape (n,).

    Given `count`, n is that number; otherwise n is Poisson with the mean that `jobs_per_s` gives. Either way the times
    are n independent draws from the pattern, sorted: a Poisson process, given its number of arrivals.
    """
    import numpy as np

    total_s = float(pattern.stretched_s(np.array([horizon_s]), start_utc_s)[0])
    number = count if count is not None else int(generator.poisson((jobs_per_s or 0.0) * total_s))
    times_s = pattern.unstretched_s(np.sort(generator.random(number)) * total_s, start_utc_s)
    return np.minimum(times_s, np.nextafter(horizon_s, 0.0))
