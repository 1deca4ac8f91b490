"""What is too small or does not fit in a hall, told before it runs: the run goes on, and its result shows what came."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from models.chillers.chiller import Chiller
from models.cooling.plants.plant import Plant
from models.fleet import Fleet
from models.loads.source import Load
from models.moist_air.psychrometrics import wet_bulb_c
from models.power.backup.backup import backup_problems
from models.power.distribution.checks import chain_problems, feed_problems, row_problems, utility_need
from models.power.distribution.rack_powers import planned_power, rack_powers
from models.series import Series
from models.sized_facility import DesignLoad, SizedFacility
from models.units import format_quantity
from models.weather.weather import Weather
from models.workload.job import Workload

from .site_series import series_warnings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..scenario.scenario import Scenario

_SLACK = 1e-6  # relative; sizing settles losses in the hall to about a tenth of this

_BAROMETER = 0.01
"""Heat missing in an hour, relative to all heat, from which on it is told: machines are sized at the mean pressure, and
fans move 1 or 2 % less air when the barometer is low. Assumption."""


def shortcomings(
    given: Scenario,
    workload: Workload,
    fleet: Fleet,
    loads: Sequence[Load],
    building: SizedFacility | None,
    weather: Weather | None,
    price: Series | None,
    intensity: Series | None,
) -> tuple[str, ...]:
    """Return in words what is too small for its load or does not belong together; nothing where all is well.

    Price and carbon intensity are whole, or reach to the run's end or, where that is not known, the last submission.
    Plants are asked for the greatest power that the fleet is provisioned for, on the design day and in the weather of
    the run, which lasts at least until every job could have ended had none waited.
    """
    known_s = given.until or float(workload.submit_s[-1])
    told = list(series_warnings(given, weather, price, intensity, known_s))
    if building is None or weather is None:
        return tuple(told)
    load = building.design_load(fleet_power_w(fleet, loads))
    start_utc_s = given.start_utc_s
    end_utc_s = start_utc_s + (given.until or float(np.max(workload.submit_s + workload.work_s)))
    if not weather.dry_bulb_c.repeats_yearly:
        end_utc_s = min(end_utc_s, weather.dry_bulb_c.end_utc_s)
    told += _design_power(building, load)
    told += _cooling(building, load)
    told += _in_weather(building, load, weather.covering(start_utc_s, end_utc_s), start_utc_s, end_utc_s)
    told += _power(building, load, fleet, given.until or math.inf)
    told += _backup(building, load)
    told += _machines(building)
    return tuple(dict.fromkeys(told))


def fleet_power_w(fleet: Fleet, loads: Sequence[Load]) -> float:
    """Return the greatest provisioned power [W] of all nodes in service together, and of the other loads."""
    provisioned, _ = planned_power(fleet)
    return provisioned.greatest_w + sum(float(load.power().values.max()) for load in loads)


def _design_power(building: SizedFacility, load: DesignLoad) -> Iterator[str]:
    if load.it_w > building.it_provisioned_w * (1.0 + _SLACK):
        yield (
            f"facility.design_it_power is {_power_text(building.it_provisioned_w)}; nodes and other loads are "
            f"provisioned for {_power_text(load.it_w)}, {_power_text(load.it_w - building.it_provisioned_w)} more"
        )


def _cooling(building: SizedFacility, load: DesignLoad) -> Iterator[str]:
    """Tell of paths that can not take the heat of the design day with all machines, or without one part's spare."""
    heats_w = {"air": load.air_heat_w, "liquid": load.liquid_heat_w}
    short = set()
    for part in building.cooling.capacity_on(building.design_day, load.air_heat_w, load.liquid_heat_w):
        heat_w = heats_w[part.path]
        if part.path in short or part.capacity_w >= heat_w * (1.0 - _SLACK):
            continue
        if part.working == part.units:
            short.add(part.path)
            machines = "with all machines"
        else:
            machines = f"with {part.working} of {part.units} units of its {part.part}"
        yield (
            f"facility.cooling.{part.path} takes {_power_text(max(part.capacity_w, 0.0))} of the "
            f"{_power_text(heat_w)} of heat on the design day {machines}: "
            f"{_power_text(heat_w - max(part.capacity_w, 0.0))} too little"
        )


