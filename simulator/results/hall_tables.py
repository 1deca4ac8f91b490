"""The tables of the hall itself: jobs, nodes, racks, and what its meters read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.fleet import Fleet
from models.series import Series
from models.weather.weather import Weather
from models.workload.job import Workload

from ..engine import state as layout
from ..engine.given_load import GivenLoad
from ..engine.state import QUANTITIES, State
from ..metering.meter_kernel import GREATEST, INTEGRAL, LEAST
from .accounts import GridAccounts
from .boundary import ItBoundary
from .buckets import Buckets
from .columns import coded, instants, numbers, numbers_or_null, texts
from .tables import table

JOB_STATUS = ["pending", "queued", "running", "completed", "rejected", "killed"]
NODE_STATUS = ["absent", "in service", "draining", "retired", "down", "cordoned"]


def jobs_table(workload: Workload, fleet: Fleet, state: State) -> pa.Table:
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


def nodes_table(fleet: Fleet, state: State) -> pa.Table:
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


def racks_table(fleet: Fleet, state: State) -> pa.Table:
    racks = state.racks
    return table(
        {
            "rack": texts(fleet.rack_names),
            "energy_j": racks["energy_j"].copy(),
            "peak_power_w": racks["peak_w"].copy(),
        }
    )


def power_table(
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


def loads_table(loads: Sequence[GivenLoad]) -> pa.Table:
    return table(
        {
            "load": texts([load.name for load in loads]),
            "energy_j": np.array([load.meter.integral for load in loads]),
            "peak_power_w": np.array([load.meter.greatest for load in loads]),
        }
    )


def rack_power_table(fleet: Fleet, state: State) -> pa.Table:
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


def change_points_table(state: State) -> pa.Table:
    points = state.change_points[: int(state.clock[0]["change_points"])]
    return table({"from_s": points[:, 0].copy(), "it_power_w": points[:, 1].copy()})


def jobs_notes(state: State) -> tuple[str, ...]:
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
