"""Keep what is drawn from the grid below a threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ....units import Power
from .dispatch import Dispatch, DispatchPlan, Signals

if TYPE_CHECKING:
    from ..battery import Battery


class PeakShaving(Dispatch):
    """Discharges what the load has above a threshold, and charges with what it leaves below, as long as the storage
    can."""

    kind: Literal["peak-shaving"] = "peak-shaving"
    threshold: Annotated[Power, Field(gt=0.0)]
    """The most that the meter should see; charging never lifts it above."""

    def plan(self, storage: Battery, signals: Signals) -> DispatchPlan:
        return _PeakShavingPlan(storage, self.threshold)


@dataclass(frozen=True)
class _PeakShavingPlan(DispatchPlan):
    storage: Battery
    threshold_w: float

    def power_w(self, now_utc_s: float, mean_load_w: float, state_of_charge_j: float, duration_s: float) -> float:
        return self.storage.granted_w(self.threshold_w - mean_load_w, state_of_charge_j, duration_s)
