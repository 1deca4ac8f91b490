"""What the storage beside the grid does in a run, and what it holds."""

from __future__ import annotations

import math
from collections.abc import Callable

from models.power.supply.battery_storage import BatteryStorage
from models.power.supply.dispatch.dispatch import DispatchPlan, Signals
from models.problems import InputError
from models.series import Series

_DAY_S = 86_400

ReadSeries = Callable[[float, float], Series]
"""Returns the series of a window of Unix times; raises InputError where it does not reach so far."""


class StorageDispatch:
    """Batteries with their policy, which plans a UTC day at a time. Power is above 0 while they charge.

    A policy that follows a series stands still on a day that the series does not cover to its end. `least_load_w` is a
    load that is always there. Raises InputError where the policy follows a series that the site has not.
    """

    def __init__(
        self,
        storage: BatteryStorage,
        price: ReadSeries | None,
        intensity: ReadSeries | None,
        *,
        least_load_w: float,
        start_utc_s: float,
    ) -> None:
        self.storage = storage
        self.stored_j = storage.initial_j
        self.power_w = 0.0
        self._read = price, intensity
        self._least_load_w = least_load_w
        self._start_utc_s = start_utc_s
        self._planned_to_utc_s = -math.inf
        self._plan: DispatchPlan | None = None
        self._plan_day(start_utc_s)

    def plan(self, now_s: float, load_w: float, holds_s: float) -> None:
        """Set the power for the next `holds_s`, for what the meter would see without it [W]."""
        now_utc_s = self._start_utc_s + now_s
        if now_utc_s >= self._planned_to_utc_s:
            self._plan_day(now_utc_s)
        self.power_w = 0.0
        if self._plan is not None:
            self.power_w = self._plan.power_w(now_utc_s, load_w, self.stored_j, holds_s)

    def settle(self, spilled_j: float, duration_s: float) -> tuple[float, float]:
        """Go on for a time [s] in which so much was spilled [J]; return what was given, below 0 where it charged, and
        what is left of the spilled energy [J]: storage that discharges keeps what nobody took."""
        kept_j = min(spilled_j, max(-self.power_w, 0.0) * duration_s)
        power_w = self.power_w + kept_j / duration_s
        self.stored_j = self.storage.advance(self.stored_j, power_w, duration_s)
        return -power_w * duration_s, spilled_j - kept_j

    def _plan_day(self, now_utc_s: float) -> None:
        self._planned_to_utc_s = (now_utc_s // _DAY_S + 1.0) * _DAY_S
        dispatch = self.storage.dispatch
        if dispatch is None:
            return
        window = now_utc_s, self._planned_to_utc_s
        try:
            price, intensity = (None if read is None else read(*window) for read in self._read)
        except InputError:
            self._plan = None
            return
        self._plan = dispatch.plan(self.storage, Signals(*window, price, intensity, self._least_load_w))
