"""What energy, power, carbon and water come to at a site in the hours that stand for each quarter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.economics.local_clock import MONTHS
from models.economics.tariff import Tariff

from ..given.site import PlanSite
from ..instance.time import Hours, Quarter
from ..problem import Problem
from ..refusals import Refusals
from .weather import over_steps

Array = NDArray[np.float64]
J_PER_KWH = 3.6e6
_MONTHS_OF_QUARTER = 3.0
_QUARTERS_OF_YEAR = 4.0
_DAYS_OF_QUARTER = 365.25 / _QUARTERS_OF_YEAR


@dataclass(frozen=True, eq=False)
class SitePrices:
    """What a site pays and emits. Arrays of shape (quarter, hour), that of energy (future, quarter, hour)."""

    price_usd_per_kwh: Array
    demand_charge_usd_per_kw: float
    """Of the highest power of a quarter, for the quarter."""
    fixed_usd: float
    """Fees of a quarter."""
    carbon_kg_per_kwh: Array


def site_prices(
    problem: Problem, name: str, hours: Hours, quarters: tuple[Quarter, ...], refusals: Refusals
) -> SitePrices:
    """Return the prices and the carbon intensity of a site; what can not be had is refused or noted.

    Taxes on energy and on the bill are in the prices. A demand charge is billed for each of a quarter's three months
    at the quarter's peak.
    """
    site = problem.sites[name]
    path = f"plan.sites.{name}.site"
    shape = hours.start_utc_s.shape
    price, demand_usd_per_kw, fixed_usd = np.zeros((len(problem.futures), *shape)), 0.0, 0.0
    start, end = quarters[0].start_utc_s, float(quarters[-1].start_utc_s + 3600.0 * quarters[-1].hours_h)
    tariff = site.site.tariff
    if tariff is not None:
        share = 1.0 + tariff.taxes.share
        with refusals.within(f"{path}.tariff"):
            energy = over_steps(tariff.energy_price(start, end), hours)
            for index, future in enumerate(problem.futures):
                price[index] = J_PER_KWH * share * (future.price_factor * energy + tariff.taxes.per_energy)
        demand_usd_per_kw = share * _demand_usd_per_kw(tariff, path, refusals)
        fixed_usd = share * _MONTHS_OF_QUARTER * tariff.fixed
    carbon = np.zeros(shape)
    if site.site.carbon is not None:
        with refusals.within(f"{path}.carbon"):
            carbon = J_PER_KWH * over_steps(site.site.carbon.intensity(start, end), hours)
    return SitePrices(price, demand_usd_per_kw, fixed_usd, carbon)


def _demand_usd_per_kw(tariff: Tariff, path: str, refusals: Refusals) -> float:
    """Return what a kW of a quarter's peak costs in it, before tax [USD].

    Charges for some hours or for the system's peaks are billed as if the quarter's peak fell into them: never less
    than the bill. Charges for some months count with their share of the year.
    """
    usd_per_kw = 0.0
    for index, charge in enumerate(tariff.demand):
        usd_per_kw += 1e3 * charge.price * _MONTHS_OF_QUARTER * len(set(charge.months)) / len(MONTHS)
        if not charge.always:
            refusals.note(
                f"{path}.tariff.demand[{index}]: is planned as if the quarter's peak fell into its hours, and with its "
                "months' share of a year"
            )
        if charge.ratchet is not None:
            refusals.note(f"{path}.tariff.demand[{index}].ratchet: is left out; peaks of earlier months do not bind")
    for index, peak in enumerate(tariff.coincident_peak):
        usd_per_kw += 1e3 * peak.price * _MONTHS_OF_QUARTER
        refusals.note(f"{path}.tariff.coincident_peak[{index}]: is planned as if the quarter's peak were the system's")
    return usd_per_kw


def water_of_quarter(site: PlanSite, name: str, drained: float, refusals: Refusals) -> tuple[float, float]:
    """Return (water that may be used in a quarter [m3], its price [USD/m3]).

    `drained` is the share of the water drawn that goes down the drain and pays the sewer's price. Daily limits of
    sources bind as a quarter's.
    """
    most_m3 = np.inf if site.water_per_year is None else site.water_per_year / _QUARTERS_OF_YEAR
    usd_per_m3 = 0.0
    for source in site.site.water.sources if site.site.water is not None else ():
        if source.prices is not None:
            usd_per_m3 += source.share * (source.prices.supply + drained * source.prices.sewer)
        if source.daily_limit is not None:
            most_m3 = min(most_m3, source.daily_limit / source.share * _DAYS_OF_QUARTER)
            refusals.note(f"{name}: the daily limit of water from '{source.name}' binds on a quarter's mean")
    return float(most_m3), usd_per_m3
