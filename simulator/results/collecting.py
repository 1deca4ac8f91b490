"""From the engine's arrays to tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.accounting.ratios import cue_kg_per_kwh
from models.fleet import Fleet
from models.series import Series
from models.weather.weather import Weather
from models.workload.job import Workload

from ..assembly.site_series import series_warnings
from ..engine import state as layout
from ..engine.given_load import GivenLoad
from ..engine.state import QUANTITIES, State
from ..facility.building import Building
from ..metering.meter_kernel import GREATEST, INTEGRAL, LEAST
from ..scenario.loading import LoadedScenario
from .accounts import GridAccounts, grid_accounts
from .boundary import ItBoundary
from .buckets import Buckets
from .building import OF_BUILDING, building_kpis, building_notes, destinations_j, destinations_table, facility_table
from .columns import coded, instants, numbers, numbers_or_null, texts
from .kpis import Kpis, summarise
from .provenance import describe_run
from .ratios import ratios_table
from .result import Result
from .site_clock import site_clock
from .supply import OF_SUPPLY, exported_j, outages_table, supply_kpis, supply_notes, supply_table
from .tables import table
from .water import water_accounts

JOB_STATUS = ["pending", "queued", "running", "completed", "rejected", "killed"]
NODE_STATUS = ["absent", "in service", "draining", "retired", "down"]


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
    warnings: Sequence[str] = (),
) -> Result:
    """Return the result of a run whose components were all brought up to its end; `warnings` were told before it."""
    scenario = loaded.scenario
    buckets = Buckets(state, scenario.start_utc_s)
    site = scenario.site
    clock = site_clock(site, weather)
    boundary = ItBoundary.of(None if building is None else building.sized)
    supply = None if building is None else building.supply
    accounts = grid_accounts(
        buckets, tariff=site.tariff, price=price, intensity=intensity, market_based=site.market_based,
        fuel_kg=None if supply is None else supply.fuel_kg,
        exported_j=None if supply is None else exported_j(supply, buckets.edges_s),
    )  # fmt: skip
    tables = {
        "jobs": _jobs(workload, fleet, state),
        "nodes": _nodes(fleet, state),
        "racks": _racks(fleet, state),
        "power": _power(buckets, boundary, accounts, price, intensity, weather, int(scenario.results.interval)),
        "rack_power": _rack_power(fleet, state),
    }
    if loads:
        tables["loads"] = _loads(loads)
    if scenario.results.change_points:
        tables["change_points"] = _change_points(state)
    tables |= accounts.tables()
    kpis = summarise(state, boundary.it_energy_j(state)) | accounts.kpis()
    known = series_warnings(scenario, weather, price, intensity, float(state.clock[0]["now_s"]))
    notes = (*dict.fromkeys((*warnings, *known)), *workload.notes, *_warnings(state), *accounts.notes())
    simulated: Kpis = dict.fromkeys(OF_BUILDING)
    if building is not None:
        water = water_accounts(building.ledger, scenario.start_utc_s, clock, site.water)
        simulated |= building_kpis(building.ledger, state, boundary) | water.kpis()
        tables["facility"] = facility_table(building.ledger, scenario.start_utc_s, int(scenario.results.interval))
        tables["energy"] = destinations_table(destinations_j(building.ledger, building.sized, state))
        tables |= water.tables()
        notes = (*notes, *building_notes(building.ledger, building.sized), *water.notes())
    kpis |= simulated | dict.fromkeys(OF_SUPPLY)
    if supply is not None:
        kpis |= supply_kpis(supply)
        tables["supply"] = supply_table(supply, scenario.start_utc_s, int(scenario.results.interval))
        if supply.outages:
            tables["outages"] = outages_table(supply)
        notes = (*notes, *supply_notes(supply))
    carbon_kg = kpis["carbon_operational_kg"]
    kpis["cue_kg_per_kwh"] = None if carbon_kg is None else cue_kg_per_kwh(carbon_kg, boundary.it_energy_j(state))
    if len(buckets):
        ledger = None if building is None else building.ledger
        tables["ratios"] = ratios_table(buckets, boundary, clock, ledger, accounts)
    return Result(
        name=scenario.name,
        seed=scenario.seed,
        status=status,
        kpis=kpis,
        notes=notes,
        provenance=describe_run(loaded, fleet, status, notes),
        tables=tables,
    )


def _jobs(workload: Workload, fleet: Fleet, state: State) -> pa.Table:
    jobs = state.jobs
    started = ~np.isnan(jobs["first_start_s"])
    exclusive = jobs["exclusive"].astype(np.bool_)
    return table(
        {
            "job": texts(workload.name),
            "user": coded(workload.user.astype(np.int32), list(workload.users)),
            "status": coded(jobs["status"].astype(np.int32), JOB_STATUS),
            "submit_s": jobs["submit_s"].copy(),
            "start_s": numbers_or_null(jobs["first_start_s"]),
            "end_s": numbers_or_null(jobs["end_s"]),
            "wait_s": numbers(jobs["first_start_s"] - jobs["submit_s"], ~started),
            "held_s": jobs["held_s"].copy(),
            "lost_s": jobs["lost_s"].copy(),
            "interruptions": jobs["interruptions"].copy(),
            "tasks": jobs["tasks"].copy(),
            "exclusive": exclusive,
            "accelerators_per_task": numbers(jobs["accelerators_milli"] / 1000.0, exclusive),
            "cpus_per_task": numbers(jobs["cpu_milli"] / 1000.0, exclusive),
            "priority": jobs["priority"].copy(),
            "first_node": coded(jobs["first_node"].astype(np.int32), list(fleet.node_names)),
            "energy_j": jobs["energy_j"].copy(),
        }
    )


def _nodes(fleet: Fleet, state: State) -> pa.Table:
    nodes = state.nodes
    service_s = nodes["service_s"].copy()
    served = service_s > 0.0
    utilization = np.divide(nodes["held_s"], service_s, where=served, out=np.zeros_like(service_s))
    return table(
        {
            "node": texts(fleet.node_names),
            "node_type": coded(nodes["model"].astype(np.int32), list(fleet.model_names)),
            "rack": coded(nodes["rack"].astype(np.int32), list(fleet.rack_names)),
            "group": texts(fleet.group).dictionary_encode(),
            "status": coded(nodes["status"].astype(np.int32), NODE_STATUS),
            "service_s": service_s,
            "held_s": nodes["held_s"].copy(),
            "utilization": numbers(utilization, ~served),
            "energy_j": nodes["energy_j"].copy(),
            "unheld_energy_j": nodes["unheld_energy_j"].copy(),
            "peak_power_w": nodes["peak_w"].copy(),
        }
    )  # fmt: skip


def _racks(fleet: Fleet, state: State) -> pa.Table:
    racks = state.racks
    return table(
        {
            "rack": texts(fleet.rack_names),
            "energy_j": racks["energy_j"].copy(),
            "peak_power_w": racks["peak_w"].copy(),
        }
    )


def _power(
    buckets: Buckets,
    boundary: ItBoundary,
    accounts: GridAccounts,
    price: Series | None,
    intensity: Series | None,
    weather: Weather | None,
    interval_s: int,
) -> pa.Table:
    """Return what the hall's meters read, an interval a row, with what it cost and emitted."""
    starts = buckets.starts_of(interval_s)
    edges_s = np.append(buckets.edges_s[:-1][starts], buckets.edges_s[-1])
    length_s = np.diff(edges_s)
    starts_us = np.round(1e6 * (edges_s[:-1] + buckets.start_utc_s)).astype(np.int64)
    columns: dict[str, object] = {
        "from_utc": instants(starts_us),
        "from_s": edges_s[:-1],
        "to_s": edges_s[1:],
    }  # fmt: skip
    _meter(buckets, layout.IT_POWER, starts, length_s, columns)
    _meter(buckets, layout.FACILITY_POWER, starts, length_s, columns)
    columns["it_energy_j"] = _sums(boundary.it_j(buckets.integral), starts)
    if accounts.energy_cost_usd is not None and price is not None:
        columns["energy_cost_usd"] = _sums(accounts.energy_cost_usd, starts)
        columns["energy_price_mean_usd_per_j"] = _means(price, edges_s + buckets.start_utc_s)
    if accounts.location_kg is not None and intensity is not None:
        columns["carbon_operational_kg"] = _sums(accounts.location_kg, starts)
        columns["carbon_intensity_mean_kg_per_j"] = _means(intensity, edges_s + buckets.start_utc_s)
    if weather is not None:
        columns["dry_bulb_mean_c"] = _means(weather.dry_bulb_c, edges_s + buckets.start_utc_s)
    for quantity in range(layout.QUEUED_JOBS, layout.FACILITY_POWER):
        _meter(buckets, quantity, starts, length_s, columns)
    return table(columns)


