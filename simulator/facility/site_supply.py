"""Who feeds the building at each instant: the grid with what the site adds, the battery of the UPS, sets, or nobody."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.power.distribution.steps import Steps
from models.power.supply.supply import Supply

from ..engine import state as layout
from ..engine.batch import Batch
from ..engine.given_load import GivenLoad
from ..engine.power_feed import PowerFeed
from ..engine.state import BACKUP, DARK, GRID
from .backup_power import BackupPower
from .building import Building
from .ledger import Ledger
from .sources import Sources

COLUMNS = (
    "from_s", "to_s", "facility_j", "grid_j", "backup_j", "photovoltaic_j", "spilled_j", "generation_j", "storage_j",
    "recharge_j", "battery_j", "sets_j", "stored_j", "ups_charge", "sets_fuel_m3", "generation_fuel_j",
    "fuel_carbon_kg", "fuel_cost_usd", "grid_limit_w", "on_grid",
)  # fmt: skip
"""What was given over a row [J]; `storage_j` is below 0 where the storage charged, `recharge_j` what the battery of the
UPS drew to charge. `stored_j` and `ups_charge` are those at the row's end, `on_grid` 0 while the grid is lost."""
Carrier = Literal["grid", "battery", "sets", "nobody"]
_AT_ONCE_S = 1e-6
"""A battery that lasts no longer is empty: what rounding leaves."""
_FINEST_S, _COARSEST_S = 1.0, 60.0
"""Towards the end of a battery or a tank it is looked at no more often; while the grid is lost no less often."""

Draws = Callable[[str, int], np.random.Generator]
"""The random numbers of a name for the n-th outage."""


@dataclass
class OutageRecord:
    """One loss of the grid, in s from the scenario's start. `dropped_s` is when the computers lost power, `back_s` when
    nodes took jobs again; NaN where that did not happen."""

    start_s: float
    end_s: float = math.nan
    dropped_s: float = math.nan
    back_s: float = math.nan
    battery_failed: bool = False
    sets_called: int = 0
    sets_started: int = 0
    battery_j: float = 0.0
    sets_j: float = 0.0
    generation_j: float = 0.0
    fuel_m3: float = 0.0
    unserved_j: float = 0.0


