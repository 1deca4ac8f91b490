"""Charges for the greatest power of a billing month, and the least that they may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from ..instant import Instant
from ..section import Section
from ..units import Duration, Power, PowerPrice, quantity
from .local_clock import MONTHS, LocalHours, Month, month_start_utc_s
from .metered import Metered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_INTERVALS_S = (900.0, 1800.0, 3600.0)


def _billing_interval(interval_s: float) -> float:
    if interval_s not in _INTERVALS_S:
        raise ValueError(f"{interval_s:g} s is no interval over which demand is metered: 15, 30 or 60 min")
    return interval_s


BillingInterval = Annotated[Duration, AfterValidator(_billing_interval)]
"""s: 15, 30 or 60 minutes."""


class Ratchet(Section):
    """Demand that is billed even if less was drawn: a share of the greatest demand metered in earlier months."""

    share: float = Field(gt=0.0, le=1.0)
    """Share of the greatest earlier demand, such as 0.8."""
    previous: int = Field(default=11, ge=1)
    """How many months back demand counts. Eleven, a year with the month itself, is an assumption."""
    months: Annotated[tuple[Month, ...], Field(min_length=1)] = MONTHS
    """Months whose demand counts, such as `[jun, jul, aug, sep]`; all where not given."""
    earlier: tuple[Power, ...] = ()
    """Demand metered in the months before the run, the latest last. By default a new connection: none (assumption)."""


class RampStep(Section):
    """Power that is contracted until a site is built up."""

    until: Instant
    """When the step ends, with its zone; months that begin earlier are billed by it."""
    contracted: Power
    """The power that the contract reserves until then."""


class ContractMinimum(Section):
    """Demand that is billed even if less was drawn: a share of the contracted power, as large loads agree to."""

    share: float = Field(gt=0.0, le=1.0)
    """Share of the contracted power, such as 0.85, which is in force for large loads at one utility."""
    contracted: Power
    """The power that the contract reserves, such as `100 MW`."""
    ramp: tuple[RampStep, ...] = ()
    """Less power at first, in steps; of those that have not ended the one that ends first is in force."""

    def least_w(self, starts_utc_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the least demand billed [W] in months by their start (Unix time), of the same shape."""
        import numpy as np

        contracted_w = np.full(starts_utc_s.shape, self.contracted)
        for step in sorted(self.ramp, key=lambda step: step.until, reverse=True):
            contracted_w[starts_utc_s < step.until.timestamp()] = step.contracted
        return np.asarray(self.share * contracted_w)


class DemandCharge(LocalHours):
    """A charge for the greatest mean power over a metering interval in a billing month.

    With months, weekdays or hours only intervals in these count, and only these months are charged.
    """

    name: str = "demand"
    """What the bill calls it."""
    price: PowerPrice
    """Price for the billed demand of a month, such as `12 USD/kW`."""
    interval: BillingInterval = quantity("15 min")
    """Over which demand is the mean: 15, 30 or 60 min. 15 min is an assumption: the most common one."""
    ratchet: Ratchet | None = None
    """Least demand that is billed, by earlier months."""
    contract_minimum: ContractMinimum | None = None
    """Least demand that is billed, by contract."""

    @model_validator(mode="after")
    def _hours_on_intervals(self) -> Self:
        if any(quarter * 900 % int(self.interval) for quarter in self.borders):
            minutes = int(self.interval) // 60
            raise ValueError(f"hours '{self.hours}' must begin and end on the metering interval of {minutes} min")
        return self

    def billed(self, metered: Metered) -> BilledDemand:
        """Return the demand of each billing month; raise ValueError where buckets straddle metering intervals."""
        import numpy as np

        count = len(metered.months)
        means = metered.interval_means(int(self.interval))
        held = self.holds(means.at)
        measured_w, peak_utc_s = np.zeros(count), np.full(count, np.nan)
        for month in range(count):
            inside = np.flatnonzero(held & (means.month == month))
            if len(inside):
                peak = inside[np.argmax(means.power_w[inside])]
                measured_w[month], peak_utc_s[month] = means.power_w[peak], means.start_utc_s[peak]
        ratchet_w = self._ratchet_w(metered.months, measured_w)
        minimum = self.contract_minimum
        starts_utc_s = np.array([month_start_utc_s(int(month), metered.zone) for month in metered.months])
        minimum_w = minimum.least_w(starts_utc_s) if minimum else np.zeros(count)
        charged = np.isin(metered.months % 12, [MONTHS.index(month) for month in self.months])
        return BilledDemand(measured_w, peak_utc_s, ratchet_w, minimum_w, charged)

    def _ratchet_w(self, months: NDArray[np.int64], measured_w: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        if self.ratchet is None:
            return np.zeros(len(months))
        earlier_w = self.ratchet.earlier
        history_w = np.concatenate([np.asarray(earlier_w, dtype=np.float64), measured_w])
        numbers = np.arange(months[0] - len(earlier_w), months[-1] + 1)
        counted_w = np.where(
            np.isin(numbers % 12, [MONTHS.index(month) for month in self.ratchet.months]), history_w, 0
        )
        least_w = [
            self.ratchet.share * counted_w[max(place - self.ratchet.previous, 0) : place].max(initial=0.0)
            for place in range(len(earlier_w), len(history_w))
        ]
        return np.array(least_w)


@dataclass(frozen=True, eq=False)
class BilledDemand:
    """Demand of k billing months [W], each of shape (k,): metered, and the least that ratchet and contract allow.

    `peak_utc_s` is when the interval of the metered demand began, NaN where none counted; `charged` whether the
    charge applies in the month at all.
    """

    measured_w: NDArray[np.float64]
    peak_utc_s: NDArray[np.float64]
    ratchet_w: NDArray[np.float64]
    minimum_w: NDArray[np.float64]
    charged: NDArray[np.bool_]

    @property
    def ratchet_topup_w(self) -> NDArray[np.float64]:
        """What the ratchet adds to the metered demand [W]."""
        import numpy as np

        return np.maximum(self.ratchet_w - self.measured_w, 0.0)

    @property
    def minimum_topup_w(self) -> NDArray[np.float64]:
        """What the contract adds beyond that [W]."""
        import numpy as np

        return np.maximum(self.minimum_w - np.maximum(self.measured_w, self.ratchet_w), 0.0)

    @property
    def billed_w(self) -> NDArray[np.float64]:
        """What is billed [W]: the greatest of the three; 0 where the month is not charged."""
        import numpy as np

        return np.where(self.charged, np.maximum(np.maximum(self.measured_w, self.ratchet_w), self.minimum_w), 0.0)