def _meter(
    buckets: Buckets,
    quantity: int,
    starts: NDArray[np.int64],
    length_s: NDArray[np.float64],
    columns: dict[str, object],
) -> None:
    """Add the mean, least and greatest level of a quantity to the columns."""
    stem, _, unit = (
        QUANTITIES[quantity].rpartition("_") if QUANTITIES[quantity].endswith("_w") else (QUANTITIES[quantity], "", "")
    )
    ending = f"_{unit}" if unit else ""
    if not len(starts):
        mean = least = greatest = np.zeros(0)
    else:
        mean = np.add.reduceat(buckets.integral[quantity], starts) / length_s
        least = np.minimum.reduceat(buckets.least[quantity], starts)
        greatest = np.maximum.reduceat(buckets.greatest[quantity], starts)
    columns[f"{stem}_mean{ending}"] = mean
    columns[f"{stem}_least{ending}"] = least
    columns[f"{stem}_greatest{ending}"] = greatest


def _loads(loads: Sequence[GivenLoad]) -> pa.Table:
    return table(
        {
            "load": texts([load.name for load in loads]),
            "energy_j": np.array([load.meter.integral for load in loads]),
            "peak_power_w": np.array([load.meter.greatest for load in loads]),
        }
    )


def _rack_power(fleet: Fleet, state: State) -> pa.Table:
    """Return the power of every rack, an interval and rack a row."""
    clock = state.clock[0]
    end_s = float(clock["now_s"])
    edges_s = np.concatenate([[0.0], np.arange(clock["rack_first_edge_s"], end_s, clock["rack_interval_s"]), [end_s]])
    count = len(edges_s) - 1 if end_s > 0.0 else 0
    buckets = state.rack_buckets[:, :count]
    racks = len(fleet.rack_names)
    # Both columns repeat: as indices they take half of the memory of a table that can be the largest of a run.
    from_s = numbers(np.tile(np.arange(count, dtype=np.int32), racks))
    return table(
        {
            "rack": coded(np.repeat(np.arange(racks, dtype=np.int32), count), list(fleet.rack_names)),
            "from_s": pa.DictionaryArray.from_arrays(from_s, numbers(edges_s[:count].copy())),
            "power_mean_w": (buckets[:, :, INTEGRAL] / np.diff(edges_s)[:count]).ravel(),
            "power_least_w": buckets[:, :, LEAST].ravel(),
            "power_greatest_w": buckets[:, :, GREATEST].ravel(),
        }
    )


def _change_points(state: State) -> pa.Table:
    points = state.change_points[: int(state.clock[0]["change_points"])]
    return table({"from_s": points[:, 0].copy(), "it_power_w": points[:, 1].copy()})


def _warnings(state: State) -> tuple[str, ...]:
    status = state.jobs["status"]
    texts: Mapping[int, str] = {
        layout.REJECTED: "asked for more than the whole hall has and were rejected",
        layout.QUEUED: "still waited at the end",
        layout.RUNNING: "still ran at the end",
        layout.PENDING: "were not yet submitted at the end",
        layout.KILLED: "were ended at their estimate",
    }
    return tuple(
        f"{count:,} of {len(status):,} jobs {text}"
        for code, text in texts.items()
        if (count := int(np.count_nonzero(status == code)))
    )


def _sums(values: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.add.reduceat(values, starts)) if len(starts) else np.zeros(0)


def _means(series: Series, edges_utc_s: NDArray[np.float64]) -> NDArray[np.float64]:
    return series.mean_over(edges_utc_s) if len(edges_utc_s) > 1 else np.zeros(0)