def _in_weather(
    building: SizedFacility, load: DesignLoad, weather: Weather, start_utc_s: float, end_utc_s: float
) -> Iterator[str]:
    """Tell of hours of the run in which its weather, at the design heat, is too hard, or leaves a curve's bounds."""
    hours_h = _hours(weather.dry_bulb_c, start_utc_s, end_utc_s)
    dry_bulb_c, humidity = weather.dry_bulb_c.values, weather.relative_humidity.values
    pressure_pa = weather.pressure_pa.values
    wet_c = np.asarray(wet_bulb_c(dry_bulb_c, humidity, pressure_pa))
    operation = building.cooling.operate(load.air_heat_w, load.liquid_heat_w, dry_bulb_c, humidity, wet_c, pressure_pa)
    for path, removed_w, heat_w in (
        ("air", operation.air_removed_w, load.air_heat_w),
        ("liquid", operation.liquid_removed_w, load.liquid_heat_w),
    ):
        missing_w = heat_w - removed_w
        short_h = float(hours_h @ (missing_w > heat_w * _BAROMETER))
        if 0.0 < short_h < hours_h.sum():  # where it is short at all times, the design day has told of it
            spent = f"{short_h:,.1f} of {hours_h.sum():,.1f} h of the run's weather"
            yield (
                f"facility.cooling.{path} is too small at the design's heat in {spent}: "
                f"{_power_text(float(missing_w.max()))} too little in the hardest"
            )
    for flags, text in (
        (operation.extrapolated, "a chiller works beyond the bounds of its curves and follows a law assumed there"),
        (operation.clamped, "a tower or cooler is beyond the bounds of its correlation and held there"),
    ):
        outside_h = float(hours_h @ flags)
        if outside_h > 0.0:
            spent = f"{outside_h:,.1f} of {hours_h.sum():,.1f} h of the run's weather"
            yield f"facility.cooling: in {spent} at the design's heat {text}"


def _power(building: SizedFacility, load: DesignLoad, fleet: Fleet, end_s: float) -> Iterator[str]:
    chain = building.section.power_chain
    yield from map(str, chain_problems(building.chain, load.it_w, load.on_ups_w, load.beside_w))
    if chain.rows is not None:
        racks = rack_powers(fleet)
        yield from map(str, row_problems(chain.rows, chain.rows.assigned(racks), racks))
    provisioned, _ = planned_power(fleet)
    per_it = (load.on_ups_w / load.it_w, load.beside_w / load.it_w) if load.it_w > 0.0 else (0.0, 0.0)
    yield from map(str, feed_problems(chain.utility, utility_need(building.chain, provisioned, *per_it), end_s))


def _backup(building: SizedFacility, load: DesignLoad) -> Iterator[str]:
    """Tell why backup would not carry what hangs on the UPS, and then the rest, on the design day."""
    supply, chain = building.section.supply, building.chain
    if supply is None or supply.backup is None:
        return
    whole_w, _ = chain.input_w(load.it_w, load.on_ups_w, load.beside_w)
    on_ups_w = chain.on_ups_w(load.it_w, load.on_ups_w)
    problems = backup_problems(supply.backup, on_ups_w, whole_w - on_ups_w, "facility.supply.backup")
    yield from map(str, problems)


def _machines(building: SizedFacility) -> Iterator[str]:
    """Tell what is known of the machines that were chosen, and of water that their curves were not fitted to."""
    section = building.cooling_section
    paths = (("air", section.air, building.cooling.air), ("liquid", section.liquid, building.cooling.liquid))
    for name, path, sized in paths:
        plant = getattr(path, "plant", None)
        if not isinstance(plant, Plant) or sized is None:
            continue
        yield from plant.notes
        machine, water_c = getattr(plant, "machine", None), sized.sizes.get("water_supply_c")
        if isinstance(machine, Chiller) and water_c is not None and not machine.chilled_water.holds(water_c):
            bounds = machine.chilled_water
            yield (
                f"facility.cooling.{name}: chillers make water of {water_c:.1f} °C; the curves of '{machine.title}' "
                f"hold from {bounds.least:g} to {bounds.greatest:g} °C and follow a law assumed beyond"
            )


def _hours(series: Series, start_utc_s: float, end_utc_s: float) -> NDArray[np.float64]:
    """Return how much of each interval lies in the run [h]."""
    edges = series.start_utc_s + series.step_s * np.arange(len(series.values) + 1, dtype=np.float64)
    return np.diff(np.clip(edges, start_utc_s, end_utc_s)) / 3600.0


def _power_text(power_w: float) -> str:
    return format_quantity(power_w, "power")
