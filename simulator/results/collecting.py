"""From what a run leaves behind to its result: figures, tables and notes of every part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from models.accounting.ratios import cue_kg_per_kwh
from models.fleet import Fleet
from models.series import Series
from models.weather.weather import Weather
from models.workload.job import Workload

from ..assembly.site_series import series_warnings
from ..engine import state as layout
from ..engine.given_load import GivenLoad
from ..engine.state import State
from ..facility.building import Building
from ..facility.incidents import Incident
from ..facility.site_supply import SiteSupply
from ..processes.power_manager import PowerManager
from ..scenario.loading import LoadedScenario
from ..scenario.scenario import Scenario
from .accounts import grid_accounts
from .boundary import ItBoundary
from .buckets import Buckets
from .building import (
    OF_BUILDING,
    building_kpis,
    building_notes,
    destinations_j,
    destinations_table,
    facility_table,
    stated_destinations_j,
)
from .capital import CapitalAccounts, capital_accounts, planned_it_w
from .hall_tables import (
    change_points_table,
    jobs_notes,
    jobs_table,
    loads_table,
    nodes_table,
    power_table,
    rack_power_table,
    racks_table,
)
from .incidents import incidents_table
from .kpis import J_PER_KWH, MEANINGS, Kpis, summarise
from .part import Part, Spending
from .provenance import describe_run
from .ratios import ratios_table
from .result import Result
from .rows import hall_rows, rows_notes, rows_table
from .site_clock import site_clock
from .supply import (
    OF_SUPPLY,
    exported_j,
    outages_table,
    supply_kpis,
    supply_notes,
    supply_table,
)
from .swings import swings_of_run
from .water import water_accounts
from .work import work_done_s


def collect(
    loaded: LoadedScenario,
    workload: Workload,
    fleet: Fleet,
    state: State,
    *,
    loads: Sequence[GivenLoad],
    weather: Weather | None,
    price: Series | None,
    intensity: Series | None,
    status: str,
    building: Building | None = None,
    supply: SiteSupply | None = None,
    power: PowerManager | None = None,
    incidents: Sequence[Incident] = (),
    warnings: Sequence[str] = (),
    parts: Sequence[Part] = (),
) -> Result:
    """Return the result of a run whose components were all brought up to its end; `warnings` were told before it."""
    scenario = loaded.scenario
    site, start_utc_s, interval_s = scenario.site, scenario.start_utc_s, int(scenario.results.interval)
    buckets = Buckets(state, start_utc_s)
    clock = site_clock(site, weather)
    boundary = ItBoundary.of(None if building is None else building.sized)
    accounts = grid_accounts(
        buckets,
        tariff=site.tariff,
        price=price,
        intensity=intensity,
        market_based=site.market_based,
        fuel_kg=None if supply is None else supply.fuel_kg,
        exported_j=None if supply is None else exported_j(supply, buckets.edges_s),
    )
    tables: dict[str, pa.Table] = {
        "jobs": jobs_table(workload, fleet, state),
        "nodes": nodes_table(fleet, state),
        "racks": racks_table(fleet, state),
        "power": power_table(buckets, boundary, accounts, price, intensity, weather, interval_s),
        "rack_power": rack_power_table(fleet, state),
    }
    tables |= {"loads": loads_table(loads)} if loads else {}
    tables |= {"change_points": change_points_table(state)} if scenario.results.change_points else {}
    tables |= accounts.tables()
    work_s = float(work_done_s(state).sum())
    it_j = boundary.it_energy_j(state)
    kpis: Kpis = summarise(state, it_j, work_s) | accounts.kpis() | dict.fromkeys((*OF_BUILDING, *OF_SUPPLY))
    known = series_warnings(scenario, weather, price, intensity, float(state.clock[0]["now_s"]))
    notes = (*dict.fromkeys((*warnings, *known)), *workload.notes, *jobs_notes(state), *accounts.notes())
    destinations = stated_destinations_j(state)
    if building is not None:
        water = water_accounts(building.ledger, start_utc_s, clock, site.water)
        destinations = destinations_j(building.ledger, building.sized, state)
        kpis |= building_kpis(building.ledger, state, boundary) | water.kpis()
        tables["facility"] = facility_table(building.ledger, start_utc_s, interval_s)
        tables |= water.tables()
        notes = (*notes, *building_notes(building.ledger, building.sized), *water.notes())
    if supply is not None:
        kpis |= supply_kpis(supply)
        tables |= {"supply": supply_table(supply, start_utc_s, interval_s)}
        tables |= {"outages": outages_table(supply)} if supply.outages else {}
        notes = (*notes, *supply_notes(supply))
    tables["energy"] = destinations_table(destinations, work_s)
    end_s, ledger = float(state.clock[0]["now_s"]), None if building is None else building.ledger
    tables |= {"incidents": incidents_table(incidents, ledger, end_s)} if incidents else {}
    if power is not None and power.limited:
        kpis["unserved_energy_kwh"] = (kpis["unserved_energy_kwh"] or 0.0) + power.unserved_j(end_s) / J_PER_KWH
    if len(buckets):
        tables["ratios"] = ratios_table(buckets, boundary, clock, ledger, accounts)
    kpis["cue_kg_per_kwh"] = _cue_kg_per_kwh(kpis["carbon_operational_kg"], it_j)
    capital = _capital(scenario, fleet, state, loads, building, supply, kpis, _spent_usd(parts, end_s))
    kpis |= capital.kpis() | {"stranded_power_kw": None}
    tables, notes = tables | capital.tables(), (*notes, *capital.notes())
    if building is not None and scenario.facility.power_chain.rows is not None:
        placed = hall_rows(scenario.facility.power_chain.rows, fleet)
        kpis["stranded_power_kw"] = placed.total.stranded_w / 1e3
        tables["rows"] = rows_table(placed)
        notes = (*notes, *rows_notes(placed))
    told = _of_parts(parts, end_s)
    swings, swings_notes = _swings(scenario, workload, fleet, state, it_j)
    kpis = dict.fromkeys(MEANINGS) | kpis | told.kpis
    tables, notes = tables | told.tables | swings, (*notes, *told.notes, *swings_notes)
    return Result(
        name=scenario.name,
        seed=scenario.seed,
        status=status,
        kpis=kpis | {"tokens_per_s_per_mw": _tokens_per_s_per_mw(kpis)},
        notes=notes,
        provenance=describe_run(loaded, fleet, status, notes),
        tables=tables,
    )


def _cue_kg_per_kwh(carbon_kg: float | None, it_j: float) -> float | None:
    return None if carbon_kg is None else cue_kg_per_kwh(carbon_kg, it_j)


class _Told(NamedTuple):
    """What all parts of a run tell."""

    kpis: Kpis
    tables: dict[str, pa.Table]
    notes: tuple[str, ...]


def _of_parts(parts: Sequence[Part], end_s: float) -> _Told:
    told = _Told({}, {}, ())
    for part in parts:
        told = _Told(
            told.kpis | part.kpis(end_s), told.tables | dict(part.tables(end_s)), (*told.notes, *part.notes(end_s))
        )
    return told


def _spent_usd(parts: Sequence[Part], end_s: float) -> dict[str, float]:
    """Return what parts cost as they ran, by name [USD]."""
    return {
        name: usd for part in parts if isinstance(part, Spending) for name, usd in part.operating_usd(end_s).items()
    }


def _tokens_per_s_per_mw(kpis: Kpis) -> float | None:
    """Return tokens a second for each MW: tokens for each MWh, by the hour."""
    tokens, facility_kwh = kpis["training_tokens"], kpis["facility_energy_kwh"]
    return tokens / 3600.0 / (facility_kwh / 1e3) if tokens is not None and facility_kwh else None


def _capital(
    scenario: Scenario,
    fleet: Fleet,
    state: State,
    loads: Sequence[GivenLoad],
    building: Building | None,
    supply: SiteSupply | None,
    kpis: Mapping[str, float | int | None],
    spent_usd: Mapping[str, float],
) -> CapitalAccounts:
    """Return what the run bears of nodes, building and storage, and of what it paid besides."""
    if building is not None:
        planned_w = building.sized.it_provisioned_w
    else:
        planned_w = planned_it_w(fleet, sum(float(load.power_w.values.max()) for load in loads))
    paid = {"electricity": kpis["energy_cost_usd"], "fuel": kpis["fuel_cost_usd"], "water": kpis["water_cost_usd"]}
    storage = None if supply is None else supply.section.storage
    return capital_accounts(
        scenario.accounting,
        fleet,
        state,
        planned_it_w=planned_w,
        operating_usd={name: float(usd) for name, usd in {**paid, **spent_usd}.items() if usd is not None},
        battery_w=0.0 if storage is None else max(storage.charge_power, storage.discharge_w),
        battery_j=0.0 if storage is None else storage.energy,
    )


def _swings(
    scenario: Scenario, workload: Workload, fleet: Fleet, state: State, it_j: float
) -> tuple[dict[str, pa.Table], tuple[str, ...]]:
    """Return the table of swings and what is said of them; nothing where the scenario asks for none."""
    section = scenario.facility.swings
    if section is None:
        return {}, ()
    # Within an iteration the chain's losses follow, and cooling does not; a stated PUE can not tell them apart.
    losses_j = float(state.meters["integral"][layout.FIRST_STAGE :].sum())
    facility_per_it = 1.0 + losses_j / it_j if it_j else 1.0
    swings, told = swings_of_run(section, workload, fleet, state, facility_per_it=facility_per_it)
    return {"swings": swings}, told
