"""A plan as tidy tables, each column with its unit."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from optimizers.plan import GROUPS, Plan

if TYPE_CHECKING:
    import pyarrow as pa

    from optimizers.tradeoff.front import FrontPoint

    from ..proof.comparison import ComparisonRow

GROUP_COLUMNS = {
    "C": "compute_usd",
    "B": "network_usd",
    "M": "maintenance_usd",
    "S": "security_usd",
    "O": "energy_usd",
}
"""The column of each group of cost."""


def plan_tables(plan: Plan, quarters: Sequence[str]) -> dict[str, pa.Table]:
    """Return the tables of a plan by name.

    `decisions`: what is bought, built or chosen. `costs`: the five groups by quarter, discounted, between what stood
    there before and what is left. `sites`: energy, carbon, water and peak by site and quarter. `upkeep`: crew, spares
    and contracts by site and quarter. `installed`: what stands there, by kind. `modules`: provisioned and stranded
    power. `served`: demand and what is served of it, by quarter and future. `served_by_site`: of what is served, what
    each site does. `operation`: nodes at work by hour of the representative days. `supply`: what feeds sites that have
    more than the grid, by the same hours.
    """
    rows: dict[str, list[Any]] = {
        "decisions": [
            {
                "site": each.site,
                "quarter": each.quarter,
                "kind": each.kind,
                "what": each.what,
                "count": each.count,
                "serves_from": each.in_service or each.quarter,
                "cost_usd": each.cost_usd,
            }
            for each in plan.decisions
        ],
        "costs": _costs(plan, quarters),
        "sites": _sites(plan),
        "upkeep": [
            {
                "site": each.site,
                "quarter": each.quarter,
                **{f"{part}_usd": each.upkeep_usd[part] for part in ("crew", "spares", "contracts")},
            }
            for each in plan.site_quarters
            if each.upkeep_usd
        ],
        "installed": _installed(plan),
        "modules": [
            {
                "site": each.site,
                "quarter": each.quarter,
                "what": module,
                "provisioned_kw": each.provisioned_kw.get(module, 0.0),
                "stranded_kw": each.stranded_kw.get(module, 0.0),
            }
            for each in plan.site_quarters
            for module in sorted({*each.provisioned_kw, *each.stranded_kw})
        ],
        "served": [
            {
                "work": each.work,
                "quarter": each.quarter,
                "future": each.future,
                "demand": each.demand,
                "served": each.served,
                "done": math.nan if each.done is None else each.done,
            }
            for each in plan.served
        ],
        "served_by_site": [
            {"work": each.work, "quarter": each.quarter, "future": each.future, "site": site, "served": served}
            for each in plan.served
            for site, served in each.by_site.items()
        ],
        "operation": list(plan.allocation),
        "supply": list(plan.supply),
    }
    return {name: _table(found) for name, found in rows.items() if found}


def proof_table(rows: Iterable[ComparisonRow]) -> dict[str, pa.Table]:
    """Return the table `proof`: every figure as planned and as delivered, in the unit that its row says."""
    plain = [
        {
            "figure": each.measure,
            "work": each.work,
            "unit": each.unit,
            "site": each.site,
            "quarter": each.quarter,
            "future": each.future,
            "planned": each.planned,
            "delivered": each.delivered,
            "difference": each.difference,
            "standard_error": each.standard_error,
            "within": float(each.within),
            "decides": float(each.decides),
        }
        for each in rows
    ]
    return {"proof": _table(plain)} if plain else {}


def front_table(points: Sequence[FrontPoint], groups: Sequence[Mapping[str, float]]) -> dict[str, pa.Table]:
    """Return the table `front`: a row for each plan, its objectives in their own units, gap and five groups."""
    plain = [
        {**point.values, "gap": point.gap, **{column: of[group] for group, column in GROUP_COLUMNS.items()}}
        for point, of in zip(points, groups, strict=True)
    ]
    return {"front": _table(plain)} if plain else {}


def _costs(plan: Plan, quarters: Sequence[str]) -> list[dict[str, Any]]:
    sold = (*plan.resale_by_quarter, *(0.0 for _ in plan.groups_by_quarter))
    rows = [("start", plan.taken_over, 0.0), *zip(quarters, plan.groups_by_quarter, sold, strict=False)]
    return [
        {"quarter": name, **{GROUP_COLUMNS[group]: groups[group] for group in GROUPS}, "resale_usd": usd}
        for name, groups, usd in [*rows, ("end", plan.left_at_end, 0.0)]
        if groups
    ]


def _sites(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "site": each.site,
            "quarter": each.quarter,
            "mode": each.mode,
            "it_energy_kwh": each.it_energy_kwh,
            "facility_energy_kwh": each.facility_energy_kwh,
            "grid_energy_kwh": each.grid_energy_kwh,
            "grid_peak_kw": each.grid_peak_kw,
            "pue": math.nan if each.pue is None else each.pue,
            "energy_usd": each.energy_usd,
            "carbon_kg": each.carbon_kg,
            "water_m3": each.water_m3,
        }
        for each in plan.site_quarters
    ]


def _installed(plan: Plan) -> list[dict[str, Any]]:
    return [
        {"site": each.site, "quarter": each.quarter, "kind": kind, "what": what, "count": count}
        for each in plan.site_quarters
        for kind, counts in (
            ("node", each.nodes), ("module", each.modules), ("fabric", each.fabrics), ("store", each.stores)
        )
        for what, count in counts.items()
    ]  # fmt: skip


def _table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    import numpy as np

    from ..results.columns import numbers_or_null, texts
    from ..results.tables import table

    columns: dict[str, Any] = {}
    for name, first in rows[0].items():
        values = [row[name] for row in rows]
        if isinstance(first, str):
            columns[name] = texts([str(value) for value in values])
        else:
            columns[name] = numbers_or_null(np.array(values, dtype=np.float64))
    return table(columns)
