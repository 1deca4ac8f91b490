"""How long computers run on when cooling fails: a forecast without a run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from models.sized_facility import POWERS, SizedFacility
from models.weather.design_day import DesignDay

from ..scenario.events.cooling_failure import CoolingPart
from .cooling_parts import part_of
from .heat_store import AirStore, CoolantStore, HeatStore, NoStore
from .outdoors import OutdoorAir
from .throttling import LEAST_CLOCK, Band, Warmed, throttled_share

HORIZON_S = 86_400.0
"""What takes longer than a day is told as never."""
_CLOCK_EXPONENT = 2.5


class TimesToLimit(NamedTuple):
    """When computers throttle, and when they shut down, after a failure [s]; infinite where they do not within a
    day."""

    throttle_s: float
    shutdown_s: float


def time_to_throttle(
    sized: SizedFacility,
    it_power_w: float,
    outdoor: DesignDay | OutdoorAir,
    failed: Mapping[CoolingPart, int | None],
    *,
    clocked_w: float = 0.0,
) -> TimesToLimit:
    """Return when the computers of a building throttle and shut down after parts of its cooling fail, at steady load.

    The hall starts at its set-points, with an IT power [W] of which `clocked_w` follows the clock; by default none
    does, and the time to shutdown is that of computers that do not slow down. `failed` are the parts with their units
    that fail, None for all. Server fans keep their speed, and the weather stays. The steps are those of a run.
    """
    section = sized.cooling_section
    nodes = section.thermal_mass.for_it_power(sized.it_provisioned_w)
    supply_c, coolant_c = section.supply_air, math.nan if section.liquid is None else section.liquid.supply
    air = AirStore(nodes.air, supply_c)
    coolant: HeatStore = NoStore() if section.liquid is None else CoolantStore(nodes.coolant, coolant_c)
    working: dict[str, float] = {}
    for name, units in failed.items():
        part = part_of(sized, name)
        left = working.get(part.machines, part.units) - (part.units if units is None else units)
        working[part.machines] = max(left, 0.0)
    fixed_w, share, now_s, throttle_s = it_power_w - clocked_w, 1.0, 0.0, math.inf
    while now_s < HORIZON_S:
        stores = _stores(sized, air, coolant, outdoor, working, fixed_w + clocked_w * share)
        if any(each.taken > 0.0 and each.band.share_left(each.store.temperature_c) <= 0.0 for each in stores):
            return TimesToLimit(min(throttle_s, now_s), now_s)
        share, hold_s = throttled_share(
            stores, fixed_w, clocked_w, LEAST_CLOCK**_CLOCK_EXPONENT, sized.section.control_interval
        )
        if any(each.taken > 0.0 and each.band.throttles(each.store.temperature_c) for each in stores):
            throttle_s = min(throttle_s, now_s)
        for each in stores:
            each.store.advance(each.heat_w(fixed_w + clocked_w * share), each.capacity_w, each.setpoint_c, hold_s)
        now_s += hold_s
    return TimesToLimit(throttle_s, math.inf)


def _stores(
    sized: SizedFacility,
    air: AirStore,
    coolant: HeatStore,
    outdoor: DesignDay | OutdoorAir,
    working: Mapping[str, float],
    it_w: float,
) -> tuple[Warmed, Warmed]:
    """Return what stores heat, with what cooling can take away at its temperatures now."""
    section, interval_s = sized.cooling_section, sized.section.control_interval
    captured = section.captured
    supply_c, liquid = section.supply_air, section.liquid
    coolant_c = math.nan if liquid is None else liquid.supply
    loss_w, air_w, liquid_w = 0.0, 0.0, 0.0
    capacities_w = (0.0, 0.0)
    for _ in range(2):  # What is lost in the hall follows from what cooling draws.
        air_w = (1.0 - captured) * it_w + loss_w
        liquid_w = captured * it_w
        if liquid is not None:
            liquid_w += coolant.excess_j(coolant_c) / interval_s
        operation = sized.cooling.operate(
            air_w + air.excess_j(supply_c) / interval_s,
            liquid_w,
            outdoor.dry_bulb_c,
            outdoor.relative_humidity,
            min(outdoor.wet_bulb_c, outdoor.dry_bulb_c),
            outdoor.pressure_pa,
            max(supply_c, air.temperature_c),
            None if liquid is None else max(coolant_c, coolant.temperature_c),
            **working,
        )
        capacities_w = float(operation.air_capacity_w[0]), float(operation.liquid_capacity_w[0])
        drawn_w = {name: float(getattr(operation, name)[0]) for name in POWERS}
        on_ups_w, beside_w = sized.mechanical_w(drawn_w)
        _, losses_w = sized.chain.input_w(it_w, on_ups_w, beside_w + sized.section.lighting)
        in_hall_w = sum(w for stage, w in zip(sized.chain.stages, losses_w, strict=True) if stage.space == "hall")
        loss_w = in_hall_w + sized.section.lighting
    return (
        Warmed(
            air, Band(section.throttle_inlet_c, section.shutdown_inlet_c), 1.0 - captured, loss_w, capacities_w[0],
            supply_c,
        ),
        Warmed(
            coolant, Band(section.throttle_coolant, section.shutdown_coolant), captured, 0.0, capacities_w[1],
            coolant_c,
        ),
    )  # fmt: skip
