"""Prices that follow the calendar and the clock of a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from ..problems import InputError, Problem
from ..series import Series
from ..units import EnergyPrice
from .local_clock import MONTHS, QUARTERS_PER_DAY, WEEKDAYS, LocalHours, ZoneName, local_times, zone_step_s
from .tariff import Tariff

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class TariffPeriod(LocalHours):
    """Hours of some days that share a price. Month, weekday and hour are each those of the local clock."""

    price: EnergyPrice
    """Price of energy in the period, such as `180 USD/MWh`; may be negative."""


class TimeOfUseTariff(Tariff):
    """Prices by month, weekday and hour of a local clock; daylight saving follows the zone's rules.

    On the day the clock goes back the doubled hour costs its price twice; the hour that is left out costs nothing.
    """

    kind: Literal["time-of-use"] = "time-of-use"
    zone: ZoneName
    """IANA name of the time zone whose clock periods, charges and billing months follow, such as `America/New_York`."""
    periods: Annotated[tuple[TariffPeriod, ...], Field(min_length=1)]
    """Periods, which may not overlap and must fill the year unless there is a `default`."""
    default: EnergyPrice | None = None
    """Price of energy at times that no period holds."""

    @model_validator(mode="after")
    def _each_time_has_one_price(self) -> TimeOfUseTariff:
        faults = []
        held: dict[tuple[int, int, int], int] = {}
        overlaps: dict[tuple[int, int], tuple[int, int, int]] = {}
        for index, period in enumerate(self.periods):
            for slot in sorted(period.slots):
                if slot in held:
                    overlaps.setdefault((held[slot], index), slot)
                held.setdefault(slot, index)
        for (one, other), slot in overlaps.items():
            faults.append(f"periods[{one}] and periods[{other}] overlap, first at {_slot_text(slot)}")
        every = ((m, d, q) for m in range(12) for d in range(7) for q in range(QUARTERS_PER_DAY))
        gap = None if self.default is not None else next((slot for slot in every if slot not in held), None)
        if gap is not None:
            faults.append(f"no period holds {_slot_text(gap)}; add one, or a 'default' price")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def clock(self) -> str:
        return self.zone

    @property
    def price_step_s(self) -> int:
        return min(zone_step_s(self.zone), *(period.step_s for period in self.periods))

    def energy_price(self, start_utc_s: float, end_utc_s: float) -> Series:
        import numpy as np

        step_s = self.price_step_s
        first, after_last = int(start_utc_s // step_s), -int(-end_utc_s // step_s)
        at = local_times(step_s * np.arange(first, after_last, dtype=np.int64), self.zone)
        if np.any(at.offset_s % step_s):
            raise InputError(Problem("", "zone", f"the clock of '{self.zone}' is not on the hour throughout the run"))
        prices = self._price_by_slot()[at.month, at.weekday, at.quarter]
        return Series("energy_price", "USD/J", first * step_s, step_s, prices)

    def _price_by_slot(self) -> NDArray[np.float64]:
        """Return prices [USD/J] of shape (12, 7, 96)."""
        import numpy as np

        prices = np.full((12, 7, QUARTERS_PER_DAY), np.nan if self.default is None else self.default)
        for period in self.periods:
            for slot in period.slots:
                prices[slot] = period.price
        return prices


def _slot_text(slot: tuple[int, int, int]) -> str:
    month, weekday, quarter = slot
    return f"{WEEKDAYS[weekday]} {quarter // 4:02d}:{quarter % 4 * 15:02d} in {MONTHS[month]}"
