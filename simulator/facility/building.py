"""The building between two looks at it: what heated it, what it got rid of, what it draws until the next look."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import simpy

from models.sized_facility import SizedFacility

from ..engine import state as layout
from ..engine.batch import Batch
from ..engine.clock_limits import ClockLimits
from ..engine.full_power import full_power
from ..engine.power_feed import PowerFeed
from ..engine.state import CORDONED, DARK, DOWN, DRAINING, FIRST_STAGE, IN_SERVICE
from ..engine.switched_off import SwitchedOff
from .cooling_parts import restarting
from .heat_store import AirStore, CoolantStore, HeatStore, NoStore
from .ledger import Ledger
from .outdoors import OutdoorAir, Outdoors, SteadyOutdoors
from .throttling import LEAST_CLOCK, LEAST_HOLD_S, Band, Warmed, throttled_share

_SERVER_FANS = "server fans"
_COOLING = "cooling"
_STEADY_CLOCK = 1e-6
"""A clock that would change by less is kept, so that a temperature that has settled sets no clocks anew."""
_DAY_S = 86_400.0

_STOPPED = {"air_plant_units": 0.0, "liquid_plant_units": 0.0}
_BESIDE_UPS = {"fans": {"air_units": 0.0}, "cdu-pumps": {"cdu_units": 0.0}}

_FIRST_LOOK_S = 10.0
"""When nodes come back their heat is looked at so soon: assumption, the time that plants take to notice."""
_OUTDOOR_FANS = "indirect-air"
"""The air side whose free cooling hangs on fans outdoors, which are on no UPS."""


@dataclass
class Machines:
    """How many machines of cooling work; None where all do. `restarts_s` is when the plants' compressors are back, and
    `on_ups_only` that nothing has power but what hangs on the UPS."""

    out: dict[str, float] = field(default_factory=dict)
    economizer: float = 1.0
    restarts_s: float = -math.inf
    on_ups_only: bool = False
    failed: dict[str, float] = field(default_factory=dict)

    def fail(self, part: str, units: float, all_units: float) -> None:
        """Take so many more of a part's units out, or with a number below 0 give them back."""
        self.failed[part] = self.failed.get(part, 0.0) + units
        self.out[part] = max(all_units - self.failed[part], 0.0)


