"""The ratios of ISO/IEC 30134, month by month and of the whole run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models.accounting.ratios import cue_kg_per_kwh, partial_pue, pue, wue_l_per_kwh

from ..engine import state as layout
from ..facility.ledger import Ledger
from .accounts import GridAccounts
from .boundary import ItBoundary
from .buckets import Buckets
from .building import mechanical_j, water_m3
from .columns import numbers_or_null, texts
from .kpis import J_PER_KWH
from .site_clock import months_of
from .tables import table

_WHOLE = "run"
"""What the row of the whole run is called."""
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class _Spent:
    """Energy [J], water [m3] and carbon [kg] of several spans; of what a run does not know every value is NaN."""

    facility_j: NDArray[np.float64]
    it_j: NDArray[np.float64]
    cooling_j: NDArray[np.float64]
    loss_j: NDArray[np.float64]
    water_m3: NDArray[np.float64]
    carbon_kg: NDArray[np.float64]

    def over(self, index: NDArray[np.int64], count: int) -> _Spent:
        """Return the sums over `count` longer spans, of which each span is in that of its index."""
        return _Spent(*(_sums(each, index, count) for each in vars(self).values()))


def ratios_table(
    buckets: Buckets,
    boundary: ItBoundary,
    clock: tzinfo,
    ledger: Ledger | None,
    accounts: GridAccounts,
) -> pa.Table:
    """Return PUE, its parts for cooling and power, WUE and CUE: a row a month of the site's clock, and one of the run.

    A bucket belongs to the month in which it begins. The parts are null where the building is not simulated. Of fuel
    burnt on the site the months are not known: CUE is then that of the run alone.
    """
    unknown = np.full(len(buckets), _NAN)
    spent = _Spent(
        buckets.integral[layout.FACILITY_POWER],
        boundary.it_j(buckets.integral),
        unknown if ledger is None else _by_bucket(mechanical_j(ledger), ledger, buckets),
        unknown if ledger is None else boundary.loss_j(buckets.integral),
        unknown if ledger is None else _by_bucket(water_m3(ledger), ledger, buckets),
        unknown if accounts.location_kg is None else accounts.location_kg,
    )
    months, index = months_of(buckets.edges_utc_s[:-1], clock)
    monthly, whole = spent.over(index, len(months)), spent.over(np.zeros(len(buckets), np.int64), 1)
    if accounts.fuel_kg and accounts.carbon is not None:
        monthly.carbon_kg[:] = _NAN
        whole.carbon_kg[:] = accounts.carbon.operational_location_kg
    rows = [*_rows(months, monthly), *_rows([_WHOLE], whole)]
    names = list(rows[0])
    return table(
        {"month": texts([str(row["month"]) for row in rows])}
        | {name: numbers_or_null(np.array([row[name] for row in rows], np.float64)) for name in names[1:]}
    )


def _rows(names: Sequence[str], spent: _Spent) -> list[dict[str, float | str | None]]:
    rows: list[dict[str, float | str | None]] = []
    for place, name in enumerate(names):
        facility_j, it_j, cooling_j, loss_j, volume_m3, carbon_kg = (
            float(each[place]) for each in vars(spent).values()
        )
        known = not np.isnan(cooling_j)
        rows.append(
            {
                "month": name,
                "it_energy_kwh": it_j / J_PER_KWH,
                "facility_energy_kwh": facility_j / J_PER_KWH,
                "cooling_energy_kwh": cooling_j / J_PER_KWH,
                "power_loss_kwh": loss_j / J_PER_KWH,
                "pue": pue(facility_j, it_j),
                "partial_pue_cooling": partial_pue(it_j + cooling_j, it_j) if known else None,
                "partial_pue_power": partial_pue(it_j + loss_j, it_j) if known else None,
                "wue_l_per_kwh": wue_l_per_kwh(volume_m3, it_j) if known else None,
                "cue_kg_per_kwh": None if np.isnan(carbon_kg) else cue_kg_per_kwh(carbon_kg, it_j),
            }
        )
    return rows


def _by_bucket(amount: NDArray[np.float64], ledger: Ledger, buckets: Buckets) -> NDArray[np.float64]:
    """Return the sums of the ledger's rows in each bucket: no row crosses an edge of theirs."""
    bucket = np.searchsorted(buckets.edges_s, ledger.column("from_s"), side="right") - 1
    return _sums(amount, np.minimum(bucket, len(buckets) - 1), len(buckets))


def _sums(amount: NDArray[np.float64], index: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    return np.bincount(index, amount, count).astype(np.float64)
