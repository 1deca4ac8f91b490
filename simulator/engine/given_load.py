"""Equipment whose power is given over time: the simplest run-ahead component."""

from __future__ import annotations

import math

from models.series import Series

from ..metering.meter import Meter


class GivenLoad:
    """Hands its power to a meter as segments, one for each interval of the series, as far as it is asked to run."""

    finished = True
    """It never keeps a run going."""
    unsettled = False

    def __init__(self, name: str, power_w: Series, start_utc_s: float, meter: Meter) -> None:
        self.name = name
        self.meter = meter
        self.power_w = power_w
        self.powered = True
        """Whether there is power for it; whoever changes that has run it up to the instant before."""
        self._start_utc_s = start_utc_s

    def announce(self) -> bool:
        """Return that nobody waits for anything here."""
        return False

    def settle(self, now_s: float) -> None:
        """Do nothing: the power is what it is."""

    def advance(self, until_s: float) -> float:
        """Hand over the segments up to `until_s`; raises InputError where the series does not reach so far."""
        if math.isfinite(until_s):
            self.close(until_s)
        return until_s

    def close(self, end_s: float) -> None:
        """Hand over the segments up to the run's end."""
        from_s = self.meter.as_of_s
        if not end_s > from_s:
            return
        # A Unix time of today is known to 2e-7 s: two instants of a run can be closer together than that.
        from_utc_s = self._start_utc_s + from_s
        to_utc_s = max(self._start_utc_s + end_s, math.nextafter(from_utc_s, math.inf))
        window = self.power_w.covering(from_utc_s, to_utc_s)
        for index, asked_w in enumerate(window.values.tolist()):
            power_w = asked_w if self.powered else 0.0
            to_s = min(window.start_utc_s + (index + 1) * window.step_s - self._start_utc_s, end_s)
            self.meter.segment(from_s, to_s, power_w * (to_s - from_s), power_w, power_w)
            from_s = to_s
