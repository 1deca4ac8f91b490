"""Charge in the cheapest hours of each day and discharge in the dearest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ....problems import InputError, Problem
from .dispatch import Dispatch, DispatchPlan, Signals

if TYPE_CHECKING:
    from ....series import Series
    from ..battery import Battery

_HOUR_S = 3600
_DAY_S = 86_400


class Arbitrage(Dispatch):
    """Charges and discharges at the hours of each day (in UTC) in which that saves most, if it saves at all after the
    losses. Prices, or carbon intensities, are known in advance; each day ends at the charge at which it began."""

    kind: Literal["arbitrage"] = "arbitrage"
    by: Literal["price", "carbon"] = "price"
    """What is saved: money on the price of energy, or carbon on the intensity of the grid."""

    def plan(self, storage: Battery, signals: Signals) -> DispatchPlan:
        return _ArbitragePlan(storage, self.schedule(storage, signals))

    def schedule(self, storage: Battery, signals: Signals) -> Series:
        """Return the power [W] of each interval of the signal, charging above 0; at most an hour each.

        Raises InputError where the signal is not there or does not cover the run.
        """
        import numpy as np

        from .daily_schedule import cheapest_schedule

        signal = signals.price if self.by == "price" else signals.intensity
        if signal is None:
            needed = "a tariff with prices" if self.by == "price" else "the carbon intensity of the grid"
            raise InputError(Problem("", "dispatch.by", f"'{self.by}' needs {needed}, which this run has not"))
        known = signal.resampled(min(signal.step_s, _HOUR_S), signals.start_utc_s, signals.end_utc_s)
        starts_utc_s = known.start_utc_s + known.step_s * np.arange(len(known.values))
        days = np.flatnonzero(np.diff(starts_utc_s // _DAY_S)) + 1
        power_w = [
            cheapest_schedule(values, float(known.step_s), storage, signals.least_load_w)
            for values in np.split(known.values, days)
        ]
        return known.named("storage_power", "W", np.concatenate(power_w))


@dataclass(frozen=True, eq=False)
class _ArbitragePlan(DispatchPlan):
    storage: Battery
    schedule: Series

    def power_w(self, now_utc_s: float, mean_load_w: float, state_of_charge_j: float, duration_s: float) -> float:
        wanted_w = max(float(self.schedule.at(now_utc_s)), -max(mean_load_w, 0.0))
        return self.storage.granted_w(wanted_w, state_of_charge_j, duration_s)
