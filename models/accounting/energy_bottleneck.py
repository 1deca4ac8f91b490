"""Where each kilowatt-hour went, and what it would save to do something about it.

Levers are ranked by the facility's energy for a unit of work, never by PUE: faster server fans count as IT and so lower
PUE while they waste energy, and a power cap may raise PUE while it saves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_J_PER_KWH = 3.6e6
_BALANCE = 1e-9
"""Relative difference up to which destinations are the whole: rounding of sums, as in the balance of plants."""


@dataclass(frozen=True)
class Lever:
    """What the facility would draw, and do, with one thing changed.

    `facility_j` and `it_j` [J] are those of the run with the change, `work` what that run did, in the unit of the run
    it is compared with. `fixes` names the destinations of energy that it is meant to shrink.
    """

    name: str
    facility_j: float
    work: float
    it_j: float = 0.0
    fixes: tuple[str, ...] = ()


@dataclass(frozen=True)
class DestinationRow:
    """Energy that went one way: kWh, share of the facility's, kWh per unit of work, and the best lever against it.

    `best_lever` is "" where none is meant for it or none of these saves; `saves_kwh` is what that lever saves of the
    whole facility's energy for the same work.
    """

    destination: str
    energy_kwh: float
    share: float
    kwh_per_work: float
    best_lever: str
    saves_kwh: float


@dataclass(frozen=True)
class LeverRow:
    """A lever: kWh per unit of work with it, what it saves for the work of the run, as kWh and share, and its PUE.

    Savings are negative where it costs energy. `pue` is None where the lever's IT energy is not known.
    """

    rank: int
    lever: str
    kwh_per_work: float
    saves_kwh: float
    saves_share: float
    pue: float | None


@dataclass(frozen=True)
class EnergyBottlenecks:
    """Destinations, greatest first, and levers, best first; `work_unit` is what the kWh are divided by."""

    work_unit: str
    facility_kwh: float
    kwh_per_work: float
    destinations: tuple[DestinationRow, ...]
    levers: tuple[LeverRow, ...]


def energy_bottlenecks(
    destinations_j: Mapping[str, float],
    *,
    facility_j: float,
    work: float,
    work_unit: str,
    levers: Sequence[Lever] = (),
) -> EnergyBottlenecks:
    """Return where the energy of a run went, and its levers ranked by facility kWh for a unit of work.

    `destinations_j` [J] names every end that energy came to (nodes busy, nodes idle, server fans, each stage's loss,
    compressors, fans, pumps, lighting, charge of batteries); they must add up to `facility_j` [J]. `work` is what the
    run did, above 0, in `work_unit` (node-hours, tokens, steps).

    Raises ValueError where destinations and facility differ by more than 1e-9, where there is no work, or where a lever
    fixes a destination that there is not.

    >>> idle = Lever("switch off idle nodes", facility_j=90 * 3.6e6, work=10.0, fixes=("nodes idle",))
    >>> found = energy_bottlenecks(
    ...     {"nodes busy": 70 * 3.6e6, "nodes idle": 20 * 3.6e6, "cooling": 10 * 3.6e6},
    ...     facility_j=100 * 3.6e6,
    ...     work=10.0,
    ...     work_unit="node-hour",
    ...     levers=[idle],
    ... )
    >>> [(row.destination, row.kwh_per_work, row.saves_kwh) for row in found.destinations]
    [('nodes busy', 7.0, 0.0), ('nodes idle', 2.0, 10.0), ('cooling', 1.0, 0.0)]
    """
    if not (work > 0.0 and math.isfinite(work)):
        raise ValueError(f"a run that did {work:g} {work_unit} has no energy per unit of work")
    total_j = math.fsum(destinations_j.values())
    if abs(total_j - facility_j) > _BALANCE * max(abs(facility_j), abs(total_j)):
        raise ValueError(f"destinations add up to {total_j:g} J, the facility drew {facility_j:g} J")
    unknown = sorted({name for lever in levers for name in lever.fixes} - set(destinations_j))
    if unknown:
        raise ValueError(f"no energy went to {', '.join(unknown)}; there are {', '.join(destinations_j)}")
    rows = _ranked(levers, facility_j, work)
    return EnergyBottlenecks(
        work_unit,
        facility_j / _J_PER_KWH,
        facility_j / _J_PER_KWH / work,
        tuple(
            _destination(name, energy_j, facility_j, work, levers, rows)
            for name, energy_j in sorted(destinations_j.items(), key=lambda item: -item[1])
        ),
        tuple(rows),
    )


def _ranked(levers: Sequence[Lever], facility_j: float, work: float) -> list[LeverRow]:
    """Return the levers, least energy for a unit of work first; a lever that did no work comes last."""
    rows: list[LeverRow] = []
    for lever in sorted(levers, key=_j_per_work):
        saves_j = facility_j - _j_per_work(lever) * work
        share = saves_j / facility_j if facility_j else 0.0
        kwh_per_work = _j_per_work(lever) / _J_PER_KWH
        pue = lever.facility_j / lever.it_j if lever.it_j else None
        rows.append(LeverRow(len(rows) + 1, lever.name, kwh_per_work, saves_j / _J_PER_KWH, share, pue))
    return rows


def _j_per_work(lever: Lever) -> float:
    return lever.facility_j / lever.work if lever.work > 0.0 else math.inf


def _destination(
    name: str, energy_j: float, facility_j: float, work: float, levers: Sequence[Lever], rows: Sequence[LeverRow]
) -> DestinationRow:
    meant = {lever.name for lever in levers if name in lever.fixes}
    best = next((row for row in rows if row.lever in meant and row.saves_kwh > 0.0), None)
    return DestinationRow(
        name,
        energy_j / _J_PER_KWH,
        energy_j / facility_j if facility_j else 0.0,
        energy_j / _J_PER_KWH / work,
        best.lever if best else "",
        best.saves_kwh if best else 0.0,
    )
