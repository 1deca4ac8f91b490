"""What the panels of the site give at any instant of a run."""

from __future__ import annotations

from models.power.supply.photovoltaics import Photovoltaics
from models.series import Series
from models.weather.weather import Weather

_YEAR_S = 366 * 86_400.0


class PhotovoltaicPower:
    """Power of panels by the weather's intervals; worked out for a year at a time, or for the run where its end is
    known."""

    def __init__(self, panels: Photovoltaics, weather: Weather, start_utc_s: float, until_s: float | None) -> None:
        self._panels = panels
        self._weather = weather
        self._start_utc_s = start_utc_s
        self._length_s = _YEAR_S if until_s is None else min(until_s, _YEAR_S)
        self._power_w = self._read(start_utc_s)

    def at(self, instant_s: float) -> float:
        """Return the power [W] at an instant [s from the scenario's start]."""
        utc_s = self._start_utc_s + instant_s
        if utc_s >= self._power_w.end_utc_s:
            self._power_w = self._read(utc_s)
        return float(self._power_w.at(utc_s))

    def _read(self, from_utc_s: float) -> Series:
        dry_bulb, length_s = self._weather.dry_bulb_c, self._length_s
        if not dry_bulb.repeats_yearly:
            length_s = max(min(length_s, dry_bulb.end_utc_s - from_utc_s), 1.0)
        return self._panels.power(self._weather, from_utc_s, from_utc_s + length_s)