class SiteSupply:
    """Follows who feeds the building, and keeps the account of it. Processes call it; it changes state at the present
    instant, after it has settled what has been since the last call.

    While the grid is lost the battery of the UPS carries computers and what cooling has on the UPS, and sets take over
    as they accept load. Once they accept as much as the building drew before, they carry all of it, and cooling
    restarts. When the battery is empty before that, every node drops.
    """

    def __init__(
        self,
        section: Supply,
        building: Building,
        batch: Batch,
        feed: PowerFeed,
        loads: Sequence[GivenLoad],
        sources: Sources,
        grid_capacity: Steps,
        draws: Draws,
    ) -> None:
        self.section = section
        self.ledger = Ledger(COLUMNS)
        self.outages: list[OutageRecord] = []
        self.carrier: Carrier = "grid"
        self.backup = BackupPower(section.backup)
        self.withheld_w: Callable[[], float] | None = None
        """What computers want besides and power limits withhold [W]."""
        self._building = building
        self._batch = batch
        self._feed = feed
        self._loads = loads
        self._sources = sources
        self._grid_capacity = grid_capacity
        self._draws = draws
        names = [stage.name for stage in building.sized.chain.stages]
        self._transformer = names.index("transformer") if "transformer" in names else None
        self._as_of_s = 0.0
        self._integrals = batch.integrals_at(0.0)
        self._limit_w = self.grid_limit_w(0.0)
        self._mean_w: tuple[float, float] | None = None
        self._needed_w = 0.0
        self._dropped, self._dropped_w = False, 0.0
        self._losses = 0
        self._generation_w = 0.0
        self._recharge_w = 0.0
        self._recharged_s = math.inf
        self._back_s = math.inf

    # What others ask.

    def grid_limit_w(self, now_s: float) -> float:
        """Return what the feeds of the grid can bring at an instant [W]: infinity without feeds."""
        return float(self._grid_capacity.at(now_s))

    def facility_limit_w(self, now_s: float) -> float:
        """Return what the building may draw at an instant [W]: what the feeds bring, and what units and panels on the
        site can give. Storage is not counted on."""
        return self.grid_limit_w(now_s) + self._sources.most_w(now_s)

    @property
    def is_dropped(self) -> bool:
        """Whether nodes are down for want of power."""
        return self._dropped

    @property
    def fuel_m3(self) -> float:
        """Fuel that generator sets have burnt [m3]."""
        return float(self.ledger.column("sets_fuel_m3").sum())

    @property
    def fuel_carbon_kg(self) -> float:
        """CO2 of all fuel burnt on the site [kg]: scope 1."""
        return float(self.ledger.column("fuel_carbon_kg").sum())

    @property
    def fuel_kg(self) -> dict[str, float]:
        """CO2 of fuel burnt on the site [kg], by what burnt it."""
        gensets = None if self.section.backup is None else self.section.backup.gensets
        sets_kg = 0.0 if gensets is None else gensets.carbon_kg(self.fuel_m3)
        found = {"generator sets": sets_kg, "units on the site": self.fuel_carbon_kg - sets_kg}
        return {name: fuel_kg for name, fuel_kg in found.items() if fuel_kg > 0.0}

    @property
    def fuel_cost_usd(self) -> float:
        """Price of all fuel burnt on the site, and upkeep of the units that burnt it but for generator sets [USD]."""
        return float(self.ledger.column("fuel_cost_usd").sum())

    @property
    def unserved_j(self) -> float:
        """What the computers would have drawn while nodes were down for want of power [J]."""
        return math.fsum(outage.unserved_j for outage in self.outages)

    # What happens.

    def plan(self, now_s: float, holds_s: float) -> None:
        """Set the sources for the next `holds_s`, at a border."""
        self.settle(now_s)
        self._limit_w = self.grid_limit_w(now_s)
        if self.carrier != "grid":
            return
        load_w = None if self._mean_w is None else self._wanted_w(*self._mean_w)
        self._sources.plan(now_s, load_w, self._limit_w, holds_s)
        self._tell_sources()

    def lose_grid(self, now_s: float) -> None:
        """Begin an outage, or give one that lasts a reason more."""
        self._losses += 1
        if self._losses > 1:
            return
        self.settle(now_s)
        number = len(self.outages)
        meters = self._batch.state.meters["level"]
        facility_w, it_w = self._mean_w or (float(meters[layout.FACILITY_POWER]), float(meters[layout.IT_POWER]))
        if not self.is_dropped:
            self._needed_w, self._dropped_w = facility_w, it_w
        self._sources.stop()
        self._generation_w = self._sources.running_w
        self._recharge_w, self._recharged_s = 0.0, math.inf
        self.backup.call(now_s, self._draws("ups-battery", number), self._draws("gensets", number))
        gensets = None if self.section.backup is None else self.section.backup.gensets
        called = 0 if gensets is None else gensets.count
        battery = None if self.section.backup is None else self.section.backup.battery
        self.outages.append(
            OutageRecord(
                now_s,
                battery_failed=battery is not None and not self.backup.battery_works,
                sets_called=called,
                sets_started=self.backup.answered,
            )
        )
        if self.is_dropped:
            self.outages[-1].dropped_s = now_s
        self._hand_over(now_s)
        self._tell_sources()

    def go_on(self, now_s: float) -> None:
        """Look at what has come of an outage, or of its end."""
        self.settle(now_s)
        self.backup.follow(now_s)
        if self.carrier != "grid":
            self._hand_over(now_s)
        elif now_s >= self._recharged_s:
            self._recharge_w, self._recharged_s = 0.0, math.inf
            self._tell_sources()
        if now_s >= self._back_s:
            self._dropped, self._back_s = False, math.inf
            self.outages[-1].back_s = now_s
            self._building.regain_power()
            self._building.call()

    def regain_grid(self, now_s: float) -> None:
        """End an outage, once all its reasons have."""
        self._losses -= 1
        if self._losses > 0:
            return
        self.settle(now_s)
        self.outages[-1].end_s = now_s
        self.backup.stand_down()
        self._carry("grid", now_s)
        self._recharge_w = self.backup.recharge_w
        self._recharged_s = now_s + self.backup.recharge_s if self._recharge_w > 0.0 else math.inf
        self._tell_sources()

    def next_s(self, now_s: float) -> float:
        """Return when `go_on` is to be called next; infinity if nothing will happen by itself."""
        if self.carrier == "grid":
            return min(self._recharged_s, self._back_s)
        at_s = min(self.backup.next_change_s(), self._back_s, now_s + _COARSEST_S)
        if self.carrier == "nobody":
            return at_s
        left_w = self._load_w() - self._generation_w
        lasts_s = min(self.backup.battery_lasts_s(left_w), self.backup.fuel_lasts_s(left_w))
        # Half of what is left, so that a load that rises meanwhile is seen in time.
        return min(at_s, now_s + (lasts_s if lasts_s <= _FINEST_S else max(lasts_s / 2.0, _FINEST_S)))

    def settle(self, now_s: float) -> None:
        """Bring the account up to now."""
        duration_s = now_s - self._as_of_s
        if duration_s <= 0.0:
            return
        integrals = self._batch.integrals_at(now_s)
        change_j = integrals - self._integrals
        facility_j, it_j, backup_j = (
            float(change_j[quantity]) for quantity in (layout.FACILITY_POWER, layout.IT_POWER, layout.BACKUP_POWER)
        )
        battery_j = sets_j = fuel_m3 = 0.0
        if self.carrier == "grid":
            gave = self._sources.settle(float(change_j[layout.SPILLED_POWER]), duration_s)
            if self._recharge_w > 0.0:
                self.backup.recharge(duration_s)
        else:
            generation_j = min(backup_j, self._generation_w * duration_s)
            gave = self._sources.settle_alone(generation_j, duration_s)
            battery_j, sets_j, fuel_m3 = self.backup.give((backup_j - generation_j) / duration_s, duration_s)
            record = self.outages[-1]
            record.battery_j, record.sets_j = record.battery_j + battery_j, record.sets_j + sets_j
            record.generation_j, record.fuel_m3 = record.generation_j + generation_j, record.fuel_m3 + fuel_m3
        if self.is_dropped:
            self.outages[-1].unserved_j += self._dropped_w * duration_s
        gensets = None if self.section.backup is None else self.section.backup.gensets
        storage = self._sources.storage
        self.ledger.append(
            {
                "from_s": self._as_of_s,
                "to_s": now_s,
                "facility_j": facility_j,
                "grid_j": float(change_j[layout.GRID_POWER]),
                "backup_j": backup_j,
                "photovoltaic_j": gave.photovoltaic_j,
                "spilled_j": gave.spilled_j,
                "generation_j": gave.generation_j,
                "storage_j": gave.storage_j,
                "recharge_j": self._recharge_w * duration_s,
                "battery_j": battery_j,
                "sets_j": sets_j,
                "stored_j": 0.0 if storage is None else storage.stored_j,
                "ups_charge": self.backup.charge,
                "sets_fuel_m3": fuel_m3,
                "generation_fuel_j": gave.fuel_j,
                "fuel_carbon_kg": gave.fuel_carbon_kg + (gensets.carbon_kg(fuel_m3) if gensets else 0.0),
                "fuel_cost_usd": gave.fuel_cost_usd + (gensets.fuel_cost_usd(fuel_m3) if gensets else 0.0),
                "grid_limit_w": self._limit_w,
                "on_grid": float(self.carrier == "grid"),
            }
        )
        self._as_of_s, self._integrals = now_s, integrals
        self._mean_w = facility_j / duration_s, it_j / duration_s

    # How.

    def _load_w(self) -> float:
        """Return what is to be carried now [W]: the whole building, or what hangs on the UPS."""
        meters = self._batch.state.meters["level"]
        if self.carrier == "sets":
            return float(meters[layout.FACILITY_POWER])
        it_w = float(meters[layout.IT_POWER])
        return self._building.sized.chain.on_ups_w(it_w, self._building.on_ups_w)

    def _hand_over(self, now_s: float) -> None:
        """Give the building to who can carry it, while the grid is lost."""
        accepted_w = self.backup.accepted_w + self._generation_w
        needed_w = self._needed_w
        if self.carrier == "sets":
            needed_w = self._load_w()
            if needed_w > accepted_w:
                self._needed_w = needed_w
        if accepted_w >= needed_w:
            self._carry("sets", now_s)
            return
        if self.carrier != "nobody":
            self._carry("battery", now_s)
            if self.backup.battery_lasts_s(self._load_w() - self._generation_w) <= _AT_ONCE_S:
                self._carry("nobody", now_s)

    def _carry(self, carrier: Carrier, now_s: float) -> None:
        """Have another carry the building from now on."""
        before, self.carrier = self.carrier, carrier
        if before == carrier:
            return
        machines, feed = self._building.machines, self._feed
        if before in ("battery", "nobody") and carrier in ("grid", "sets"):
            machines.restarts_s = now_s + self._building.sized.cooling_section.restart
        machines.on_ups_only = carrier == "battery"
        if carrier == "grid":
            feed.pass_by(None)
        elif carrier == "battery":
            feed.pass_by(self._building.sized.chain.ups_index)
        elif carrier == "sets":
            feed.pass_by(self._transformer)
        feed.set_supply({"grid": GRID, "nobody": DARK}.get(carrier, BACKUP))
        for load in self._loads:
            load.powered = carrier != "nobody"
        self._back_s = math.inf
        if carrier == "nobody" and not self._dropped:
            self._dropped = True
            self.outages[-1].dropped_s = now_s
            self._building.lose_power()
        elif carrier in ("grid", "sets") and self._dropped:
            self._back_s = now_s + self.section.reboot
        self._building.call()

    def _wanted_w(self, facility_w: float, it_w: float) -> float:
        """Return what the building would draw from who feeds it [W], were it not held to less."""
        withheld_w = 0.0 if self.withheld_w is None else self.withheld_w()
        return facility_w + self._recharge_w + withheld_w * (facility_w / it_w if it_w > 0.0 else 1.0)

    def _tell_sources(self) -> None:
        for name, power_w in self._sources.powers_w.items():
            on_grid = self.carrier == "grid"
            self._feed.set_source(name, power_w if on_grid else 0.0)
        self._feed.set_source("ups battery", -self._recharge_w)
