"""The time of a proof: the days that stand for a quarter, gone through until a week has been simulated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from optimizers.given.goals import ProofTerms
from optimizers.instance.time import Day, Hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY_H = 24
HOUR_S = 3600.0
DAY_S = DAY_H * HOUR_S


@dataclass(frozen=True, eq=False)
class ProofWeek:
    """Simulated hours, and the representative hour of the quarter that each is an instance of."""

    start_utc_s: float
    """Unix time at which the simulation starts, midnight in UTC."""
    warm_up_h: int
    """Hours at the start that are not counted: whole days."""
    round_h: int
    """Hours of one round of all days: what is simulated repeats itself after so many."""
    hour: NDArray[np.int64]
    """Index of the representative hour of each simulated hour, shape (simulated hour,)."""
    weight_h: NDArray[np.float64]
    """Hours of the quarter that each representative hour stands for, shape (hour,); 0 for design hours."""

    @property
    def total_s(self) -> float:
        """Length of the simulation [s]."""
        return len(self.hour) * HOUR_S

    @property
    def warm_up_s(self) -> float:
        """Length of what is not counted [s]."""
        return self.warm_up_h * HOUR_S

    @property
    def counted_s(self) -> float:
        """Length of what is counted [s]."""
        return self.total_s - self.warm_up_s

    @property
    def quarter_s(self) -> float:
        """Length of the quarter [s]."""
        return float(self.weight_h.sum()) * HOUR_S

    @property
    def since_step_began_h(self) -> NDArray[np.int64]:
        """Whole hours since the step of a day began that each simulated hour is of, shape (simulated hour,); 0 where
        representative hours are single hours."""
        found = np.zeros(len(self.hour), dtype=np.int64)
        for number in range(1, len(found)):
            if number % DAY_H and self.hour[number] == self.hour[number - 1]:
                found[number] = found[number - 1] + 1
        return found

    def over_hours(self, hourly: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean over the counted instances of each representative hour, shape (..., hour).

        `hourly` has the shape (..., simulated hour); design hours, which are not simulated, are 0.
        """
        counted, places = hourly[..., self.warm_up_h :], self.hour[self.warm_up_h :]
        instances = np.bincount(places, minlength=len(self.weight_h))
        found = np.zeros((*hourly.shape[:-1], len(self.weight_h)))
        for place in np.unique(places).tolist():
            found[..., place] = counted[..., places == place].sum(axis=-1)
        return np.asarray(found / np.maximum(instances, 1))

    def of_quarter(self, by_hour: NDArray[np.float64]) -> float:
        """Return the sum over the quarter of a rate a second by representative hour."""
        return float((by_hour * self.weight_h).sum() * HOUR_S)


def proof_week(hours: Hours, quarter: int, terms: ProofTerms, *, least_warm_up_s: float = 0.0) -> ProofWeek:
    """Return the simulated time of a quarter: warm-up, then the representative days in order as often as a week holds.

    Both are whole days, the counted time whole rounds of all days, at least one. The warm-up, no shorter than
    `least_warm_up_s`, is the end of such rounds, so that the counted time begins with the first day. Raises ValueError
    where a day's hours are no divisor of 24, so that they can not be laid over a day.
    """
    weight_h = hours.weight_h[quarter]
    days = [day for day in hours.days if weight_h[day.first : day.first + day.count].sum() > 0.0]
    if not days:
        raise ValueError(f"quarter {quarter} has no hour with a weight: there is nothing to simulate")
    rounds = max(round(terms.week / DAY_S / len(days)), 1)
    warm_up = math.ceil(max(terms.warm_up, least_warm_up_s) / DAY_S)
    order = [(number - warm_up) % len(days) for number in range(warm_up + rounds * len(days))]
    hour = np.concatenate([_hours_of(days[number]) for number in order])
    first_utc_s = float(hours.start_utc_s[quarter, days[0].first])
    start_utc_s = math.floor(first_utc_s / DAY_S) * DAY_S - warm_up * DAY_S
    return ProofWeek(start_utc_s, warm_up * DAY_H, len(days) * DAY_H, hour, weight_h)


def _hours_of(day: Day) -> NDArray[np.int64]:
    if DAY_H % day.count:
        raise ValueError(f"a day of {day.count} hours can not be laid over the {DAY_H} of a day")
    return np.repeat(np.arange(day.first, day.first + day.count), DAY_H // day.count)
