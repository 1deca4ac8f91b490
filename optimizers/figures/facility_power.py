"""What a facility module draws and what water it takes, as lines over its IT power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.sized_facility import POWERS, SizedFacility, facility_for
from models.weather.design_day import DesignDay

from ..given.hardware import Module
from ..linearization import affine_fit
from .weather import SiteWeather

Array = NDArray[np.float64]
LOADS = np.arange(0.05, 1.0001, 0.05)
"""IT power over capacity at which the curve is sampled."""
_SETTLED_W = 1e-3
_MOST_ROUNDS = 50
_J_PER_KWH = 3.6e6
_KG_PER_M3 = 1000.0


class SteadyFacility(NamedTuple):
    """A building in balance, each of the shape of the IT power given."""

    facility_w: Array
    """From the utility [W]."""
    water_kg_per_s: Array
    """Water drawn [kg/s]."""
    drained_kg_per_s: Array
    """What of it goes down the drain [kg/s]."""
    headroom_w: Array
    """Heat that cooling could take besides [W]; below 0 where it can not keep up."""


@dataclass(frozen=True, eq=False)
class ModulePower:
    """Lines in place of what one module draws at a site: `fixed_w + slope it_w`."""

    fixed_w: float
    slope: Array
    """Shape (quarter, hour)."""
    water_m3_per_kwh: Array
    """Over IT energy, shape (quarter, hour)."""
    drained: float
    """Share of the water that goes down the drain, over all hours."""
    largest_error: float
    """Greatest difference from the curve, over the curve's power."""
    error_quarter: int
    error_hour: int
    error_load: float
    """Share of the capacity at which that is."""
    short_of_cooling: bool
    """Whether there is an hour in which cooling can not take the full load's heat."""


def sized_module(module: Module, design_day: DesignDay) -> SizedFacility:
    """Return the building of one module: sized for its capacity and its breakers on a design day.

    Raises InputError where a machine can not do what it is asked.
    """
    sized = facility_for(module.facility, module.capacity, module.breaker_w, design_day)
    assert sized is not None, "its PUE is stated: nothing is sized"
    return sized


def steady_facility(
    sized: SizedFacility,
    it_w: Array,
    dry_bulb_c: Array,
    relative_humidity: Array,
    wet_bulb_c: Array,
    pressure_pa: Array,
) -> SteadyFacility:
    """Return what a building draws in balance at IT powers [W] and in outdoor air, all of one shape (n,).

    As the simulated building: heat in the hall is that of the computers and of the losses there, cooling takes it at
    the temperatures that it is set to, the power chain carries both; server fans turn faster where supply air is warm.
    IT power is that of nodes, without this rise. Losses and cooling depend on each other and are iterated.
    """
    section, captured = sized.section, sized.cooling_section.captured
    inlet_c = np.full(it_w.shape, float(sized.cooling_section.supply_air))
    all_it_w = it_w + sized.cooling_section.server_fans.extra_it_w((1.0 - captured) * it_w, inlet_c)
    in_hall = [stage.space == "hall" for stage in sized.chain.stages]
    loss_w = np.full(it_w.shape, float(section.lighting))
    for _ in range(_MOST_ROUNDS):
        air_w, liquid_w = (1.0 - captured) * all_it_w + loss_w, captured * all_it_w
        operation = sized.cooling.operate(air_w, liquid_w, dry_bulb_c, relative_humidity, wet_bulb_c, pressure_pa)
        powers: dict[str, Array] = {name: getattr(operation, name) for name in POWERS}
        on_ups_w = sum((w for name, w in powers.items() if name not in sized.beside_ups), np.zeros(it_w.shape))
        beside_w = sum((w for name, w in powers.items() if name in sized.beside_ups), np.zeros(it_w.shape))
        facility_w, losses_w = sized.chain.input_w(all_it_w, on_ups_w, beside_w + section.lighting)
        before_w = loss_w
        inside = [lost for lost, warms in zip(losses_w, in_hall, strict=True) if warms]
        loss_w = np.sum([np.full(it_w.shape, float(section.lighting)), *inside], axis=0)
        if float(np.max(np.abs(loss_w - before_w), initial=0.0)) < _SETTLED_W:
            break
    drained = operation.blowdown_kg_per_s
    water = operation.evaporation_kg_per_s + drained + operation.drift_kg_per_s + operation.humidification_kg_per_s
    headroom = operation.air_capacity_w - air_w
    if sized.cooling.liquid is not None:
        headroom = np.minimum(headroom, operation.liquid_capacity_w - liquid_w)
    return SteadyFacility(np.asarray(facility_w), water, drained, headroom)


def module_power(
    module: Module, weather: SiteWeather | None, design_day: DesignDay | None, shape: tuple[int, int]
) -> ModulePower:
    """Return the lines of one module at a site, of shape (quarter, hour).

    With a stated `pue` nothing is fixed and the slope is the PUE, exactly; no water is known. Else the building is
    sized for the module's capacity, its steady power is sampled from 5% to 100% of it in the weather of every hour,
    and lines with one fixed part are drawn that keep the greatest relative error least. Water is the line through 0
    of least squares. Y modules that share their load evenly draw Y fixed + slope IT: only the sharing is assumed.
    """
    if module.facility.pue is not None:
        slope = np.full(shape, module.facility.pue)
        return ModulePower(0.0, slope, np.zeros(shape), 0.0, 0.0, 0, 0, 1.0, short_of_cooling=False)
    assert weather is not None
    assert design_day is not None
    sized = sized_module(module, design_day)
    air = np.stack([getattr(weather, name).ravel() for name in
                    ("dry_bulb_c", "relative_humidity", "wet_bulb_c", "pressure_pa")])  # fmt: skip
    rows, which = np.unique(air, axis=1, return_inverse=True)
    which = which.ravel()
    it_w = LOADS * module.capacity
    hours, loads = rows.shape[1], len(it_w)
    steady = steady_facility(sized, np.tile(it_w, hours), *np.repeat(rows, loads, axis=1))
    facility_w = steady.facility_w.reshape(hours, loads)
    fit = affine_fit(it_w, facility_w, least_slope=1.0)
    # Least squares through the origin: what is used at high loads counts most, as in a year's water.
    water_kg_per_j = steady.water_kg_per_s.reshape(hours, loads) @ it_w / float(it_w @ it_w)
    drawn_kg = float(steady.water_kg_per_s.sum())
    quarter, hour = divmod(int(np.flatnonzero(which == fit.hour)[0]), shape[1])
    return ModulePower(
        fit.fixed_w,
        fit.slope[which].reshape(shape),
        (water_kg_per_j * _J_PER_KWH / _KG_PER_M3)[which].reshape(shape),
        float(steady.drained_kg_per_s.sum()) / drawn_kg if drawn_kg > 0.0 else 0.0,
        fit.largest_error,
        quarter,
        hour,
        fit.load_w / module.capacity,
        short_of_cooling=bool(np.any(steady.headroom_w < -1e-6 * module.capacity)),
    )
