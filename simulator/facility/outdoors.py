"""The outdoor air of a run, hour by hour, with what cooling asks of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from models.moist_air.psychrometrics import wet_bulb_c
from models.weather.weather import Weather


class OutdoorAir(NamedTuple):
    """Outdoor air at one time."""

    dry_bulb_c: float
    relative_humidity: float
    wet_bulb_c: float
    pressure_pa: float


class SteadyOutdoors:
    """Air that is always the same."""

    def __init__(self, air: OutdoorAir) -> None:
        self._air = air

    def at(self, instant_s: float) -> OutdoorAir:  # noqa: ARG002 - as `Outdoors`
        """Return the air, whatever the instant [s]."""
        return self._air


class Outdoors:
    """Outdoor air at any instant of a run; wet bulbs are worked out for a year at a time."""

    def __init__(self, weather: Weather, start_utc_s: float) -> None:
        self._weather = weather
        self._start_utc_s = start_utc_s
        self._rows: list[OutdoorAir] = []
        self._first_utc_s = 0.0
        self._step_s = 1.0

    def at(self, instant_s: float) -> OutdoorAir:
        """Return the air at an instant [s from the scenario's start]; raises InputError where the weather ends."""
        utc_s = self._start_utc_s + instant_s
        index = int((utc_s - self._first_utc_s) // self._step_s)
        if not self._rows or not 0 <= index < len(self._rows):
            self._read(utc_s)
            index = int((utc_s - self._first_utc_s) // self._step_s)
        return self._rows[index]

    def _read(self, utc_s: float) -> None:
        dry_bulb = self._weather.dry_bulb_c
        length_s = 366 * 86_400.0
        if not dry_bulb.repeats_yearly:
            length_s = max(min(length_s, dry_bulb.end_utc_s - utc_s), 1.0)
        window = self._weather.covering(utc_s, utc_s + length_s)
        self._first_utc_s, self._step_s = window.dry_bulb_c.start_utc_s, window.dry_bulb_c.step_s
        columns = (window.dry_bulb_c.values, window.relative_humidity.values, window.pressure_pa.values)
        dry_bulb_c, humidity, pressure_pa = columns
        wet_c = np.asarray(wet_bulb_c(*columns))
        self._rows = [
            OutdoorAir(*row)
            for row in zip(dry_bulb_c.tolist(), humidity.tolist(), wet_c.tolist(), pressure_pa.tolist(), strict=True)
        ]
