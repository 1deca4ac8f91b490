"""What drills came to: a row each, a sentence each, and the recovery from backups as measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from models.units import format_quantity

from ..results.columns import numbers_or_null, texts
from ..results.incidents import during
from ..results.kpis import Kpis
from ..results.tables import table
from .drill_record import DrillRecord
from .drill_watch import DrillWatch

if TYPE_CHECKING:
    from ..operations.running import Running


class DrillAccounts:
    """Figures, table and notes of the drills of a run."""

    def __init__(self, running: Running, watch: DrillWatch) -> None:
        self._running = running
        self._watch = watch

    def kpis(self, end_s: float) -> Kpis:
        """Return the worst recovery from a backup that a drill measured; nothing where none has restored any."""
        restores = [record for record in self._looked_at(end_s) if record.is_restore]
        if not restores:
            return {}
        return {
            "backup_rpo_s": _greatest([record.data_age_s for record in restores]),
            "backup_rto_s": _greatest([record.recovery_time_s for record in restores]),
        }

    def tables(self, end_s: float) -> Mapping[str, pa.Table]:
        """Return a row for each drill that began within the run; what did not happen by its end is null."""
        records = self._looked_at(end_s)
        hottest = [self._hottest(record, end_s) for record in records]

        def column(value: Callable[[DrillRecord], float]) -> pa.Array:
            return numbers_or_null(np.array([value(record) for record in records], np.float64))

        def counts(value: Callable[[DrillRecord], int]) -> pa.Array:
            return np.array([value(record) for record in records], np.int64)

        return {
            "drills": table(
                {
                    "drill": texts([record.drill.name for record in records]),
                    "lost": texts([record.what for record in records]),
                    "from_s": column(lambda record: record.began_s),
                    "detected_s": column(lambda record: record.detected_s),
                    "restored_s": column(lambda record: record.restored_s),
                    "back_s": column(lambda record: record.back_s),
                    "rto_s": column(lambda record: record.recovery_time_s),
                    "rto_objective_s": column(lambda record: _or_nan(record.drill.rto)),
                    "rpo_s": column(lambda record: record.recovery_point_s),
                    "rpo_objective_s": column(lambda record: _or_nan(record.drill.rpo)),
                    "broken": texts([", ".join(record.broken) for record in records]),
                    "jobs_hit": counts(lambda record: int(record.level.hit.sum())),
                    "interruptions": counts(lambda record: record.level.interruptions),
                    "lost_accelerator_h": column(lambda record: record.level.lost_accelerator_s / 3600.0),
                    "work_least_share": column(lambda record: record.level.least_share),
                    "nodes_out": counts(lambda record: record.level.nodes_before - record.level.least_nodes),
                    "inlet_greatest_c": numbers_or_null(np.array([each["inlet"] for each in hottest])),
                    "coolant_greatest_c": numbers_or_null(np.array([each["coolant"] for each in hottest])),
                }
            )
        }

    def notes(self, end_s: float) -> Sequence[str]:
        """Return what each drill came to, and those that the run did not reach."""
        told = [_sentence(record) for record in self._looked_at(end_s)]
        begun = {record.drill.name for record in self._watch.records}
        terms = self._running.given.operations
        late = [] if terms is None else [drill.name for drill in terms.drills if drill.name not in begun]
        if late:
            told.append(f"drills that the run ended before: {', '.join(late)}")
        return told

    def _looked_at(self, end_s: float) -> list[DrillRecord]:
        for record in self._watch.records:
            if math.isnan(record.over_s):
                record.level.look(end_s)
        return self._watch.records

    def _hottest(self, record: DrillRecord, end_s: float) -> dict[str, float]:
        building = self._running.building
        over_s = end_s if math.isnan(record.over_s) else record.over_s
        if building is None:
            return {"inlet": math.nan, "coolant": math.nan}
        return during(building.ledger, record.began_s, over_s)


def _sentence(record: DrillRecord) -> str:
    level, drill = record.level, record.drill
    if not level.hit.any():
        became = "no job felt it"
    else:
        back = "not back by the run's end"
        if not math.isnan(record.back_s):
            back = f"back as before after {_time(record.recovery_time_s)}"
        goes_on = f", {level.least_share:.0%} of the work went on at least" if level.least_share > 0.0 else ""
        became = (
            f"{counted(int(level.hit.sum()), 'job')} hit, {counted(level.interruptions, 'interruption')}, "
            f"{level.lost_accelerator_s / 3600.0:,.1f} accelerator-hours done anew, {back}{goes_on}"
        )
    if not math.isnan(record.data_age_s):
        became += f"; the data restored was {_time(record.data_age_s)} old"
    objectives = {"rto": drill.rto, "rpo": drill.rpo}
    judged = [
        f"{name.upper()} of {_time(objective)} {'broken' if name in record.broken else 'kept'}"
        for name, objective in objectives.items()
        if objective is not None
    ]
    return "; ".join([f"drill '{drill.name}' ({record.what}): {became}", *judged])


def counted(number: int, what: str) -> str:
    """Return "1 job" or "2 jobs"."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _time(time_s: float) -> str:
    return format_quantity(time_s, "duration", 3)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _greatest(values: Sequence[float]) -> float | None:
    """Return the greatest of some times, None where one of them is not known."""
    return None if any(math.isnan(value) for value in values) else max(values)
