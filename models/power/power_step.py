"""Steps of power that stay: a job starts, writes a checkpoint, or all of its nodes fall idle at once."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .supply_smoothing import SupplySmoothing


@dataclass(frozen=True)
class PowerStep:
    """A change of power that stays, as a meter sees it."""

    name: str
    from_w: float
    to_w: float
    ramp_w_per_s: float
    """Greatest change of power in time, without sign [W/s]."""
    settled_s: float
    """Time until 95 % of the change are there [s]; what smooths takes it over meanwhile."""

    @property
    def change_w(self) -> float:
        """Power after less power before [W]."""
        return self.to_w - self.from_w

    def times(self, factor: float) -> PowerStep:
        """Return the step of `factor` (above 0) as much power: with the losses ahead of it."""
        return PowerStep(
            self.name, factor * self.from_w, factor * self.to_w, factor * self.ramp_w_per_s, self.settled_s
        )


def step_of(
    name: str, from_w: float, to_w: float, smoothing: SupplySmoothing | None = None, *, accelerators: int = 1
) -> PowerStep:
    """Return a change of power from one mean to another, of `accelerators` that each have the smoothing's storage.

    A ramp of duration r into a first-order filter comes out steepest at its end, (D/r)(1 - exp(-r/tau)); from then on
    it falls short of D by D (tau/r)(1 - exp(-r/tau)) exp(-t/tau).

    >>> round(step_of("start", 1e6, 11e6).ramp_w_per_s / 1e6)  # in 20 ms
    500
    """
    smoothing = smoothing or SupplySmoothing()
    change_w = to_w - from_w
    rise_s = smoothing.step_rise_time_s(change_w, accelerators)
    tau_s = smoothing.step_time_constant_s(change_w, accelerators)
    followed = -math.expm1(-rise_s / tau_s) if tau_s > 0.0 else 1.0
    short = tau_s / rise_s * followed
    # While it is still on the ramp the filter is late by its time constant.
    settled_s = rise_s + tau_s * math.log(short / 0.05) if short > 0.05 else 0.95 * rise_s + tau_s
    return PowerStep(name, from_w, to_w, abs(change_w) / rise_s * followed, settled_s if change_w != 0.0 else 0.0)
