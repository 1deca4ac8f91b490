"""The sites of a plan and the modules that can stand there, in numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..derates import Derates
from ..given.hardware import Module
from ..given.quarter import by_quarter
from ..given.site import PlanSite
from ..instance.hardware import FabricFigures, ModuleFigures, StoreFigures
from ..instance.places import Battery, Bridging, Photovoltaics, PowerPurchase, SiteFigures
from ..instance.time import Hours, Quarter
from ..problem import Problem
from ..refusals import Refusals
from .facility_power import ModulePower, module_power
from .hours import design_index
from .node_figures import curve
from .prices import J_PER_KWH, site_prices, water_of_quarter
from .weather import weather_and_design_day

Array = NDArray[np.float64]


def module_powers(problem: Problem, hours: Hours, refusals: Refusals) -> dict[tuple[str, str], ModulePower]:
    """Return what each module draws at each site, by (site, module)."""
    shape = (problem.quarters, hours.count)
    found: dict[tuple[str, str], ModulePower] = {}
    simulated = {name: module for name, module in problem.modules.items() if module.facility.pue is None}
    for site_name, site in problem.sites.items():
        weather = day = None
        if simulated:
            with refusals.within(f"plan.sites.{site_name}"):
                weather, day = weather_and_design_day(site, hours)
        for name, module in problem.modules.items():
            if name in simulated and weather is None:
                continue
            with refusals.within(f"plan.modules.{name}", f"at {site_name}: "):
                power = module_power(module, weather, day, shape)
                found[site_name, name] = power
                if power.short_of_cooling:
                    text = "cooling can not take the heat of a full module in every hour: the design day is too mild"
                    refusals.note(f"{name} at {site_name}: {text}")
    return found


def module_figures(
    problem: Problem, powers: Mapping[tuple[str, str], ModulePower], derates: Derates, hours: Hours
) -> tuple[ModuleFigures, ...]:
    """Return the designs of modules with their lines at every site."""
    return tuple(_module(problem, name, module, powers, derates, hours)
                 for name, module in problem.modules.items())  # fmt: skip


def _module(
    problem: Problem, name: str, module: Module, powers: Mapping[tuple[str, str], ModulePower], derates: Derates,
    hours: Hours,
) -> ModuleFigures:  # fmt: skip
    shape = (len(problem.sites), problem.quarters, hours.count)
    fixed_w, slope, water = np.zeros(shape[0]), np.ones(shape), np.zeros(shape)
    worst, where = 0.0, ""
    for index, site in enumerate(problem.sites):
        power = powers.get((site, name))
        if power is None:
            continue
        factor = derates.facility.get((site, name), 1.0)
        fixed_w[index] = factor * power.fixed_w
        slope[index] = 1.0 + factor * (power.slope - 1.0)
        water[index] = power.water_m3_per_kwh
        if power.largest_error > worst:
            worst = power.largest_error
            quarter = problem.quarter_names[power.error_quarter]
            hour = f"hour {power.error_hour}"
            if power.error_hour == design_index(problem):
                hour = "the design hour"
            where = f"{site}, {quarter}, {hour}, {power.error_load:.0%} of the capacity"
    return ModuleFigures(
        name=name,
        cooling=module.cooling,
        capacity_w=module.capacity,
        breaker_w=module.breaker_w,
        racks=module.racks,
        rack_w=module.rack_power,
        price_usd=curve(problem, module.price),
        lead=module.lead_quarters,
        floor_m2=module.floor,
        embodied_kg=module.embodied_carbon,
        most=module.most,
        exists=standing(problem, module.exists),
        fixed_w=fixed_w,
        slope=slope,
        water_m3_per_kwh=water,
        largest_error=worst,
        error_at=where,
    )


def standing(problem: Problem, exists: Mapping[str, int]) -> NDArray[np.int64]:
    """Return how many stand at each site, shape (site,)."""
    return np.array([exists.get(site, 0) for site in problem.sites], dtype=np.int64)


def fabric_figures(problem: Problem) -> tuple[FabricFigures, ...]:
    """Return the designs of network."""
    return tuple(
        FabricFigures(
            name, block.ports, block.largest_gang, curve(problem, block.price),
            block.lead_quarters, block.power, block.most, standing(problem, block.exists),
        )
        for name, block in problem.fabrics.items()
    )  # fmt: skip


def store_figures(problem: Problem) -> tuple[StoreFigures, ...]:
    """Return the kinds of storage."""
    return tuple(
        StoreFigures(
            name, unit.capacity, unit.write, curve(problem, unit.price),
            unit.lead_quarters, unit.power, unit.most, standing(problem, unit.exists),
        )
        for name, unit in problem.storage.items()
    )  # fmt: skip


def site_figures(
    problem: Problem, quarters: tuple[Quarter, ...], hours: Hours, powers: Mapping[tuple[str, str], ModulePower],
    refusals: Refusals,
) -> tuple[SiteFigures, ...]:  # fmt: skip
    """Return the sites. A future's slip of the grid delays every tranche after that of the first quarter."""
    found = []
    for name, site in problem.sites.items():
        prices = site_prices(problem, name, hours, quarters, refusals)
        drained = [power.drained for (at, _), power in powers.items() if at == name]
        water_m3, water_usd = water_of_quarter(site, name, max(drained, default=0.0), refusals)
        found.append(
            SiteFigures(
                name=name,
                exists=site.exists,
                opening_usd=site.opening,
                fixed_usd=site.fixed + prices.fixed_usd,
                grid_w=granted_w(problem, site),
                price_usd_per_kwh=prices.price_usd_per_kwh,
                demand_charge_usd_per_kw=prices.demand_charge_usd_per_kw,
                carbon_kg_per_kwh=prices.carbon_kg_per_kwh,
                floor_m2=np.inf if site.floor is None else site.floor,
                water_m3=water_m3,
                water_usd_per_m3=water_usd,
                spare_modules=site.spare_modules,
                battery=_battery(site),
                photovoltaics=_photovoltaics(problem, site, hours),
                power_purchase=_power_purchase(site),
                bridging=_bridging(site),
            )
        )
    return tuple(found)