class Building:
    """Cooling, power chain and heat of the hall. It is looked at at borders, and holds between them.

    At a border it sees the exact mean heat since the last one, integrates the temperatures of air and coolant, and
    sets cooling, server fans, clocks and shutdowns for what comes. Powers then hold until the next border, but for the
    losses of the power chain, which the engine follows at every change of load.
    """

    def __init__(
        self,
        sized: SizedFacility,
        outdoors: Outdoors,
        batch: Batch,
        feed: PowerFeed,
        limits: ClockLimits,
        switched_off: SwitchedOff,
    ) -> None:
        self.sized = sized
        self.ledger = Ledger()
        self.machines = Machines()
        liquid = sized.cooling_section.liquid
        self.stated_supply_air_c = sized.cooling_section.supply_air
        self.stated_coolant_c = math.nan if liquid is None else liquid.supply
        self.supply_air_c, self.coolant_c = self.stated_supply_air_c, self.stated_coolant_c
        self._held_c = self.supply_air_c, self.coolant_c  # since the last look
        self._outdoors: Outdoors | SteadyOutdoors = outdoors
        self._batch = batch
        self._feed = feed
        self._limits = limits
        self._switched_off = switched_off
        self._nodes = np.arange(len(batch.state.nodes))
        self._in_hall = np.array([stage.space == "hall" for stage in sized.chain.stages], np.bool_)
        nodes = sized.cooling_section.thermal_mass.for_it_power(sized.it_provisioned_w)
        self.air: HeatStore = AirStore(nodes.air, self.supply_air_c)
        self.coolant: HeatStore = NoStore()
        if sized.cooling_section.liquid is not None:
            self.coolant = CoolantStore(nodes.coolant, self.coolant_c)
        self._restarting = restarting(sized)
        self._nodes_came_back = False
        self._as_of_s = 0.0
        self._integrals = batch.integrals_at(0.0)
        self._row: dict[str, float] = {}
        self._throttle = 1.0
        self._too_hot = False
        self._without_power = False
        self._too_hot_since_s = math.inf
        self._heats_w = (0.0, 0.0)
        self._loss_w = 0.0
        self._throttle_holds_s = math.inf
        section = sized.cooling_section
        self._air_band = Band(section.throttle_inlet_c, section.shutdown_inlet_c)
        self._coolant_band = Band(section.throttle_coolant, section.shutdown_coolant)
        self.mechanical_w = (0.0, 0.0)
        self.called: simpy.Event | None = None

    @property
    def on_ups_w(self) -> float:
        """What cooling draws from the UPS now [W]."""
        return self.sized.mechanical_w(self._row)[0] if self._row else 0.0

    @property
    def restless(self) -> bool:
        """Whether nodes are down that the building may bring up again by itself: nights may cool what days do not."""
        return self._too_hot and self._as_of_s < self._too_hot_since_s + _DAY_S

    def look(self, now_s: float, idle_w: float = 0.0) -> float:
        """Settle what has been since the last border, set what comes, and return how long that may hold [s].

        `idle_w` stands for the heat of the computers where nothing has been measured yet.
        """
        if now_s > self._as_of_s:
            self._heats_w = self._settle(now_s)
        elif now_s == 0.0:
            self._heats_w = self._heats(idle_w, 0.0)
        air_w, liquid_w = self._heats_w
        self._operate(now_s, air_w, liquid_w)
        self._follow_temperatures(now_s)
        return self._holds_s(air_w, liquid_w)

    def call(self) -> None:
        """Have the building looked at at this instant, because something has changed."""
        if self.called is not None and not self.called.triggered:
            self.called.succeed()

    def meet(self, air: OutdoorAir) -> None:
        """Have the same air outdoors from now on, whatever the weather."""
        self._outdoors = SteadyOutdoors(air)
        self.call()

    def lose_power(self) -> None:
        """Switch every node off; those that are to retire do so now. Nodes are not brought up before `regain_power`."""
        self._without_power = True
        status = self._batch.state.nodes["status"]
        self._batch.retire(np.flatnonzero(status == DRAINING), drain=False)
        self._shut_down()

    def regain_power(self) -> None:
        """Bring up the nodes that the building has switched off, unless it is too hot for them."""
        self._without_power = False
        self._bring_up()

    def close(self, end_s: float) -> None:
        """Settle up to the run's end."""
        if end_s > self._as_of_s:
            self._settle(end_s)

    def _heats(self, it_w: float, loss_w: float) -> tuple[float, float]:
        """Return the heat that the hall's air and the coolant get [W]."""
        liquid_w = self.sized.cooling_section.captured * it_w
        return it_w - liquid_w + loss_w, liquid_w

    def _settle(self, now_s: float) -> tuple[float, float]:
        """Integrate heat and temperatures up to now, write the row; return the mean heat of air and coolant [W]."""
        integrals = self._batch.integrals_at(now_s)
        duration_s = now_s - self._as_of_s
        change_j = integrals - self._integrals
        it_w = float(change_j[layout.IT_POWER]) / duration_s
        loss_w = float(change_j[FIRST_STAGE:][self._in_hall].sum()) / duration_s
        row = self._row
        self._loss_w = loss_w + row["lighting_w"]
        air_w, liquid_w = self._heats(it_w, self._loss_w)
        supply_air_c, coolant_c = self._held_c
        air = self.air.advance(air_w, row["air_capacity_w"], supply_air_c, duration_s)
        liquid = self.coolant.advance(liquid_w, row["liquid_capacity_w"], coolant_c, duration_s)
        self.ledger.append(
            row
            | {
                "to_s": now_s,
                "air_heat_j": air_w * duration_s,
                "liquid_heat_j": liquid_w * duration_s,
                "air_removed_j": air.removed_j,
                "liquid_removed_j": liquid.removed_j,
                "stored_j": air.stored_j + liquid.stored_j,
                "inlet_c": self.air.temperature_c,
                "coolant_c": self.coolant.temperature_c,
            }
        )
        self._as_of_s, self._integrals = now_s, integrals
        return air_w, liquid_w

    def _follow_temperatures(self, now_s: float) -> None:
        """Throttle and shut down nodes that are too hot, and bring them back once they have cooled."""
        in_band = self._air_band.throttles(self.air.temperature_c) or self._coolant_band.throttles(
            self.coolant.temperature_c
        )
        share_left = min(
            self._air_band.share_left(self.air.temperature_c),
            self._coolant_band.share_left(self.coolant.temperature_c),
        )
        if share_left <= 0.0 and not self._too_hot:
            self._too_hot, self._too_hot_since_s = True, now_s
        elif self._too_hot and not in_band and self._can_carry_idle():
            self._too_hot, self._too_hot_since_s = False, math.inf
            self._bring_up()
        if self._too_hot or self._without_power:
            self._shut_down()
        clock, self._throttle_holds_s = 1.0, math.inf
        if in_band and not self._too_hot:
            clock, self._throttle_holds_s = self._throttled_clock()
        if clock == 1.0 or abs(clock - self._throttle) >= _STEADY_CLOCK:
            self._throttle = clock
            self._limits.set("cooling", self._nodes, clock)
        status = self._batch.state.nodes["status"]
        self._row["throttled_nodes"] = float(self._batch.nodes_in_service if self._throttle < 1.0 else 0)
        self._row["shut_down_nodes"] = float(np.count_nonzero(status == DOWN))

    def _throttled_clock(self) -> tuple[float, float]:
        """Return the clock to hold all nodes to, and for how long [s]."""
        state = self._batch.state
        full = full_power(state)
        clocked_w, power_w = float(full.clocked_w.sum()), float(state.nodes["power_w"].sum())
        if clocked_w <= 0.0:
            return 1.0, math.inf
        unclocked_w = float((full.idle_w + full.unclocked_w).sum())
        fixed_w = float(state.meters["level"][layout.IT_POWER]) - max(power_w - unclocked_w, 0.0)
        exponent = float(full.clocked_w @ state.models["clock_exponent"][state.nodes["model"]]) / clocked_w
        captured = self.sized.cooling_section.captured
        row = self._row
        stores = (
            Warmed(self.air, self._air_band, 1.0 - captured, self._loss_w, row["air_capacity_w"], self.supply_air_c),
            Warmed(self.coolant, self._coolant_band, captured, 0.0, row["liquid_capacity_w"], self.coolant_c),
        )
        share, hold_s = throttled_share(
            stores, fixed_w, clocked_w, LEAST_CLOCK**exponent, self.sized.section.control_interval
        )
        return max(share ** (1.0 / exponent), LEAST_CLOCK), hold_s

    def _can_carry_idle(self) -> bool:
        """Return whether cooling would carry the nodes that it has switched off, were they on and idle."""
        off = self._switched_off.of(_COOLING)
        state = self._batch.state
        idle_w = float(state.models["idle_w"][state.nodes["model"][off]].sum())
        air_w, liquid_w = self._heats(idle_w, 0.0)
        on_air_w, on_liquid_w = self._heats_w
        return (
            self._row["air_capacity_w"] >= on_air_w + air_w and self._row["liquid_capacity_w"] >= on_liquid_w + liquid_w
        )

    def _shut_down(self) -> None:
        """Switch off what is in service."""
        status = self._batch.state.nodes["status"]
        self._switched_off.switch_off(_COOLING, np.flatnonzero(np.isin(status, (IN_SERVICE, CORDONED, DOWN))))

    def _bring_up(self) -> None:
        """Switch on the nodes that the building has switched off, where nothing holds them down."""
        back = self._switched_off.of(_COOLING)
        if len(back) and not (self._too_hot or self._without_power):
            self._switched_off.let_go(_COOLING, back)
            self._nodes_came_back = True

    def _operate(self, now_s: float, air_w: float, liquid_w: float) -> None:
        """Set cooling for the heat that was, and for what is to be cooled off again."""
        sized, machines = self.sized, self.machines
        self._held_c = self.supply_air_c, self.coolant_c
        outdoor = self._outdoors.at(now_s)
        powered = self._feed.supply != DARK
        interval_s = sized.section.control_interval
        supply_c = max(self.supply_air_c, self.air.temperature_c)
        asked_air_w = air_w + self.air.excess_j(self.supply_air_c) / interval_s
        given: dict[str, float] = dict(machines.out)
        if now_s < machines.restarts_s:
            given |= self._restarting
        economizer = machines.economizer
        if machines.on_ups_only:
            given |= _STOPPED
            if sized.cooling.air.kind == _OUTDOOR_FANS:
                economizer = 0.0  # Its outdoor fans stand still.
            for part in _BESIDE_UPS.keys() - set(sized.cooling_section.on_ups):
                given |= _BESIDE_UPS[part]
        if sized.cooling.liquid is not None:
            coolant_c: float | None = max(self.coolant_c, self.coolant.temperature_c)
            liquid_w += self.coolant.excess_j(self.coolant_c) / interval_s
        else:
            coolant_c, liquid_w = None, 0.0
        operation = sized.cooling.operate(
            asked_air_w, liquid_w, outdoor.dry_bulb_c, outdoor.relative_humidity, outdoor.wet_bulb_c,
            outdoor.pressure_pa, supply_c, coolant_c, economizer=economizer, **given,
        )  # fmt: skip
        row = {name: float(values[0]) for name, values in zip(operation._fields, operation, strict=True)}
        if not powered:
            row = dict.fromkeys(row, 0.0)
        elif machines.on_ups_only:
            row |= dict.fromkeys(sized.beside_ups, 0.0)
        fans_w = sized.cooling_section.server_fans.extra_it_w(
            (1.0 - sized.cooling_section.captured) * self._level_w(), self.air.temperature_c
        )
        lighting_w = sized.section.lighting if powered and not machines.on_ups_only else 0.0
        self._row = row | {
            "from_s": now_s,
            "lighting_w": lighting_w,
            "server_fans_w": fans_w if powered else 0.0,
            "dry_bulb_c": outdoor.dry_bulb_c,
            "wet_bulb_c": outdoor.wet_bulb_c,
            "powered": float(powered),
        }
        on_ups_w, beside_w = sized.mechanical_w(self._row)
        self._feed.set_other_it(_SERVER_FANS, fans_w)
        self.mechanical_w = (on_ups_w, beside_w + lighting_w)
        self._feed_mechanical(*self.mechanical_w)

    def _level_w(self) -> float:
        """Return the IT power now, without the server fans' own rise [W]."""
        level_w = float(self._batch.state.meters["level"][layout.IT_POWER])
        fans_w = self._row.get("server_fans_w", 0.0)
        return max(level_w - fans_w, 0.0)

    def _feed_mechanical(self, on_ups_w: float, beside_w: float) -> None:
        chain = self.sized.chain
        fed_w = [0.0] * (len(chain.stages) + 1)
        fed_w[chain.ups_index] += on_ups_w
        fed_w[chain.mechanical_index] += beside_w
        self._feed.set_mechanical(fed_w[:-1], fed_w[-1])

    def _holds_s(self, air_w: float, liquid_w: float) -> float:
        """Return how long cooling may hold: the control interval, or less where a limit is near or passed."""
        section, row = self.sized.cooling_section, self._row
        interval_s = min(self.sized.section.control_interval, self._throttle_holds_s)
        if self._nodes_came_back:  # What was measured is an empty hall.
            self._nodes_came_back = False
            interval_s = min(interval_s, _FIRST_LOOK_S)
        if self._row["from_s"] < self.machines.restarts_s:
            interval_s = min(interval_s, self.machines.restarts_s - self._row["from_s"])
        if self._throttle_holds_s < math.inf:
            return interval_s  # The heat that was is not the heat that throttled nodes give off.
        limits = (
            (self.air, air_w, row["air_capacity_w"], self.supply_air_c,
             (section.throttle_inlet_c, section.shutdown_inlet_c)),
            (self.coolant, liquid_w, row["liquid_capacity_w"], self.coolant_c,
             (section.throttle_coolant, section.shutdown_coolant)),
        )  # fmt: skip
        for store, heat_w, capacity_w, setpoint_c, limits_c in limits:
            for limit_c in limits_c:
                reached_s = store.time_to_reach_s(heat_w, capacity_w, setpoint_c, limit_c)
                interval_s = min(interval_s, max(reached_s, LEAST_HOLD_S))
        return interval_s
