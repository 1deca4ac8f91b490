"""From what was made to happen to a table of what it led to."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from ..facility.incidents import Incident
from ..facility.ledger import Ledger
from .columns import numbers, numbers_or_null, texts
from .kpis import J_PER_KWH
from .tables import table


def incidents_table(incidents: Sequence[Incident], ledger: Ledger | None, end_s: float) -> pa.Table:
    """Return a row for each incident that began within the run, in order of time.

    Temperatures are the greatest at any look at the building, `first_throttle_s` and `shutdown_s` the instants from
    which nodes were throttled or shut down first, all between the incident's start and its end or the run's; null
    where there was none, or no building was simulated. `withheld_kwh` is what caps withheld from work.
    """
    begun = sorted((each for each in incidents if each.from_s < end_s), key=lambda each: each.from_s)
    until_s = np.array([min(each.to_s, end_s) for each in begun])
    columns: dict[str, list[float]] = {name: [] for name in ("inlet", "coolant", "throttle", "shutdown")}
    for each, to_s in zip(begun, until_s.tolist(), strict=True):
        found = during(ledger, each.from_s, to_s) if ledger is not None else dict.fromkeys(columns, math.nan)
        for name, values in columns.items():
            values.append(found[name])
    withheld_j = np.array([each.withheld_j for each in begun])
    return table(
        {
            "incident": texts([each.what for each in begun]),
            "from_s": np.array([each.from_s for each in begun]),
            "to_s": until_s,
            "inlet_greatest_c": numbers_or_null(np.array(columns["inlet"])),
            "coolant_greatest_c": numbers_or_null(np.array(columns["coolant"])),
            "first_throttle_s": numbers_or_null(np.array(columns["throttle"])),
            "shutdown_s": numbers_or_null(np.array(columns["shutdown"])),
            "withheld_kwh": numbers(withheld_j / J_PER_KWH, np.isnan(withheld_j)),
        }
    )


def during(ledger: Ledger, from_s: float, to_s: float) -> dict[str, float]:
    """Return what a building saw between two instants: the greatest temperature of `inlet` and `coolant` [°C], and when
    nodes first `throttle` or were shut down (`shutdown`) [s]; NaN where there was none."""
    rows = (ledger.column("to_s") > from_s) & (ledger.column("from_s") < to_s)
    begins_s = ledger.column("from_s")

    def first_s(name: str) -> float:
        hit = np.flatnonzero(rows & (ledger.column(name) > 0.0))
        return float(max(begins_s[hit[0]], from_s)) if len(hit) else math.nan

    def greatest(name: str) -> float:
        return float(np.fmax.reduce(ledger.column(name)[rows], initial=-math.inf)) if rows.any() else math.nan

    coolant_c = greatest("coolant_c")
    return {
        "inlet": greatest("inlet_c"),
        "coolant": coolant_c if math.isfinite(coolant_c) else math.nan,
        "throttle": first_s("throttled_nodes"),
        "shutdown": first_s("shut_down_nodes"),
    }
