"""What stands between an accelerator's swings and the grid: rise times, a floor, and energy stored in the supplies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from pydantic import Field

from ..section import Section
from ..units import Duration, Energy, PowerRamp, quantity
from .low_pass import Ripple, periodic_response

HALVINGS = 60
"""Halvings of a time constant until the next would be lost in a double."""


class SupplySmoothing(Section):
    """Smooths the power of a job: first the floor, then the rise time, then storage that works as a low-pass filter.

    By default nothing smooths but the rise time. Storage of a hall (a battery that follows the mean) is written the
    same way, its energy divided by the accelerators; where there is both, the slower filter is the one that counts.
    """

    rise_time: Duration = Field(default=quantity("20 ms"), gt=0.0)
    """Time in which power follows a change of phase, on a straight line. 20 ms is an assumption: a period of the mains,
    which the capacitors of a supply bridge."""
    time_constant: Duration = quantity("0 s")
    """Time constant of a first-order low-pass filter, made by energy in supplies, racks or a battery; 0: none."""
    storage: Energy | None = Field(default=None, gt=0.0)
    """Energy that this storage can give and take, of each accelerator. The filter is as slow as this lets it be; not
    limited if nothing is said. NVIDIA tells 65 J a GPU of GB300 NVL72 (developer blog, 2025)."""
    greatest_peak_cut: float | None = Field(default=None, ge=0.0, lt=1.0)
    """Share of the peak that the filter takes off at most; not limited if nothing is said. NVIDIA publishes "up to
    30 %" for the supplies of GB300 NVL72 (developer blog, 2025)."""
    floor: float = Field(default=0.0, ge=0.0, le=1.0)
    """Share of the power of the job's greatest phase below which accelerators burn power to stay above; 0: none."""
    ramp_limit: PowerRamp | None = Field(default=None, gt=0.0)
    """Greatest ramp of each accelerator when a job starts or ends, where it holds or burns power to keep to it (ramp
    rates of power-smoothing profiles, NVML API). A node that loses its supply keeps to nothing."""

    def with_floor(self, powers_w: Sequence[float]) -> list[float]:
        """Return the power of each phase [W] with what is burnt to stay above the floor."""
        floor_w = self.floor * max(powers_w)
        return [max(power_w, floor_w) for power_w in powers_w]

    def periodic_time_constant_s(
        self, durations_s: Sequence[float], powers_w: Sequence[float], accelerators: int
    ) -> float:
        """Return the time constant [s] that storage and the greatest cut allow for phases that repeat.

        A first-order filter takes tau (greatest - least) from its storage and back in a period: the integral of
        u - y = tau dy/dt.
        """
        greatest_w = self._response(durations_s, powers_w, 0.0).greatest_w

        def allowed(tau_s: float) -> bool:
            after = self._response(durations_s, powers_w, tau_s)
            cut = self.greatest_peak_cut is None or after.greatest_w >= (1.0 - self.greatest_peak_cut) * greatest_w
            stored_j = math.inf if self.storage is None else self.storage * accelerators
            return cut and tau_s * (after.greatest_w - after.least_w) <= stored_j

        return _greatest(allowed, self.time_constant)

    def step_time_constant_s(self, change_w: float, accelerators: int) -> float:
        """Return the time constant [s] that storage allows for a change of power that stays: it takes tau times it."""
        if self.storage is None or change_w == 0.0:
            return self.time_constant
        return min(self.time_constant, self.storage * accelerators / abs(change_w))

    def step_rise_time_s(self, change_w: float, accelerators: int) -> float:
        """Return the time that a change of power takes when a job starts or ends [s]."""
        if self.ramp_limit is None:
            return self.rise_time
        return max(self.rise_time, abs(change_w) / (self.ramp_limit * accelerators))

    def _response(self, durations_s: Sequence[float], powers_w: Sequence[float], tau_s: float) -> Ripple:
        return periodic_response(durations_s, powers_w, rise_time_s=self.rise_time, time_constant_s=tau_s)


def _greatest(allowed: Callable[[float], bool], most: float) -> float:
    """Return the greatest value up to `most` that is allowed, where all below one that is are allowed too."""
    if allowed(most):
        return most
    low, high = 0.0, most
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if allowed(middle) else (low, middle)
    return low
