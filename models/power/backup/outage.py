"""One outage of the grid from its first second: battery, generators, fuel, and whether the load is carried."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from .gensets import Gensets, StartedSets
from .ups_battery import UpsBattery


@dataclass(frozen=True)
class OutageOutcome:
    """What came of an outage, up to its end or to the drop of the load.

    `dropped_at_s` is when the load was dropped, None where it was carried throughout; the figures end there.
    `battery_j` and `sets_j` are what the battery gave at the output of the UPS and what the sets gave to everything;
    `unserved_j` is what was withheld from what has no battery. `charge` is the battery's at the end, `fuel_m3` what
    the sets burnt, `fuel_out_at_s` when the tank was empty.
    """

    dropped_at_s: float | None
    told_s: float
    battery_j: float
    sets_j: float
    unserved_j: float
    charge: float
    fuel_m3: float
    fuel_out_at_s: float | None

    @property
    def is_carried(self) -> bool:
        """Whether the load was carried to the end of the outage."""
        return self.dropped_at_s is None


def outage_outcome(
    load_w: float,
    duration_s: float,
    *,
    battery: UpsBattery | None = None,
    charge: float = 1.0,
    gensets: Gensets | None = None,
    started: StartedSets | None = None,
    unprotected_w: float = 0.0,
) -> OutageOutcome:
    """Return what comes of an outage that begins at 0 and lasts `duration_s` under constant loads.

    `load_w` hangs on the UPS: the battery carries what the sets have not yet taken, and the load is dropped when the
    battery is empty or the remainder is above its rating. `unprotected_w` (cooling, losses of the UPS) waits for the
    sets, which take the load on the UPS first; it is withheld, not dropped. Sets take load in steps, fail when
    `started` says so and stop when the tank is empty. The battery is not charged before the grid is back.
    """
    story = _Story(load_w, unprotected_w, battery, charge, gensets)
    for next_s, change in _changes(gensets, started, duration_s):
        if not story.go_on(next_s):
            break
        if change is not None:
            story.takes_w[change[0]] = change[1]
    return OutageOutcome(
        dropped_at_s=story.dropped_at_s,
        told_s=story.now_s,
        battery_j=story.battery_j,
        sets_j=story.sets_j,
        unserved_j=story.unserved_j,
        charge=story.charge,
        fuel_m3=story.fuel_m3,
        fuel_out_at_s=story.fuel_out_at_s,
    )


def _changes(
    gensets: Gensets | None, started: StartedSets | None, duration_s: float
) -> list[tuple[float, tuple[int, float] | None]]:
    """Return when what a set takes [W] changes, as (time, (set, power)), in order, and then the end of the outage."""
    changes: list[tuple[float, tuple[int, float] | None]] = []
    if gensets is not None and started is not None:
        for index, (ready_s, fails_s) in enumerate(zip(started.ready_s, started.fails_s, strict=True)):
            steps = [(ready_s + after_s, (index, power_w)) for after_s, power_w in gensets.steps()]
            changes += [(at_s, step) for at_s, step in steps if at_s < fails_s]
            changes.append((fails_s, (index, 0.0)))
    until_end = sorted((change for change in changes if change[0] < duration_s), key=lambda change: change[0])
    return [*until_end, (duration_s, None)]


@dataclass
class _Story:
    """The outage so far."""

    load_w: float
    unprotected_w: float
    battery: UpsBattery | None
    charge: float
    gensets: Gensets | None
    now_s: float = 0.0
    takes_w: dict[int, float] = field(default_factory=dict)
    dropped_at_s: float | None = None
    battery_j: float = 0.0
    sets_j: float = 0.0
    unserved_j: float = 0.0
    fuel_m3: float = 0.0
    fuel_out_at_s: float | None = None

    def go_on(self, until_s: float) -> bool:
        """Live through a stretch in which no set changes; return whether the load still hangs on."""
        while self.now_s < until_s:
            running, accepted_w = self._sets()
            on_sets_w = min(self.load_w, accepted_w)
            battery_w = self.load_w - on_sets_w
            others_w = min(self.unprotected_w, accepted_w - on_sets_w)
            carries_s = self._carries_s(battery_w)
            fuel_m3_per_s = self.gensets.fuel_m3_per_s(on_sets_w + others_w, running) if self.gensets else 0.0
            fuelled_s = self._fuel_left_m3 / fuel_m3_per_s if fuel_m3_per_s > 0.0 else math.inf
            stretch_s = min(until_s - self.now_s, carries_s, fuelled_s)

            self.battery_j += battery_w * stretch_s
            self.sets_j += (on_sets_w + others_w) * stretch_s
            self.unserved_j += (self.unprotected_w - others_w) * stretch_s
            self.fuel_m3 += fuel_m3_per_s * stretch_s
            if self.battery is not None and battery_w > 0.0:
                self.charge = self.battery.charge_after(self.charge, battery_w, stretch_s)
            if stretch_s == until_s - self.now_s:
                self.now_s = until_s
                return True
            self.now_s += stretch_s
            if fuelled_s <= carries_s:
                self.fuel_out_at_s = self.now_s
            else:
                self.dropped_at_s = self.now_s
                return False
        return True

    def _sets(self) -> tuple[int, float]:
        """Return how many sets run and how much load they may have [W]."""
        if self.fuel_out_at_s is not None:
            return 0, 0.0
        running = [power_w for power_w in self.takes_w.values() if power_w > 0.0]
        return len(running), math.fsum(running)

    def _carries_s(self, battery_w: float) -> float:
        if battery_w <= 0.0:
            return math.inf
        return self.battery.ride_through_s(battery_w, self.charge) if self.battery else 0.0

    @property
    def _fuel_left_m3(self) -> float:
        tank_m3 = self.gensets.tank if self.gensets else None
        return math.inf if tank_m3 is None else max(0.0, tank_m3 - self.fuel_m3)
