"""From the account of who fed the building to tables, figures and notes."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..facility.ledger import Ledger
from ..facility.site_supply import SiteSupply
from .columns import instants, numbers_or_null
from .kpis import J_PER_KWH
from .tables import table

OF_SUPPLY = ("unserved_energy_kwh", "fuel_cost_usd")
"""The figures that only a building with a section `supply` has."""
_MEANS = (
    "facility", "grid", "backup", "photovoltaic", "spilled", "generation", "storage", "recharge", "battery", "sets",
)  # fmt: skip
_SUMS = ("sets_fuel_m3", "generation_fuel_j", "fuel_carbon_kg", "fuel_cost_usd")
_ROUNDING = 1e-9


def supply_kpis(supply: SiteSupply) -> dict[str, float | None]:
    """Return the figures of a building with a section `supply`."""
    return {
        "unserved_energy_kwh": supply.unserved_j / J_PER_KWH,
        "fuel_cost_usd": float(supply.ledger.column("fuel_cost_usd").sum()),
    }


def supply_table(supply: SiteSupply, start_utc_s: float, interval_s: int) -> pa.Table:
    """Return who fed the building, an interval a row: means of power, sums of fuel, charges at the interval's end.

    The storage's power is below 0 while it charges. Facility = grid + backup + photovoltaic + generation (that of
    `backup` excluded) + storage - recharge; while the grid is lost `backup` is battery + sets + generation.
    """
    ledger = supply.ledger
    from_utc_s = ledger.column("from_s") + start_utc_s
    starts = np.flatnonzero(np.diff(np.floor(from_utc_s / interval_s), prepend=-np.inf))
    from_s = ledger.column("from_s")[starts]
    to_s = np.append(from_s[1:], ledger.column("to_s")[-1:])
    ends = np.append(starts[1:], len(ledger)) - 1

    def sums(amount: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.add.reduceat(amount, starts)) if len(starts) else np.zeros(0)

    columns: dict[str, object] = {
        "from_utc": instants(np.round(1e6 * (from_s + start_utc_s)).astype(np.int64)),
        "from_s": from_s,
        "to_s": to_s,
    }
    for name in _MEANS:
        columns[f"{name}_mean_w"] = sums(ledger.column(f"{name}_j")) / (to_s - from_s)
    columns["stored_j"] = ledger.column("stored_j")[ends]
    columns["ups_charge"] = ledger.column("ups_charge")[ends]
    for name in _SUMS:
        columns[name] = sums(ledger.column(name))
    columns["on_grid_mean"] = sums(ledger.energy_j("on_grid")) / (to_s - from_s)
    return table(columns)


def exported_j(supply: SiteSupply, edges_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what panels gave the grid in each bucket [J], shape (bucket,); buckets begin and end with rows."""
    from_s = supply.ledger.column("from_s")
    bucket = np.clip(np.searchsorted(edges_s, from_s, side="right") - 1, 0, max(len(edges_s) - 2, 0))
    return np.bincount(bucket, supply.ledger.column("spilled_j"), max(len(edges_s) - 1, 0)).astype(np.float64)


def outages_table(supply: SiteSupply) -> pa.Table:
    """Return the losses of the grid, one a row; null where what a column tells did not happen in the run."""
    outages = supply.outages
    columns: dict[str, object] = {"start_s": np.array([outage.start_s for outage in outages])}
    for name in ("end_s", "dropped_s", "back_s"):
        columns[name] = numbers_or_null(np.array([getattr(outage, name) for outage in outages]))
    for name in ("sets_called", "sets_started"):
        columns[name] = np.array([getattr(outage, name) for outage in outages], np.int64)
    for name in ("battery_j", "sets_j", "generation_j", "fuel_m3", "unserved_j"):
        columns[name] = np.array([getattr(outage, name) for outage in outages])
    return table(columns)


def supply_notes(supply: SiteSupply) -> tuple[str, ...]:
    """Return what a reader must know of what fed the building, one sentence each."""
    return (*_outage_notes(supply), *_limit_notes(supply.ledger))


def _outage_notes(supply: SiteSupply) -> list[str]:
    outages = supply.outages
    if not outages:
        return []
    dropped = sum(not math.isnan(outage.dropped_s) for outage in outages)
    failed = sum(outage.sets_called - outage.sets_started for outage in outages)
    called = sum(outage.sets_called for outage in outages)
    text = f"the grid was lost {_times(len(outages))}; nodes lost power in {dropped} of them"
    text += f", and {failed} of {called} starts of generator sets failed" if called else ""
    without = sum(outage.battery_failed for outage in outages)
    return [text, *([f"the battery of the UPS did not work {_times(without)}"] if without else [])]


def _limit_notes(ledger: Ledger) -> list[str]:
    duration_s = ledger.column("to_s") - ledger.column("from_s")
    over = ledger.column("grid_j") > ledger.column("grid_limit_w") * duration_s * (1.0 + _ROUNDING)
    hours = float(duration_s[over].sum() / 3600.0)
    if hours == 0.0:
        return []
    return [f"for {hours:,.1f} h the building drew more than the feeds of the grid bring"]


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
