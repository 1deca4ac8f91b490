"""When storage beside the grid charges and discharges: the contract of every policy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ....section import Section

if TYPE_CHECKING:
    from ....series import Series
    from ..battery import Battery


@dataclass(frozen=True, eq=False)
class Signals:
    """What is known before the run: its window as Unix times, the price [USD/J] and the carbon intensity [kg/J] of
    each interval in it, and a load that is always there [W], beyond which discharging would feed the grid."""

    start_utc_s: float
    end_utc_s: float
    price: Series | None = None
    intensity: Series | None = None
    least_load_w: float = float("inf")


class DispatchPlan(ABC):
    """A policy that knows its storage and its run."""

    @abstractmethod
    def power_w(self, now_utc_s: float, mean_load_w: float, state_of_charge_j: float, duration_s: float) -> float:
        """Return what the storage does for the next `duration_s` [W]: it charges above 0, discharges below.

        `mean_load_w` is what the meter would see without the storage. The answer keeps the storage inside its limits
        for all of `duration_s`, and never discharges more than the load.
        """


class Dispatch(Section):
    """A policy of charging and discharging. YAML selects a kind by `kind:`."""

    @abstractmethod
    def plan(self, storage: Battery, signals: Signals) -> DispatchPlan:
        """Return the policy at work. Raises InputError where it needs a signal that is not there."""
