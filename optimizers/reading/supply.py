"""How a plan feeds its sites, hour by hour: what panels, batteries and rented generation give beside the grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..formulation.formulation import Formulation

KW = 1e3
"""kW in a MW; kWh in a MWh."""
LEAST_UNITS = 0.5
"""Units below which there are none: they are whole, but for the solver's rounding."""
_FLOWS = (("grid", "grid_kw"), ("sun", "panels_kw"), ("charge", "charge_kw"), ("discharge", "discharge_kw"),
          ("stored", "stored_kwh"), ("bridging", "bridging_kw"))  # fmt: skip


def supply_of(formulation: Formulation) -> tuple[Mapping[str, Any], ...]:
    """Return a row for each hour that counts of a site, quarter and future with units beside the grid: the mean power
    of each in the hour [kW], and what batteries hold at its begin [kWh]."""
    f = formulation
    sites, futures = range(len(f.instance.sites)), range(len(f.instance.futures))
    rows: list[Mapping[str, Any]] = []
    for t in range(f.quarters):
        for s in sites:
            units = {name: _units(f, name, s, t) for name in ("battery", "panels", "rent_bridging")}
            if not any(units.values()):
                continue
            for o in futures:
                for h in f.counted[t]:
                    flows = {column: _flow(f, name, (s, t, h, o)) for name, column in _FLOWS}
                    where = {"site": f.names["s"][s], "quarter": f.names["t"][t], "future": f.names["o"][o], "hour": h}
                    counts = {
                        "batteries": units["battery"],
                        "panels": units["panels"],
                        "bridging": units["rent_bridging"],
                    }
                    rows.append({**where, **counts, **flows})
    return tuple(rows)


def _units(f: Formulation, name: str, s: int, t: int) -> int:
    variable = f.found[name].get((s, t))
    return round(variable.value) if variable is not None and variable.value > LEAST_UNITS else 0


def _flow(f: Formulation, name: str, key: tuple[int, int, int, int]) -> float:
    variable = f.found[name].get(key)
    # The sum makes 0 of -0, which HiGHS returns now and then.
    return max(variable.value, 0.0) * KW + 0.0 if variable is not None else 0.0