def granted_w(problem: Problem, site: PlanSite) -> Array:
    """Return what the grid grants [W], shape (future, quarter): late by each future's slip, but for the first."""
    stated = by_quarter(site.grid, problem.first_quarter, problem.quarters, 0.0)
    base_w = np.array(stated, dtype=np.float64)
    late = [np.maximum(np.arange(problem.quarters) - future.grid_slip_quarters, 0) for future in problem.futures]
    return np.stack([base_w[index] for index in late])


def _battery(site: PlanSite) -> Battery | None:
    units = site.battery
    if units is None:
        return None
    return Battery(units.energy, units.power, units.round_trip, units.price, units.most)


def _photovoltaics(problem: Problem, site: PlanSite, hours: Hours) -> Photovoltaics | None:
    """Return the panels; in a design hour they give nothing."""
    units = site.photovoltaics
    if units is None:
        return None
    one_day = np.array(units.output).reshape(-1, problem.hours.step_hours).mean(axis=1)
    row = [*np.tile(one_day, problem.hours.days), *([0.0] if problem.hours.design_hour else [])]
    output = np.tile(row, (problem.quarters, 1))
    assert output.shape == hours.weight_h.shape
    return Photovoltaics(units.power, units.price, units.most, output, units.embodied_carbon)


def _power_purchase(site: PlanSite) -> PowerPurchase | None:
    terms = site.power_purchase
    return None if terms is None else PowerPurchase(terms.most, terms.strike * J_PER_KWH)


def _bridging(site: PlanSite) -> Bridging | None:
    units = site.bridging
    if units is None:
        return None
    return Bridging(units.power, units.rent, units.fuel * J_PER_KWH, units.carbon * J_PER_KWH, units.most)
