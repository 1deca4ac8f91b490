"""The battery of the UPS and the generator sets through the outages of a run."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from models.power.backup.backup import Backup

_EMPTY_M3 = 1e-12
"""A tank with less is empty: what rounding leaves."""


class BackupGave(NamedTuple):
    """What battery and sets gave over a time [J], and the fuel that the sets burnt [m3]."""

    battery_j: float
    sets_j: float
    fuel_m3: float


class BackupPower:
    """What is left in the battery and the tank, and which sets run.

    Sets give first and the battery the rest. The tank is full at the beginning of each outage (assumption), and the
    battery is charged only by the grid.
    """

    def __init__(self, backup: Backup | None) -> None:
        self.backup = backup
        self.charge = 1.0
        self.battery_works = False
        self.answered = 0
        self.running = 0
        self.accepted_w = 0.0
        self._fuel_left_m3 = math.inf
        self._changes: list[tuple[float, int, float]] = []
        self._takes_w: dict[int, float] = {}

    def call(self, now_s: float, battery_draws: np.random.Generator, set_draws: np.random.Generator) -> None:
        """Begin an outage: draw whether the battery works, which sets answer, and when those fail."""
        self._changes, self._takes_w, self.answered = [], {}, 0
        if self.backup is not None and self.backup.battery is not None:
            self.battery_works = self.backup.battery.is_available(battery_draws)
        gensets = None if self.backup is None else self.backup.gensets
        if gensets is not None:
            started = gensets.started(set_draws)
            self.answered = len(started)
            self._fuel_left_m3 = math.inf if gensets.tank is None else gensets.tank
            for index, (ready_s, fails_s) in enumerate(zip(started.ready_s, started.fails_s, strict=True)):
                steps = [(ready_s + after_s, power_w) for after_s, power_w in gensets.steps()]
                self._changes += [(now_s + at_s, index, power_w) for at_s, power_w in steps if at_s < fails_s]
                self._changes.append((now_s + fails_s, index, 0.0))
            self._changes.sort()
        self.follow(now_s)

    def follow(self, now_s: float) -> None:
        """Take in what has happened to the sets up to now."""
        while self._changes and self._changes[0][0] <= now_s:
            _, index, power_w = self._changes.pop(0)
            self._takes_w[index] = power_w
        if self._fuel_left_m3 <= _EMPTY_M3:
            self._takes_w, self._changes = {}, []
        taking_w = [power_w for power_w in self._takes_w.values() if power_w > 0.0]
        self.running, self.accepted_w = len(taking_w), math.fsum(taking_w)

    def stand_down(self) -> None:
        """End an outage."""
        self._changes, self._takes_w, self.running, self.accepted_w = [], {}, 0, 0.0

    def give(self, load_w: float, duration_s: float) -> BackupGave:
        """Give a mean load [W] for a time [s]."""
        on_sets_w = min(load_w, self.accepted_w)
        battery_w = load_w - on_sets_w
        fuel_m3 = 0.0
        if self.backup is not None and self.backup.gensets is not None:
            fuel_m3 = self.backup.gensets.fuel_m3(on_sets_w, self.running, duration_s)
            self._fuel_left_m3 -= fuel_m3
        if self.battery_works and self.backup is not None and self.backup.battery is not None:
            self.charge = self.backup.battery.charge_after(self.charge, battery_w, duration_s)
        return BackupGave(battery_w * duration_s, on_sets_w * duration_s, fuel_m3)

    def next_change_s(self) -> float:
        """Return when a set takes more load or fails next; infinity if none will."""
        return self._changes[0][0] if self._changes else math.inf

    def battery_lasts_s(self, load_w: float) -> float:
        """Return how long the battery carries what the sets do not take of a load [W]: 0 where it can not."""
        left_w = load_w - self.accepted_w
        if left_w <= 0.0:
            return math.inf
        battery = None if self.backup is None else self.backup.battery
        return battery.ride_through_s(left_w, self.charge) if battery is not None and self.battery_works else 0.0

    def fuel_lasts_s(self, load_w: float) -> float:
        """Return how long the tank lasts under a load [W]."""
        gensets = None if self.backup is None else self.backup.gensets
        if gensets is None or not self.running:
            return math.inf
        return self._fuel_left_m3 / gensets.fuel_m3_per_s(min(load_w, self.accepted_w), self.running)

    @property
    def recharge_w(self) -> float:
        """What the battery draws until it is full [W]."""
        battery = None if self.backup is None else self.backup.battery
        return 0.0 if battery is None or self.charge >= 1.0 else battery.recharge_w

    @property
    def recharge_s(self) -> float:
        """How long it takes until the battery is full [s]."""
        battery = None if self.backup is None else self.backup.battery
        return 0.0 if battery is None else battery.recharge_time_s(self.charge)

    def recharge(self, duration_s: float) -> None:
        """Charge the battery from the grid for a time [s]."""
        if self.backup is not None and self.backup.battery is not None:
            self.charge = self.backup.battery.recharged(self.charge, duration_s)
