"""Levers on a hall's energy, compared by their runs: what each saves for the same work, and what it costs elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from models.accounting.energy_bottleneck import EnergyBottlenecks, Lever, energy_bottlenecks
from models.problems import InputError, Problem

from .columns import numbers_or_null, texts
from .kpis import J_PER_KWH
from .result import Result
from .tables import table
from .work import WORK_UNIT

FIXES_SHARE = 0.01
"""A lever is against an end of energy if it takes at least this share off it for the same work: a definition."""


@dataclass(frozen=True)
class LeverOutcome:
    """A lever, best first by facility energy for a unit of work, and how its run differs for the base run's work.

    Savings and changes of cost, carbon and water are for the same work as the base run's; changes are above 0 where the
    lever takes more, None where a run does not have the figure. `makespan_change_s` compares the runs as they were.
    """

    rank: int
    lever: str
    per_task_hour_kwh: float
    saves_kwh: float
    saves_share: float
    pue: float | None
    cost_change_usd: float | None
    carbon_change_kg: float | None
    water_change_l: float | None
    makespan_change_s: float | None


@dataclass(frozen=True)
class Comparison:
    """Where the base run's energy went, and the levers against it."""

    bottlenecks: EnergyBottlenecks
    outcomes: tuple[LeverOutcome, ...]

    def destinations_table(self) -> pa.Table:
        """Return the ends of energy, greatest first, with the best lever against each; null where there is none."""
        rows = self.bottlenecks.destinations
        saves = [row.saves_kwh if row.best_lever else np.nan for row in rows]
        return table(
            {
                "destination": texts([row.destination for row in rows]),
                "energy_kwh": np.array([row.energy_kwh for row in rows]),
                "share": np.array([row.share for row in rows]),
                "per_task_hour_kwh": np.array([row.kwh_per_work for row in rows]),
                "best_lever": texts([row.best_lever for row in rows]),
                "saves_kwh": numbers_or_null(np.array(saves, np.float64)),
            }
        )

    def levers_table(self) -> pa.Table:
        """Return the levers, best first."""
        names = [name for name in LeverOutcome.__dataclass_fields__ if name not in ("rank", "lever")]
        columns = {
            name: numbers_or_null(np.array([getattr(row, name) for row in self.outcomes], np.float64)) for name in names
        }
        head = {
            "rank": np.array([row.rank for row in self.outcomes], np.int64),
            "lever": texts([row.lever for row in self.outcomes]),
        }
        return table(head | columns)


def bottlenecks(base: Result, levers: Mapping[str, Result]) -> Comparison:
    """Return where the energy of the base run went, and the levers ranked by the facility's energy for a unit of work.

    Each lever is a run of the same workload with one thing changed. A unit of work is an hour of a task at full clock:
    a hall whose clocks are low does the same work in a longer time. Where a lever changes the jobs themselves, as other
    hardware does that runs them faster, those hours are others: then each job that is completed counts as much as one
    of the base run. Raises InputError where the base run did no work.
    """
    work = _figure(base, "work_done_task_hours") or 0.0
    if not work > 0.0:
        raise InputError(Problem(base.name, "", "the run did no work: there is no energy for a unit of it"))
    ends_j = _ends_j(base)
    found = energy_bottlenecks(
        ends_j,
        facility_j=J_PER_KWH * (_figure(base, "facility_energy_kwh") or 0.0),
        work=work,
        work_unit=WORK_UNIT,
        levers=[_lever(name, run, ends_j, work, _work(base, run)) for name, run in levers.items()],
    )
    outcomes = tuple(
        LeverOutcome(
            row.rank,
            row.lever,
            row.kwh_per_work,
            row.saves_kwh,
            row.saves_share,
            _figure(levers[row.lever], "pue"),
            _change(base, levers[row.lever], "energy_cost_usd"),
            _change(base, levers[row.lever], "carbon_operational_kg"),
            _change(base, levers[row.lever], "water_l"),
            _change(base, levers[row.lever], "makespan_s", for_same_work=False),
        )
        for row in found.levers
    )
    return Comparison(found, outcomes)


def _lever(name: str, run: Result, base_ends_j: Mapping[str, float], base_work: float, work: float) -> Lever:
    ends_j = _ends_j(run)
    scale = base_work / work if work else np.inf
    fixes = [end for end, base_j in base_ends_j.items() if scale * ends_j.get(end, 0.0) < (1.0 - FIXES_SHARE) * base_j]
    return Lever(
        name,
        facility_j=J_PER_KWH * (_figure(run, "facility_energy_kwh") or 0.0),
        work=work,
        it_j=J_PER_KWH * (_figure(run, "it_energy_kwh") or 0.0),
        fixes=tuple(fixes) if work else (),
    )


def _ends_j(run: Result) -> dict[str, float]:
    energy = run.tables["energy"]
    return dict(zip(energy["destination"].to_pylist(), energy["energy_j"].to_pylist(), strict=True))


def _change(base: Result, run: Result, name: str, *, for_same_work: bool = True) -> float | None:
    before, after = _figure(base, name), _figure(run, name)
    base_work, work = _work(base, base), _work(base, run)
    if before is None or after is None or not base_work or not work:
        return None
    return (after * base_work / work if for_same_work else after) - before


def _work(base: Result, run: Result) -> float:
    """Return the work that a run did, in the unit of the base run."""
    if run.provenance["resolved"]["workload"] == base.provenance["resolved"]["workload"]:
        return _figure(run, "work_done_task_hours") or 0.0
    each = (_figure(base, "work_done_task_hours") or 0.0) / max(_figure(base, "jobs_completed") or 0.0, 1.0)
    return each * (_figure(run, "jobs_completed") or 0.0)


def _figure(run: Result, name: str) -> float | None:
    value = run.kpis.get(name)
    return None if value is None else float(value)
