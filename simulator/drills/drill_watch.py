"""Looks at the jobs of every drill that is not over, whenever the hall has settled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from models.operations.drills.drill import Drill

from ..operations.outage import Outage
from .drill_record import DrillRecord
from .work_level import work_level

if TYPE_CHECKING:
    from ..operations.running import Running


class DrillWatch:
    """A component of the settlement that has nothing to run and changes nothing: it only looks."""

    unsettled = False
    finished = True

    def __init__(self, running: Running) -> None:
        self._running = running
        self.records: list[DrillRecord] = []
        """Every drill that has begun, in order."""

    def begin(self, drill: Drill, what: str, outages: list[Outage]) -> DrillRecord:
        """Return the record of a drill that begins now; `what` says in words what is lost."""
        record = DrillRecord(drill, what, work_level(self._running), outages)
        self.records.append(record)
        return record

    def announce(self) -> bool:
        """Nobody waits for it."""
        return False

    def settle(self, now_s: float) -> None:
        """Look at what is not over."""
        for record in self.records:
            if math.isnan(record.over_s):
                record.level.look(now_s)
                if record.restored_s <= now_s and record.level.is_well:
                    record.over_s = now_s

    def advance(self, until_s: float) -> float:
        """It has nothing to run."""
        return until_s
