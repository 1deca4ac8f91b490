"""How much heat computers may give off while air or coolant is too warm, held over an interval without chatter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .heat_store import HeatStore

LEAST_CLOCK = 0.1
"""The slowest clock of a processor that is too hot, over its full one: assumption, near 210 of 1980 MHz of an H100."""
_STEP = 0.1
"""Part of the way from throttling to shutdown that a temperature may go between two looks at it."""
_LEAST_STEP_S = 1.0
LEAST_HOLD_S = 1e-3
"""Nothing is looked at more often than this."""
_AT_LIMIT_K = 1e-6
"""Rounding of a crossing that was worked out."""


class Band(NamedTuple):
    """Temperatures [°C] from which computers throttle, and at which they shut down."""

    throttle_c: float
    shutdown_c: float

    def share_left(self, temperature_c: float) -> float:
        """Return the share of its clocked heat that a chip may give off: 1 up to throttling, 0 from shutdown on.

        The chip's own limit stays where it is, so that the difference to the air or coolant, which carries the heat,
        shrinks in proportion. A temperature that is not there (NaN) limits nothing.
        """
        if not temperature_c > self.throttle_c:
            return 1.0
        share = (self.shutdown_c - temperature_c) / (self.shutdown_c - self.throttle_c)
        return share if temperature_c < self.shutdown_c - _AT_LIMIT_K else 0.0

    def throttles(self, temperature_c: float) -> bool:
        """Return whether a temperature has reached the band."""
        return temperature_c > self.throttle_c - _AT_LIMIT_K


class Heat(NamedTuple):
    """What heats a store [W]: what clocks do not change, and what they do at full clock; less `removed_w`, what cooling
    and colder masses take away.

    `j_per_k` is the store's own heat capacity, `slow_k_per_s` how fast the masses warm that it exchanges heat with.
    """

    fixed_w: float
    clocked_w: float
    removed_w: float
    j_per_k: float
    slow_k_per_s: float = 0.0


class HeldShare(NamedTuple):
    """A share of clocked heat, and how long it may be held [s]."""

    share: float
    hold_s: float


def held_share(temperature_c: float, band: Band, heat: Heat, least_share: float, most_s: float) -> HeldShare:
    """Return the share of clocked heat to hold, so that a temperature in the band goes where chips would take it that
    throttled without delay.

    With the share s falling in proportion to the temperature, C dT/dt = fixed + clocked s - removed makes it
    s(t) = s_e + (s_0 - s_e) exp(-t / tau), s_e = (removed - fixed) / clocked, tau = C (T_shutdown - T_throttle) /
    clocked. Its mean over the interval moves the store as far: held, it neither overshoots nor swings, however long the
    interval. Below `least_share` clocks fall no further. The interval is at most `most_s` [s], and as long as the
    temperature needs for a tenth of the band.
    """
    start = min(max(band.share_left(temperature_c), least_share), 1.0)
    width_k = band.shutdown_c - band.throttle_c
    pace_k_per_s = max(
        abs(heat.fixed_w + heat.clocked_w * start - heat.removed_w) / heat.j_per_k, abs(heat.slow_k_per_s)
    )
    hold_s = min(max(_STEP * width_k / pace_k_per_s, _LEAST_STEP_S), most_s) if pace_k_per_s > 0.0 else most_s
    if heat.clocked_w <= 0.0:
        return HeldShare(start, hold_s)
    settled = (heat.removed_w - heat.fixed_w) / heat.clocked_w
    time_constant_s = heat.j_per_k * width_k / heat.clocked_w
    if settled < least_share < start:  # up to where clocks are slowest, and no further
        hold_s = min(hold_s, time_constant_s * math.log((start - settled) / (least_share - settled)))
    swing = -math.expm1(-hold_s / time_constant_s) * time_constant_s / hold_s
    return HeldShare(min(max(settled + (start - settled) * swing, least_share), 1.0), hold_s)


class Warmed(NamedTuple):
    """A store of heat that cools computers: the share `taken` of IT heat that it gets, other heat `loss_w` [W], and the
    capacity [W] and set-point [°C] of its cooling."""

    store: HeatStore
    band: Band
    taken: float
    loss_w: float
    capacity_w: float
    setpoint_c: float

    def heat_w(self, it_w: float) -> float:
        """Return the heat that it gets [W]."""
        return max(self.taken * it_w + self.loss_w, 0.0)


def throttled_share(
    stores: Sequence[Warmed], fixed_w: float, clocked_w: float, least_share: float, most_s: float
) -> HeldShare:
    """Return the share of clocked heat that computers may give off, and how long to hold it: the least that a store in
    its band asks for, up to where a temperature meets a limit.

    `fixed_w` and `clocked_w` are the IT power that does not follow clocks, and what does at full clock.
    """
    share, hold_s = 1.0, most_s
    for store, band, taken, loss_w, capacity_w, _ in stores:
        if taken > 0.0 and band.throttles(store.temperature_c):
            into_w, slow_k_per_s = store.exchange
            removed_w = capacity_w + into_w
            heat = Heat(taken * fixed_w + loss_w, taken * clocked_w, removed_w, store.j_per_k, slow_k_per_s)
            held = held_share(store.temperature_c, band, heat, least_share, hold_s)
            share, hold_s = min(share, held.share), held.hold_s
    for each in stores:
        heat_w = each.heat_w(fixed_w + clocked_w * share)
        for limit_c in each.band:
            if limit_c > each.store.temperature_c:
                reached_s = each.store.time_to_reach_s(heat_w, each.capacity_w, each.setpoint_c, limit_c)
                hold_s = min(hold_s, reached_s)
    return HeldShare(share, max(hold_s, LEAST_HOLD_S))
